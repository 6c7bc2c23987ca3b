"""Owns thousands of viewers' sockets in one process: enters, reads, speaks, and checks what each of them receives.

    python -m bench.viewers --port 8080 [--dialect lovelm|plain|socketio] [--cpu 1]

Driven by JSON lines on stdin, one order each, answered by a line on stdout (`bench.crowd` speaks for you). One thread,
one epoll, next to no Python a read. Latencies are taken from sampled viewers, up to the moment at which the kernel had
the bytes for the viewer: the time that this process took to come round to the socket is not the server's.
"""

import argparse
import errno
import gc
import json
import os
import random
import re
import resource
import select
import socket
import struct
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any

from bench.checker import Counts, Reading, Reference, whole_frame
from bench.dialects import (
    CLOSE,
    DIALECTS,
    PING,
    PONG,
    TEXT,
    Lovelm,
    Refused,
    client_frame,
    handshake,
    text_of,
)

READ_BYTES = 65_536
TIMESTAMP_NS = 35  # SO_TIMESTAMPNS: the kernel says when the bytes came in
BIND_WITHOUT_PORT = (
    24  # IP_BIND_ADDRESS_NO_PORT: the port is chosen at connect, among those free for that peer
)
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
VIEWERS_A_SOURCE = 5_000
PACE_TICK_S = 0.02
LATENCIES_MOST = 2_000_000

Json = dict[str, Any]
Task = Generator[None, None, Json]
_REPLY = re.compile(rb'^\{"id":(\d+),')
_ERROR = re.compile(rb'"error":\{"code":(\d+)')
_OFFSET = re.compile(rb'"offset":(\d+)')


class Viewer(Reading):
    """One connection. bytes_per_s: how fast it reads; None: at once."""

    __slots__ = (
        "allowance", "asked", "began_s", "bytes_per_s", "epoch", "fd", "group", "head", "is_cut", "is_in", "is_open",
        "read", "received", "recovers", "room", "sock", "takes_time",
    )  # fmt: skip

    def __init__(self, reference: Reference, group: "Group", room: str) -> None:
        super().__init__(reference)
        self.group = group
        self.room = room
        self.epoch = ""
        self.received = 0
        self.asked: dict[int, tuple[int, int]] = {}
        self.bytes_per_s: float | None = None
        self.allowance = 0.0
        self.recovers = False
        self.takes_time = False
        self.is_in = self.is_open = self.is_cut = False


class Group:
    """Viewers that are counted together."""

    def __init__(self) -> None:
        self.viewers: list[Viewer] = []
        self.closes: Counter[str] = Counter()
        self.refused = 0
        self.entries_s: list[float] = []
        self.recovered: Counter[str] = Counter()
        self.lags_ns: list[int] = []
        self.acks_ns: list[int] = []
        self.ack_errors: Counter[str] = Counter()
        self.acked: dict[tuple[str, int], int] = {}
        self.said = 0
        self.late_s = 0.0

    def forget(self) -> None:
        """Counts from zero. Who is in stays in."""
        for viewer in self.viewers:
            viewer.settle()
            viewer.counts = Counts()
            viewer.received = 0
            if viewer.latencies_ns is not None:
                viewer.latencies_ns = []
        for column in (
            self.lags_ns,
            self.acks_ns,
            self.entries_s,
            self.closes,
            self.ack_errors,
            self.recovered,
        ):
            column.clear()
        self.acked.clear()
        self.said = self.refused = 0
        self.late_s = 0.0


class Viewers:
    """All groups, and the one loop."""

    def __init__(self, host: str, port: int, dialect: str, path: str | None) -> None:
        self._address = (host, port)
        self._dialect = DIALECTS[dialect]()
        self._hello = handshake(path or self._dialect.path)
        self._epoll = select.epoll()
        self._by_fd: dict[int, Viewer] = {}
        self._groups: dict[str, Group] = {}
        self._references: dict[str, Reference] = {}
        self._tasks: list[tuple[Any, Task]] = []
        self._paced: list[Viewer] = []
        self._paced_s = time.monotonic()
        self._returning: deque[tuple[float, Viewer]] = deque()
        self._orders = b""
        self._made = 0
        self._line = 0
        self._entering = 0
        self._is_over = False
        self._epoll.register(0, select.EPOLLIN)

    def run(self) -> None:
        """Until `end`, or until stdin is closed."""
        os.set_blocking(0, False)
        gc.disable()  # ten thousand viewers in its lists, and nothing here makes cycles
        while not self._is_over:
            self._step()

    # -- the loop -------------------------------------------------------------------------------------

    def _step(self) -> None:
        by_fd = self._by_fd
        for fd, event in self._epoll.poll(0.001 if self._tasks or self._paced else 0.05, 4_096):
            viewer = by_fd.get(fd)
            if viewer is None:
                if fd == 0:
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
            self._enter(self._returning.popleft()[1])
        for task in list(self._tasks):
            self._resume(task)

    def _resume(self, task: tuple[Any, Task]) -> None:
        number, steps = task
        try:
            next(steps)
            return
        except StopIteration as end:
            answer = {"to": number, "ok": end.value}
        except Exception as exc:  # told to whoever gave the order, who fails with it
            answer = {"to": number, "failed": f"{type(exc).__name__}: {exc}"}
        self._tasks.remove(task)
        self._answer(answer)

    def _take_orders(self) -> None:
        data = os.read(0, READ_BYTES)
        if not data:
            self._is_over = True
            return
        *lines, self._orders = (self._orders + data).split(b"\n")
        for line in lines:
            order = json.loads(line)
            steps: Callable[..., Task] = getattr(self, f"do_{order.pop('do')}")
            self._tasks.append((order.pop("number"), steps(**order)))

    def _answer(self, answer: Json) -> None:
        print(json.dumps(answer), flush=True)

    # -- one viewer -----------------------------------------------------------------------------------

    def _enter(self, viewer: Viewer) -> None:
        """Opens a connection, the first one or a new one."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if viewer.bytes_per_s is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
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
        self._entering += 1
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
                viewer._move(viewer.position + len(data), now_ns)
                return
            for first, payload in viewer.take(data, now_ns):
                self._take_own(viewer, first, payload)
                if not viewer.is_open:
                    return

    def _come_in(self, viewer: Viewer, data: bytes) -> None:
        """Bytes before it is in its room: the handshake's answer and the answers to what it asked."""
        head = viewer.head[1:] + data
        if not viewer.began_s or head.startswith(b"HTTP/"):
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
            self._say(viewer, self._dialect.greeting(viewer.room, position=position))
            if not isinstance(self._dialect, Lovelm) and type(self._dialect) is DIALECTS["plain"]:
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
                self._say(viewer, answer)
            elif answer is not None:
                viewer.epoch = answer.epoch or viewer.epoch
                number = answer.number
                if answer.was_recovered and viewer.next_number is not None:
                    viewer.group.recovered["recovered"] += 1
                    viewer.take_listed(answer.recovered)
                elif viewer.next_number is not None and viewer.epoch:
                    viewer.group.recovered["not recovered"] += 1
                self._is_in(viewer, number, head[at:])
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
        self._entering -= 1
        if len(viewer.group.entries_s) < LATENCIES_MOST:
            viewer.group.entries_s.append(time.monotonic() - viewer.began_s)
        viewer.begin(number)
        if viewer.bytes_per_s is not None:
            self._pace(viewer)
        if rest:
            self._take(viewer, rest, time.time_ns())

    def _take_own(self, viewer: Viewer, first: int, payload: bytes) -> None:
        """A frame for this viewer alone."""
        if first == CLOSE:
            code = str(int.from_bytes(payload[:2], "big")) if len(payload) >= 2 else "1005"
            self._say(viewer, client_frame(payload[:2], CLOSE))
            self._lose(viewer, code)
        elif first == PING:
            self._say(viewer, client_frame(payload, PONG))
        elif first == TEXT:
            for line in payload.split(b"\n"):
                reply = _REPLY.match(line)
                if reply is not None and (asked := viewer.asked.pop(int(reply[1]), None)) is not None:
                    self._take_ack(viewer, asked, line)
                elif reply is not None and int(reply[1]) == 2:
                    self._take_join(viewer, payload)
                elif answer := self._dialect.answer(line):
                    self._say(viewer, answer)
        elif first != PONG:
            viewer.counts.garbled += 1

    def _take_join(self, viewer: Viewer, payload: bytes) -> None:
        """It had connected before, and is in its room now."""
        try:
            entered = self._dialect.entered(payload)
        except Refused:
            viewer.group.refused += 1
            self._entering -= 1
            return
        if entered is not None and not isinstance(entered, bytes):
            viewer.epoch = entered.epoch
            self._entering -= 1
            viewer.group.entries_s.append(time.monotonic() - viewer.began_s)
            viewer.go_alone()
            viewer._next = None if entered.number is None else entered.number + 1

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

    def _say(self, viewer: Viewer, frame: bytes) -> None:
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
            self._entering -= 1
            viewer.group.refused += 1
        if not viewer.is_cut:
            viewer.group.closes[why] += 1
        self._drop(viewer)
        if viewer.recovers and not viewer.is_cut and (not why.startswith(("35", "45")) or len(why) != 4):
            self._returning.append((time.monotonic() + random.uniform(0.05, 0.3), viewer))

    def _drop(self, viewer: Viewer) -> None:
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

    def _pace(self, viewer: Viewer) -> None:
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

    # -- orders ---------------------------------------------------------------------------------------

    def do_connect(
        self,
        n: int,
        group: str,
        rooms: list[str],
        per_s: float | None,
        at_once: int,
        samples: int,
        bytes_per_s: float | None,
        recovers: bool,
        tries: int,
        within_s: float,
    ) -> Task:
        """n more viewers, spread over the rooms in turn. per_s: begun at that rate, however the answers come; None: as
        fast as they come, `at_once` on their way at most. samples: how many of them note their latencies."""
        here = self._groups.setdefault(group, Group())
        refused_before, entered_before = here.refused, len(here.entries_s)
        every = max(1, n // samples) if samples else 0
        new = []
        for number in range(n):
            room = rooms[number % len(rooms)]
            reference = self._references.setdefault(room, Reference(self._dialect))
            viewer = Viewer(reference, here, room)
            viewer.bytes_per_s, viewer.recovers = bytes_per_s, recovers
            if samples and (number % every == 0 or number == n - 1):
                viewer.latencies_ns = []
            new.append(viewer)
        here.viewers += new
        began_s = time.monotonic()
        waiting = deque((viewer, 1) for viewer in new)
        trying: list[tuple[Viewer, int]] = []
        started = 0
        while time.monotonic() - began_s < within_s:
            now_s = time.monotonic()
            while (
                waiting
                and self._entering < at_once
                and (per_s is None or started < per_s * (now_s - began_s))
            ):
                viewer, attempt = waiting.popleft()
                self._enter(viewer)
                started += 1
                trying.append((viewer, attempt))
                if per_s is None and started % 64 == 0:
                    break  # answers are read in between
            if len(trying) > 512 or not waiting:
                still = [(viewer, attempt) for viewer, attempt in trying if not viewer.is_in]
                if tries > 1:
                    again = [(v, attempt) for v, attempt in still if not v.is_open and attempt < tries]
                    waiting.extend((viewer, attempt + 1) for viewer, attempt in again)
                trying = [(viewer, attempt) for viewer, attempt in still if viewer.is_open]
            if not waiting and not trying:
                break
            yield
        took_s = time.monotonic() - began_s
        entered = sum(viewer.is_in for viewer in new)
        return {
            "asked": n,
            "connected": entered,
            "refused": here.refused - refused_before,
            "took_s": took_s,
            "per_s": entered / took_s if took_s else 0.0,
            "enter_ms": _percentiles([s * 1e9 for s in here.entries_s[entered_before:]]),
            "closes": dict(here.closes),
        }

    def do_join(self, group: str, room: str, per_s: float | None, within_s: float) -> Task:
        """Subscribes viewers who are only connected."""
        assert isinstance(self._dialect, Lovelm), "only this project's protocol subscribes"
        here = self._groups[group]
        before, began_s = len(here.entries_s), time.monotonic()
        reference = self._references.setdefault(room, Reference(self._dialect))
        waiting = deque(viewer for viewer in here.viewers if viewer.is_in and not viewer.room)
        asked = len(waiting)
        sent = 0
        while time.monotonic() - began_s < within_s:
            now_s = time.monotonic()
            while waiting and self._entering < 512 and (per_s is None or sent < per_s * (now_s - began_s)):
                viewer = waiting.popleft()
                viewer.go_alone()
                viewer.room, viewer.reference, viewer.began_s = room, reference, now_s
                self._entering += 1
                self._say(viewer, self._dialect.join(room))
                sent += 1
            if not waiting and self._entering <= 0:
                break
            yield
        took_s = time.monotonic() - began_s
        joined = len(here.entries_s) - before
        return {
            "asked": asked,
            "joined": joined,
            "took_s": took_s,
            "per_s": joined / took_s if took_s else 0.0,
            "enter_ms": _percentiles([s * 1e9 for s in here.entries_s[before:]]),
        }

    def do_talk(self, group: str, lines_per_s: float, seconds: float, speakers: int, size_bytes: int) -> Task:
        """Lines at an even rate, by so many of the group in turn, however the answers come; then waits for those."""
        assert isinstance(self._dialect, Lovelm), "only this project's protocol says"
        here = self._groups[group]
        most = round(lines_per_s * seconds)
        began_s, said, turn = time.monotonic(), 0, 0
        able = [viewer for viewer in here.viewers if viewer.is_in and viewer.room][:speakers]
        assert able, "nobody is in to speak"
        while said < most:
            now_s = time.monotonic()
            due = min(most, int((now_s - began_s) * lines_per_s) + 1)
            here.late_s = max(here.late_s, now_s - began_s - said / lines_per_s)
            for _ in range(min(due - said, 100)):
                viewer = able[turn % len(able)]
                turn += 1
                said += 1
                if viewer.is_in:
                    self._speak(viewer, size_bytes)
            yield
        talked_s = time.monotonic() - began_s
        deadline_s = time.monotonic() + 12.0
        while any(viewer.asked for viewer in able) and time.monotonic() < deadline_s:
            yield
        return {"said": said, "took_s": talked_s, "unanswered": sum(len(viewer.asked) for viewer in able)}

    def _speak(self, viewer: Viewer, size_bytes: int) -> None:
        assert isinstance(self._dialect, Lovelm)
        self._line += 1
        text = text_of(self._line, size_bytes)
        sent_ns = int(text.split("t=", 1)[1].split(" ", 1)[0])
        command = self._line + 100
        viewer.asked[command] = (time.time_ns(), sent_ns)
        viewer.group.said += 1
        self._say(viewer, self._dialect.say(command, viewer.room, text, f"b{os.getpid()}-{self._line}"))

    def do_wait(self, group: str, events: int, within_s: float) -> Task:
        """Until each of the group who is in has had so many events since the last reset."""
        began_s = time.monotonic()
        viewers = self._groups[group].viewers
        index = 0  # all before it have them
        while index < len(viewers) and time.monotonic() - began_s < within_s:
            viewer = viewers[index]
            viewer.settle()
            if viewer.counts.events >= events or not viewer.is_open:
                index += 1
            else:
                yield
        least = min((viewer.counts.events for viewer in viewers if viewer.is_open), default=0)
        return {
            "reached": index == len(viewers),
            "least": least,
            "took_s": time.monotonic() - began_s,
            "at_ns": time.time_ns(),
        }

    def do_settle(self, group: str, quiet_s: float, within_s: float) -> Task:
        """Until nothing has come for a while and all have the same."""
        began_s = time.monotonic()
        quiet_since, seen = began_s, -1
        while time.monotonic() - began_s < within_s:
            viewers = [viewer for viewer in self._groups[group].viewers if viewer.is_in]
            received = sum(viewer.received for viewer in viewers)
            if received != seen:
                seen, quiet_since = received, time.monotonic()
            elif time.monotonic() - quiet_since >= quiet_s and all(viewer.is_abreast() for viewer in viewers):
                return {"settled": True, "took_s": time.monotonic() - began_s}
            resume_s = time.monotonic() + 0.02
            while time.monotonic() < resume_s:
                yield
        return {"settled": False, "took_s": time.monotonic() - began_s}

    def do_figures(self, group: str, reset: bool) -> Task:
        """What the group has got since the last reset."""
        here = self._groups[group]
        total = Counts()
        latencies: list[int] = []
        least, most = sys.maxsize, 0
        for viewer in here.viewers:
            viewer.settle()
            for name in Counts.__slots__:
                setattr(total, name, getattr(total, name) + getattr(viewer.counts, name))
            least, most = min(least, viewer.counts.events), max(most, viewer.counts.events)
            latencies += viewer.latencies_ns or ()
        answer: Json = {
            "viewers": len(here.viewers),
            "open": sum(viewer.is_in for viewer in here.viewers),
            **{name: getattr(total, name) for name in Counts.__slots__},
            "bytes": sum(viewer.received for viewer in here.viewers),
            "events_least": 0 if least == sys.maxsize else least,
            "events_most": most,
            "behind": sum(viewer.is_in and not viewer.is_abreast() for viewer in here.viewers),
            "alone": sum(viewer.is_in and viewer.is_alone for viewer in here.viewers),
            "closes": dict(here.closes),
            "refused": here.refused,
            "recovered": dict(here.recovered),
            "latency_ms": _percentiles(latencies),
            "lag_ms": _percentiles(here.lags_ns),
            "said": here.said,
            "acked": len(here.acks_ns),
            "ack_ms": _percentiles(here.acks_ns),
            "ack_errors": dict(here.ack_errors),
            "misplaced": self._misplaced(here),
            "talk_late_ms": here.late_s * 1e3,
            "generator_cpu_s": time.process_time(),
        }
        if reset:
            here.forget()
        yield from ()
        return answer

    def _misplaced(self, group: Group) -> int:
        """Accepted lines that stand elsewhere in the room's stream than their answers said."""
        wrong = 0
        for (room, offset), sent_ns in group.acked.items():
            found = self._references[room].sent_ns(offset)
            wrong += found is not None and found != sent_ns
        return wrong

    def do_pace(self, group: str, bytes_per_s: float | None) -> Task:
        """The group reads at that rate from now on. 0: it is frozen; None: at once again."""
        for viewer in self._groups[group].viewers:
            viewer.bytes_per_s = bytes_per_s
            if not viewer.is_in:
                continue
            if bytes_per_s is not None:
                self._pace(viewer)
            elif viewer in self._paced:
                self._paced.remove(viewer)
                viewer.stays_alone = False
                self._epoll.register(viewer.fd, select.EPOLLIN)
        yield from ()
        return {}

    def do_cut(self, group: str, returns: bool) -> Task:
        """Ends all of the group's connections with a reset. returns: they come back, each with its position."""
        now_s = time.monotonic()
        cut = [viewer for viewer in self._groups[group].viewers if viewer.is_open]
        for viewer in cut:
            viewer.is_cut = True
            self._drop(viewer)
        if returns:
            self._returning.extend((now_s, viewer) for viewer in cut)
        yield from ()
        return {"cut": len(cut)}

    def do_end(self) -> Task:
        self._is_over = True
        for viewer in list(self._by_fd.values()):
            self._drop(viewer)
        yield from ()
        return {}


def _percentiles(values_ns: list[int] | list[float]) -> dict[str, float]:
    """In ms."""
    if not values_ns:
        return {"count": 0}
    ordered = sorted(values_ns)

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1e6

    return {
        "count": len(ordered),
        "p50": at(0.5),
        "p90": at(0.9),
        "p95": at(0.95),
        "p99": at(0.99),
        "p999": at(0.999),
        "max": ordered[-1] / 1e6,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.viewers", description="Viewers by the thousand.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dialect", choices=sorted(DIALECTS), default="lovelm")
    parser.add_argument("--path", help="where the handshake asks; the dialect's own when absent")
    parser.add_argument("--cpu", type=int, help="the only core it may use")
    given = parser.parse_args()
    if given.cpu is not None:
        os.sched_setaffinity(0, {given.cpu})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    Viewers(given.host, given.port, given.dialect, given.path).run()


if __name__ == "__main__":
    main()
