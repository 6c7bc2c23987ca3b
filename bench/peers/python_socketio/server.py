"""The room as python-socketio makes it: `enter_room`, and `emit(room=…)`; ASGI on uvicorn with its fast parts.

python server.py PORT
"""

import sys
from typing import Any

import socketio
import uvicorn

ROOM = "room"
server = socketio.AsyncServer(async_mode="asgi", transports=["websocket"], cors_allowed_origins="*")


@server.event
async def connect(sid: str, _environ: dict[str, Any], _auth: Any = None) -> None:
    await server.enter_room(sid, ROOM)


@server.event
async def say(_sid: str, text: str) -> None:
    await server.emit("line", text, room=ROOM)


def main(port: int) -> None:
    uvicorn.run(
        socketio.ASGIApp(server),
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        ws_per_message_deflate=False,
        log_level="warning",
        access_log=False,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
