"""The room as the `websockets` library makes it: a set of connections and `broadcast()`, uncompressed.

python server.py PORT [asyncio | uvloop]
"""

import asyncio
import sys

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
viewers: set[ServerConnection] = set()


async def watch(viewer: ServerConnection) -> None:
    viewers.add(viewer)
    try:
        async for line in viewer:
            broadcast(viewers, line)
    except ConnectionClosed:
        pass  # a viewer that left without a word
    finally:
        viewers.remove(viewer)


async def main(port: int) -> None:
    async with serve(watch, "127.0.0.1", port, compression=None) as server:
        await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=LOOPS[sys.argv[2] if len(sys.argv) > 2 else "uvloop"]) as runner:
        runner.run(main(int(sys.argv[1])))
