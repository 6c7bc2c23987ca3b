"""Cuts every viewer of an edge off at the same moment and measures how they come back.

    python -m bench.storm [--viewers 2000] [--lines 20] [--deadline 60] [--cold] [--quick]

Starts the platform in a directory of its own (embedded servers, no Envoy), connects the viewers to the edge's own
port, has `--lines` lines said, cuts all sockets with a reset, has as many lines said while everybody is away, and lets
all come back at once, each with its position. Tells who is back with `recovered: true`, whether anybody
lacks or doubles an event, the edge's reads of the log, and the times.

Then once more, cold: the edge is ended by SIGKILL and started anew by the launcher before they come back, so that
nothing of the room is in its memory. --cold: only that.
"""

import argparse
import json
import os
import re
import resource
import signal
import socket
import struct
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

from bench import results
from bench.platform import ONLY_ANSWERS
from tests.launched import running

ROOM = "oh-yul"
CHANNEL = f"room:{ROOM}"
HANDSHAKE = (
    b"GET /connection/websocket HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with no time: the socket ends with RST, as a cut would
FILES_BESIDE_VIEWERS = 512

Json = dict[str, Any]


@dataclass
class Viewer:
    """One viewer: what it has seen, over all its connections. offsets: of durable events, in order of arrival."""

    port: int
    epoch: str = ""
    offset: int = 0
    first: int = 0
    offsets: list[int] = field(default_factory=list)
    recovered: bool | None = None
    back_s: float = 0.0
    tries: int = 0
    _stream: trio.SocketStream | None = None
    _received: bytearray = field(default_factory=bytearray)

    async def enter(self) -> None:
        """Connects and subscribes; with a position from the second time on."""
        self.tries += 1
        self._received.clear()
        self._stream = await trio.open_tcp_stream("127.0.0.1", self.port)
        await self._stream.send_all(HANDSHAKE)
        head = await self._until(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101 "):
            raise OSError(head.split(b"\r\n", 1)[0].decode())
        subscribe: Json = {"channel": CHANNEL}
        if self.epoch:
            subscribe.update(recover=True, epoch=self.epoch, offset=self.offset)
        await self.send({"id": 1, "connect": {}}, {"id": 2, "subscribe": subscribe})
        result = (await self.reply(2))["subscribe"]
        if self.epoch:
            self.recovered = result["recovered"]
        else:
            self.epoch, self.offset, self.first = result["epoch"], result["offset"], result["offset"]
        for publication in result["publications"]:
            self._note(publication)

    async def say(self, text: str, client_id: str) -> None:
        data = {"channel": CHANNEL, "text": text, "id": client_id}
        await self.send({"id": 3, "rpc": {"method": "say", "data": data}})
        reply = await self.reply(3)
        assert "rpc" in reply, reply

    async def follow(self) -> None:
        """Reads until the connection ends."""
        try:
            while True:
                self._take(await self._message())
        except (OSError, trio.BrokenResourceError, trio.ClosedResourceError):
            return

    def cut(self) -> None:
        """Ends the connection with a reset, without a word."""
        if self._stream is not None:
            raw = self._stream.socket
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            raw.close()

    async def send(self, *commands: Json) -> None:
        assert self._stream is not None
        payload = "\n".join(json.dumps(command) for command in commands).encode()
        size = (
            bytes((0x80 | len(payload),)) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        )
        await self._stream.send_all(b"\x81" + size + bytes(4) + payload)

    async def reply(self, number: int) -> Json:
        while True:
            found: Json | None = None
            for line in await self._message():
                message = json.loads(line)
                if message.get("id") == number:
                    found = message
                else:
                    self._take([line])
            if found is not None:
                return found

    def _take(self, lines: list[bytes]) -> None:
        for line in lines:
            message = json.loads(line)
            if "pub" in message.get("push", {}):
                self._note(message["push"]["pub"])

    def _note(self, publication: Json) -> None:
        if "offset" in publication:
            self.offset = publication["offset"]
            self.offsets.append(self.offset)

    async def _message(self) -> list[bytes]:
        """The lines of the next text frame. Raises OSError at the end."""
        assert self._stream is not None
        while True:
            first, size = await self._take_bytes(2)
            if size == 126:
                size = int.from_bytes(await self._take_bytes(2), "big")
            elif size == 127:
                size = int.from_bytes(await self._take_bytes(8), "big")
            payload = await self._take_bytes(size)
            if first == 0x88:
                raise OSError(f"closed with {int.from_bytes(payload[:2], 'big')}")
            if payload == b"{}":
                await self._stream.send_all(b"\x81\x82" + bytes(4) + b"{}")
                continue
            return payload.split(b"\n")

    async def _until(self, end: bytes) -> bytes:
        while end not in self._received:
            await self._read()
        at = self._received.index(end) + len(end)
        return await self._take_bytes(at)

    async def _take_bytes(self, size: int) -> bytes:
        while len(self._received) < size:
            await self._read()
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken

    async def _read(self) -> None:
        assert self._stream is not None
        data = await self._stream.receive_some(65_536)
        if not data:
            raise OSError("the connection has ended")
        self._received += data


@dataclass
class Measured:
    """A storm, measured."""

    viewers: int
    connected_s: float
    back_s: list[float]
    recovered: int
    whole: int
    tries: int
    reads: float
    missed: int


async def storm(port: int, viewers: int, lines: int, deadline_s: float, restart: Any) -> Measured:
    """restart: called while everybody is away, or None."""
    crowd = [Viewer(port) for _ in range(viewers)]
    speaker = Viewer(port)
    async with trio.open_nursery() as nursery:
        began = time.perf_counter()
        entering = trio.Semaphore(200)  # the crowd gathers at leisure; it is the coming back that is measured

        async def enter(viewer: Viewer) -> None:
            async with entering:
                await viewer.enter()

        async with trio.open_nursery() as gathering:
            for viewer in crowd:
                gathering.start_soon(enter, viewer)
        connected_s = time.perf_counter() - began
        for viewer in crowd:
            nursery.start_soon(viewer.follow)
        await speaker.enter()
        await say_lines(speaker, lines, "before")
        last = speaker.offset
        with trio.move_on_after(deadline_s):
            while any(viewer.offset < last for viewer in crowd):  # noqa: ASYNC110  the end of a wait of a benchmark
                await trio.sleep(0.05)

        for viewer in crowd:
            viewer.cut()
        await say_lines(speaker, lines, "away")
        missed = speaker.offset - last
        if restart is not None:
            speaker.cut()
            await restart()
        reads = await log_reads(port)

        began = time.perf_counter()
        async with trio.open_nursery() as returning:
            for viewer in crowd:
                returning.start_soon(come_back, viewer, began, deadline_s)
        reads = await log_reads(port) - reads
        nursery.cancel_scope.cancel()
    return Measured(
        viewers,
        connected_s,
        sorted(viewer.back_s for viewer in crowd if viewer.back_s),
        sum(viewer.recovered is True for viewer in crowd),
        sum(viewer.offsets == list(range(viewer.first + 1, viewer.offset + 1)) for viewer in crowd),
        sum(viewer.tries for viewer in crowd) - viewers,
        reads,
        missed,
    )


async def come_back(viewer: Viewer, began: float, deadline_s: float) -> None:
    """At once, and again a moment later for as long as it is refused."""
    with trio.move_on_after(deadline_s):
        while True:
            try:
                await viewer.enter()
            except (OSError, trio.BrokenResourceError):
                await trio.sleep(0.2)
                continue
            viewer.back_s = time.perf_counter() - began
            return


async def say_lines(speaker: Viewer, lines: int, name: str) -> None:
    for number in range(lines):
        await speaker.say(f"{name} {number}", f"{name}-{os.getpid()}-{number}")
        await trio.sleep(0.02)


async def log_reads(port: int) -> float:
    """The edge's counter."""
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    async with stream:
        await stream.send_all(b"GET /metrics HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
        text = b"".join([data async for data in stream]).decode()
    found = re.search(r"^lovelm_edge_log_reads_total ([\d.e+]+)", text, re.MULTILINE)
    assert found is not None, "the edge has no such counter"
    return float(found[1])


def row(measured: Measured, *, is_cold: bool) -> results.Row:
    back = measured.back_s

    def at(share: float) -> float | None:
        return back[min(len(back) - 1, int(share * len(back)))] if back else None

    return {
        "storm": "edge killed" if is_cold else "sockets cut",
        "viewers": measured.viewers,
        "gathered_s": measured.connected_s,
        "events_missed_by_each": measured.missed,
        "back": len(back),
        "recovered": measured.recovered,
        "without_gap_or_double": measured.whole,
        "tries": measured.tries,
        "log_reads": measured.reads,
        "back_p50_s": at(0.5),
        "back_p99_s": at(0.99),
        "back_last_s": at(1.0),
    }


def allow_files(viewers: int) -> None:
    """Both ends of every viewer stand on this machine, each in a process of its own."""
    wanted = viewers + FILES_BESIDE_VIEWERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and wanted > hard:
        sys.exit(f"{viewers} viewers need {wanted} files, this shell allows {hard}: ulimit -Hn")
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def measure(given: argparse.Namespace, *, is_cold: bool) -> Measured:
    """One storm, on a platform of its own."""
    limits = {
        "LOVELM_SAY_RATE": "1000",
        "LOVELM_SAY_BURST": "1000",
        "LOVELM_KNOBS": ONLY_ANSWERS,
        "LOVELM_LOG_LEVEL": "warning",
    }
    with tempfile.TemporaryDirectory() as home, running(Path(home), "--no-envoy", **limits) as platform:

        async def restart() -> None:
            [edge] = [row for row in platform.ps() if row["name"].startswith("edge")]
            os.kill(edge["pid"], signal.SIGKILL)
            await trio.sleep(0.1)
            with trio.fail_after(given.deadline):
                while True:
                    try:
                        await log_reads(platform.port)
                        return
                    except OSError:
                        await trio.sleep(0.1)

        return trio.run(
            storm,
            platform.port,
            given.viewers,
            given.lines,
            given.deadline,
            restart if is_cold else None,
        )


def main() -> None:
    parser = results.arguments("storm", "All viewers of an edge cut off at once.")
    parser.add_argument("--viewers", type=int, default=2_000)
    parser.add_argument(
        "--lines", type=int, default=20, help="said before the cut, and again while all are away"
    )
    parser.add_argument("--deadline", type=float, default=60.0, help="seconds for all to be back")
    parser.add_argument("--cold", action="store_true", help="only with a new edge, with nothing in memory")
    given = parser.parse_args()
    if given.quick:
        given.viewers, given.lines = 100, 5
    allow_files(given.viewers)
    part = results.part_of("storm", given)
    all_measured = []
    for is_cold in (True,) if given.cold or given.quick else (False, True):
        measured = measure(given, is_cold=is_cold)
        part.add(**row(measured, is_cold=is_cold))
        all_measured.append(measured)
    part.note(
        "Viewers, a Python process, and platform share the machine's cores: the times are an upper bound."
    )
    part.save()
    if any(not each.whole == each.recovered == each.viewers for each in all_measured):
        sys.exit("not everybody is back and whole")


if __name__ == "__main__":
    main()
