"""Owns the sockets of the load generator's viewers: enters, reads, answers pings, comes back. Knows no orders.

One epoll, and next to no Python a read: bytes that are what the room's reference says are only compared.
"""

import errno
import random
import re
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from bench.checker import whole_frame
from bench.dialects import (
    CLOSE,
    PING,
    PONG,
    TEXT,
    Dialect,
    Entered,
    Lovelm,
    Plain,
    Refused,
    client_frame,
    handshake,
)
from bench.group import Viewer

READ_BYTES = 65_536
TIMESTAMP_NS = 35  # SO_TIMESTAMPNS: the kernel says when the bytes came in
BIND_WITHOUT_PORT = (
    24  # IP_BIND_ADDRESS_NO_PORT: the port is chosen at connect, among those free for that peer
)
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with no time: no port waits out its connection
VIEWERS_A_SOURCE = 5_000  # of some 28,000 ports that an address has
PACE_TICK_S = 0.02
SLOW_BUFFER_BYTES = 4_096

_REPLY = re.compile(rb'^\{"id":(\d+),')
_ERROR = re.compile(rb'"error":\{"code":(\d+)')
_OFFSET = re.compile(rb'"offset":(\d+)')


class Sockets:
    """All viewers' connections. orders_fd: watched, too; take_orders: called when something can be read there."""

    def __init__(
        self,
        address: tuple[str, int],
        dialect: Dialect,
        path: str | None,
        orders_fd: int,
        take_orders: Callable[[], None],
    ) -> None:
        self.entering = 0
        """Viewers on their way in."""
        self._address = address
        self._dialect = dialect
        self._hello = handshake(path or dialect.path)
        self._epoll = select.epoll()
        self._by_fd: dict[int, Viewer] = {}
        self._paced: list[Viewer] = []
        self._paced_s = time.monotonic()
        self._returning: deque[tuple[float, Viewer]] = deque()
        self._made = 0
        self._orders_fd = orders_fd
        self._take_orders = take_orders
        self._epoll.register(orders_fd, select.EPOLLIN)

    def step(self, wait_s: float) -> None:
        """Reads what there is, waiting so long for something."""
        by_fd = self._by_fd
        for fd, event in self._epoll.poll(min(wait_s, 0.001) if self._paced else wait_s, 4_096):
            viewer = by_fd.get(fd)
            if viewer is None:
                if fd == self._orders_fd:
                    self._take_orders()
                continue
            if viewer.takes_time or event != select.EPOLLIN:
                self._attend(viewer, event)
                continue
            try:
                data = viewer.read(READ_BYTES)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            viewer.received += len(data)
            if data and viewer.text.startswith(data, viewer.position):
                viewer.position += len(data)
            else:
                self._take(viewer, data, 0)
        now_s = time.monotonic()
        if self._paced and now_s - self._paced_s >= PACE_TICK_S:
            self._read_paced(now_s)
        while self._returning and self._returning[0][0] <= now_s:
            self.enter(self._returning.popleft()[1])

    def enter(self, viewer: Viewer) -> None:
        """Opens a connection, the first one or a new one."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if viewer.bytes_per_s is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_BUFFER_BYTES)
        if viewer.latencies_ns is not None:
            sock.setsockopt(socket.SOL_SOCKET, TIMESTAMP_NS, 1)
        if self._address[0].startswith("127."):
            sock.setsockopt(socket.IPPROTO_IP, BIND_WITHOUT_PORT, 1)
            sock.bind((f"127.0.0.{2 + self._made // VIEWERS_A_SOURCE % 200}", 0))
        self._made += 1
        viewer.sock, viewer.fd, viewer.read = sock, sock.fileno(), sock.recv
        viewer.head = b""
        viewer.is_open, viewer.is_in, viewer.is_cut = True, False, False
        viewer.takes_time = viewer.latencies_ns is not None
        viewer.began_s = time.monotonic()
        self._by_fd[viewer.fd] = viewer
        self.entering += 1
        status = sock.connect_ex(self._address)
        if status not in (0, errno.EINPROGRESS):
            self._epoll.register(viewer.fd, 0)
            self._lose(viewer, errno.errorcode.get(status, str(status)))
            return
        self._epoll.register(viewer.fd, select.EPOLLOUT)

    def _attend(self, viewer: Viewer, event: int) -> None:
        if event & select.EPOLLOUT and not viewer.head:
            try:
                viewer.sock.send(self._hello)
            except OSError as exc:
                self._lose(viewer, errno.errorcode.get(exc.errno or 0, "OSError"))
                return
            viewer.head = b" "  # greeted
            self._epoll.modify(viewer.fd, select.EPOLLIN)
            return
        now_ns, arrived_ns = time.time_ns(), 0
        try:
            if viewer.takes_time:
                data, ancillary, _, _ = viewer.sock.recvmsg(READ_BYTES, 64)
                if ancillary:
                    seconds, ns = struct.unpack("qq", ancillary[0][2])
                    arrived_ns = seconds * 1_000_000_000 + ns
                    viewer.group.lags_ns.append(now_ns - arrived_ns)
            else:
                data = viewer.sock.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        viewer.received += len(data)
        self._take(viewer, data, arrived_ns or now_ns)

    def _take(self, viewer: Viewer, data: bytes, now_ns: int) -> None:
        if not data:
            self._lose(viewer, "1006")
        elif not viewer.is_in:
            self._come_in(viewer, data)
        else:
            if viewer.takes_time and viewer.text.startswith(data, viewer.position):
                viewer.move(viewer.position + len(data), now_ns)
                return
            for first, payload in viewer.take(data, now_ns):
                self._take_own(viewer, first, payload)
                if not viewer.is_open:
                    return

    def _come_in(self, viewer: Viewer, data: bytes) -> None:
        """Bytes before it is in its room: the handshake's answer and the answers to what it asked."""
        head = viewer.head[1:] + data
        if head.startswith(b"HTTP/"):
            end = head.find(b"\r\n\r\n")
            if end < 0:
                viewer.head = b" " + head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self._lose(viewer, head[9:12].decode(errors="replace"))
                return
            head = head[end + 4 :]
            position = None
            if viewer.epoch and viewer.next_number is not None:
                position = (viewer.epoch, viewer.next_number - 1)
            self.say(viewer, self._dialect.greeting(viewer.room, position=position))
            if type(self._dialect) is Plain:  # it has nothing to say
                self._is_in(viewer, None, head)
                return
        at = 0
        while (span := whole_frame(head, at)) is not None:
            first, payload = head[at], head[span[0] : span[1]]
            at = span[1]
            if first != TEXT:
                self._take_own(viewer, first, payload)
                if not viewer.is_open:
                    return
                continue
            try:
                answer = self._dialect.entered(payload)
            except Refused:
                self._lose(viewer, "refused")
                return
            if isinstance(answer, bytes):
                self.say(viewer, answer)
            elif answer is not None:
                self._note_return(viewer, answer)
                self._is_in(viewer, answer.number, head[at:])
                return
            elif (
                not viewer.room and isinstance(self._dialect, Lovelm) and self._dialect.is_connected(payload)
            ):
                self._is_in(viewer, None, head[at:])
                return
        viewer.head = b" " + head[at:]

    def _is_in(self, viewer: Viewer, number: int | None, rest: bytes) -> None:
        viewer.is_in = True
        viewer.head = b" "
        self.entering -= 1
        viewer.group.entries_s.append(time.monotonic() - viewer.began_s)
        viewer.begin(number)
        if viewer.bytes_per_s is not None:
            self.pace(viewer)
        if rest:
            self._take(viewer, rest, time.time_ns())

    def _note_return(self, viewer: Viewer, entered: Entered) -> None:
        """What it missed came along, or the server said that it could not be had."""
        is_back = bool(viewer.epoch) and viewer.next_number is not None
        viewer.epoch = entered.epoch or viewer.epoch
        if not is_back:
            return
        if entered.was_recovered and entered.number is not None:
            viewer.group.recovered["recovered"] += 1
            viewer.take_listed(entered.recovered, entered.number)
        else:
            viewer.group.recovered["not recovered"] += 1

    def _take_own(self, viewer: Viewer, first: int, payload: bytes) -> None:
        """A frame for this viewer alone."""
        if first == CLOSE:
            code = str(int.from_bytes(payload[:2], "big")) if len(payload) >= 2 else "1005"
            self.say(viewer, client_frame(payload[:2], CLOSE))
            self._lose(viewer, code)
        elif first == PING:
            self.say(viewer, client_frame(payload, PONG))
        elif first == TEXT:
            for line in payload.split(b"\n"):
                reply = _REPLY.match(line)
                if reply is not None and (asked := viewer.asked.pop(int(reply[1]), None)) is not None:
                    self._take_ack(viewer, asked, line)
                elif reply is not None and int(reply[1]) == 2:
                    self._take_join(viewer, payload)
                elif answer := self._dialect.answer(line):
                    self.say(viewer, answer)
        elif first != PONG:
            viewer.counts.garbled += 1

    def _take_join(self, viewer: Viewer, payload: bytes) -> None:
        """It had connected before, and is in its room now."""
        try:
            entered = self._dialect.entered(payload)
        except Refused:
            viewer.group.refused += 1
            self.entering -= 1
            return
        if entered is not None and not isinstance(entered, bytes):
            viewer.epoch = entered.epoch
            self.entering -= 1
            viewer.group.entries_s.append(time.monotonic() - viewer.began_s)
            if entered.number is not None:
                viewer.expect_after(entered.number)

    def _take_ack(self, viewer: Viewer, asked: tuple[int, int], line: bytes) -> None:
        group = viewer.group
        error = _ERROR.search(line)
        if error is not None:
            group.ack_errors[error[1].decode()] += 1
            return
        group.acks_ns.append(time.time_ns() - asked[0])
        offset = _OFFSET.search(line)
        if offset is not None:
            group.acked[viewer.room, int(offset[1])] = asked[1]

    def say(self, viewer: Viewer, frame: bytes) -> None:
        if not frame:
            return
        try:
            sent = viewer.sock.send(frame)
        except OSError:
            return  # its end is on its way, and is met by reading
        if sent != len(frame):
            viewer.counts.garbled += 1

    def _lose(self, viewer: Viewer, why: str) -> None:
        if not viewer.is_open:
            return
        if not viewer.is_in:
            viewer.group.refused += 1
        if not viewer.is_cut:
            viewer.group.closes[why] += 1
        self.drop(viewer)
        if viewer.recovers and not viewer.is_cut and (not why.startswith(("35", "45")) or len(why) != 4):
            self._returning.append((time.monotonic() + random.uniform(0.05, 0.3), viewer))

    def drop(self, viewer: Viewer) -> None:
        if viewer.is_open and not viewer.is_in:
            self.entering -= 1
        viewer.end()
        viewer.is_open = viewer.is_in = False
        viewer.asked.clear()
        self._by_fd.pop(viewer.fd, None)
        if viewer in self._paced:
            self._paced.remove(viewer)
        with suppress(OSError):
            self._epoll.unregister(viewer.fd)
        with suppress(OSError):
            viewer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        viewer.sock.close()

    def pace(self, viewer: Viewer) -> None:
        """It reads at its own rate from now on, and is parsed."""
        viewer.stays_alone = True
        viewer.go_alone()
        if viewer not in self._paced:
            viewer.allowance = 0.0
            self._epoll.unregister(viewer.fd)
            self._paced.append(viewer)

    def _read_paced(self, now_s: float) -> None:
        passed_s, self._paced_s = min(1.0, now_s - self._paced_s), now_s
        for viewer in list(self._paced):
            rate = viewer.bytes_per_s or 0.0
            viewer.allowance = min(viewer.allowance + rate * passed_s, max(rate, 1.0))
            if viewer.allowance < 1:
                continue
            try:
                data = viewer.sock.recv(int(viewer.allowance))
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            viewer.allowance -= len(data)
            viewer.received += len(data)
            self._take(viewer, data, time.time_ns())

    def unpace(self, viewer: Viewer) -> None:
        """It reads at once again."""
        if viewer in self._paced:
            self._paced.remove(viewer)
            viewer.stays_alone = False
            self._epoll.register(viewer.fd, select.EPOLLIN)

    def cut(self, viewer: Viewer, *, returns: bool) -> None:
        """Ends its connection with a reset. returns: it comes back at once, with its position."""
        viewer.is_cut = True
        self.drop(viewer)
        if returns:
            self._returning.appendleft((time.monotonic(), viewer))

    def drop_all(self) -> None:
        for viewer in list(self._by_fd.values()):
            self.drop(viewer)
