"""Owns the comparison of ways to write one frame to many sockets from Python: what `edge.fanout` was chosen from.

    python -m bench.tries [--quick]

1,000 TCP connections over loopback; a process of its own reads and throws away. The ways take turns within each round,
so that what else the machine does hits all of them alike; CPU time counts, the median over the rounds.
"""

import os
import select
import socket
import statistics
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import repeat
from operator import methodcaller

from bench.results import arguments, part_of
from edge.fanout import fan_out
from edge.frames import Frame, Kind, Push, frame_of

VIEWERS = 1_000
ROUNDS = {200: 100, 2_000: 40, 16_000: 20, 64_000: 10}
"""By bytes of payload."""


class Viewer:
    """A receiver whose socket takes everything: the reader is faster than the writer, or the way waits."""

    __slots__ = ("fd", "raw", "send_now")

    def __init__(self, raw: socket.socket) -> None:
        self.raw = raw
        self.fd = raw.fileno()
        self.send_now: Callable[[bytes], int] = raw.send

    def send(self, frame: bytes) -> bool:
        """The way of the first edge: a method of the connection, one of its stream, then the socket's."""
        return self.write(frame)

    def write(self, frame: bytes) -> bool:
        try:
            sent_bytes = self.raw.send(frame)
        except (BlockingIOError, InterruptedError):
            sent_bytes = 0
        except OSError:
            return True
        return sent_bytes == len(frame)

    def queue(self, _frame: Frame, _sent_bytes: int) -> bool:
        raise RuntimeError("the reader did not keep up")

    def lost(self) -> None:
        raise RuntimeError("the reader is gone")

    def close(self, _code: int) -> None:
        raise RuntimeError("the reader did not keep up")


def bare(frame: Frame, viewers: Sequence[Viewer]) -> None:
    data = frame.data
    for viewer in viewers:
        viewer.raw.send(data)


def bare_bound(sends: Sequence[Callable[[bytes], int]], data: bytes) -> None:
    for send in sends:
        send(data)


def two_methods(frame: Frame, viewers: Sequence[Viewer]) -> None:
    delivered, slow = 0, []
    for viewer in viewers:
        if viewer.send(frame.data):
            delivered += 1
        else:
            slow.append(viewer)


def mapped(frame: Frame, viewers: Sequence[Viewer]) -> None:
    size = len(frame.data)
    for sent_bytes in map(methodcaller("send_now", frame.data), viewers):
        if sent_bytes != size:
            raise RuntimeError("the reader did not keep up")


def mapped_bound(sends: Sequence[Callable[[bytes], int]], data: bytes) -> None:
    deque(map(_call, sends, repeat(data)), maxlen=0)


def _call(send: Callable[[bytes], int], data: bytes) -> int:
    return send(data)


def os_write(fds: Sequence[int], data: bytes) -> None:
    size = len(data)
    write = os.write
    for fd in fds:
        if write(fd, data) != size:
            raise RuntimeError("the reader did not keep up")


def os_write_mapped(fds: Sequence[int], data: bytes) -> None:
    deque(map(os.write, fds, repeat(data)), maxlen=0)


def send_message(viewers: Sequence[Viewer], pieces: Sequence[bytes]) -> None:
    for viewer in viewers:
        viewer.raw.sendmsg(pieces)


def sliced(frame: Frame, viewers: list[Viewer | None]) -> None:
    """As the audience does: places of 100, without those who left."""
    for first in range(0, len(viewers), 100):
        fan_out(frame, [viewer for viewer in viewers[first : first + 100] if viewer is not None])


def read_all(address: tuple[str, int], cpu: int) -> None:
    os.sched_setaffinity(0, {cpu})
    poll, sockets, buffer = select.epoll(), {}, bytearray(1 << 20)
    for _ in range(VIEWERS):
        sock = socket.create_connection(address)
        sock.setblocking(False)
        sockets[sock.fileno()] = sock
        poll.register(sock, select.EPOLLIN)
    while sockets:
        for fd, _ in poll.poll():
            if not sockets[fd].recv_into(buffer):
                poll.unregister(fd)
                sockets.pop(fd).close()


def connect() -> list[Viewer]:
    """1,000 connections to a reader in a process of its own, which ends with them."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=VIEWERS)
    cpus = sorted(os.sched_getaffinity(0))
    if os.fork() == 0:
        try:
            read_all(listening.getsockname(), cpus[-1])
        finally:
            os._exit(0)
    os.sched_setaffinity(0, {cpus[0]})
    viewers = []
    for _ in range(VIEWERS):
        raw, _ = listening.accept()
        raw.setblocking(False)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 21)
        viewers.append(Viewer(raw))
    return viewers


def measure(ways: dict[str, Callable[[], None]], rounds: int) -> dict[str, tuple[float, float]]:
    """(CPU us, wall us) of each way for one send, median."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            time.sleep(0.004)  # the reader empties its sockets
            cpu, wall = time.process_time(), time.perf_counter()
            way()
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            taken[name].append((cpu / VIEWERS * 1e6, wall / VIEWERS * 1e6))
    return {
        name: (statistics.median(c for c, _ in times), statistics.median(w for _, w in times))
        for name, times in taken.items()
    }


def main() -> None:
    given = arguments("tries", "ways to write one frame to many sockets").parse_args()
    part = part_of("tries", given)
    viewers = connect()
    sends = [viewer.raw.send for viewer in viewers]
    fds = [viewer.fd for viewer in viewers]
    for payload_bytes in list(ROUNDS)[: 1 if given.quick else None]:
        frame = frame_of([Push(b"x" * payload_bytes, Kind.DURABLE, "room:a")])
        data = frame.data
        head, body = data[:4], data[4:]
        ways: dict[str, Callable[[], None]] = {
            "for viewer: viewer.raw.send": lambda: bare(frame, viewers),  # noqa: B023  # called in this round
            "for send in bound methods": lambda: bare_bound(sends, data),  # noqa: B023
            "two methods a viewer (the first edge)": lambda: two_methods(frame, viewers),  # noqa: B023
            "fan_out": lambda: fan_out(frame, viewers),  # type: ignore[arg-type]  # noqa: B023
            "fan_out in places of 100": lambda: sliced(frame, viewers),  # type: ignore[arg-type]  # noqa: B023
            "map(methodcaller)": lambda: mapped(frame, viewers),  # noqa: B023
            "map over bound methods": lambda: mapped_bound(sends, data),  # noqa: B023
            "for fd: os.write": lambda: os_write(fds, data),  # noqa: B023
            "map(os.write)": lambda: os_write_mapped(fds, data),  # noqa: B023
            "sendmsg of two pieces": lambda: send_message(viewers, (head, body)),  # noqa: B023
        }
        taken = measure(ways, 3 if given.quick else ROUNDS[payload_bytes])
        bare_us = taken["for send in bound methods"][0]
        for name, (cpu_us, wall_us) in taken.items():
            part.add(
                payload_bytes=payload_bytes,
                way=name,
                cpu_us=cpu_us,
                wall_us=wall_us,
                to_bare=cpu_us / bare_us,
            )
    part.note(
        "one core for the writer, another for the reader, of a machine that others use, too: read the ratios"
    )
    for viewer in viewers:
        viewer.raw.close()
    part.save()


if __name__ == "__main__":
    main()
