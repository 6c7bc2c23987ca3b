"""Owns a viewer as locust plays one: enters a room, asks, obeys slow mode, checks that nothing is lost.

    locust -f bench/locustfile.py --headless --host http://127.0.0.1:8080 -u 120 -r 0.4167 -t 6m [--think-s 4]

Speaks the viewer protocol over plain sockets. All sockets of a process are read by one greenlet through one epoll: a
greenlet per viewer would be woken for each of its frames, which 6,000 viewers cannot afford. What is reported:

* `connect`, `subscribe`: to the reply. A snapshot is in the latter.
* `say`: from the line's sending to its acknowledgement, when it is durable. `refused 402`: slow mode held it back; the
  viewer waits for the interval and sends it again. That is no failure.
* `first delta (asked)`, `first delta (said)`: of the reply that answers an own line; since the turn began, and since
  the line was sent.
* `slow mode`: an interval that was announced, in ms; the largest is the one reached.
* `stream`: one success per viewer who leaves and to whom nothing was missing, with the bytes read; a failure for each
  gap, double or disorder, and for each connection that ended early.
"""

import itertools
import json
import random
import select
import socket
import sys
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import gevent
import gevent.event
import gevent.hub
import gevent.monkey
from locust import User, constant, events, task
from locust.runners import WorkerRunner

from bench.watching import (
    Answer,
    Closed,
    Digest,
    Fault,
    Json,
    Ping,
    RoomStream,
    Watch,
    command,
    digest_of,
    text_frame,
)

HANDSHAKE = (
    b"GET /connection/websocket HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
PONG = text_frame(b"{}")
REPLY_DEADLINE_S = 20.0
COME_BACK_S = 1.0
READ_MOST = 512 * 1024
FAULTS_TOLD = 20
TURNS_KEPT = 512
SLOW_MODE = 402
SLOW_MODE_LOOKS_EVERY_S = 2.0
FAILURE = "failure: "
"""Begins a line of the log that tells a kind of failure and how often it was."""

LINES = (
    "썸 타는 사람이 답장이 늦어요. 먼저 연락해도 될까요?",
    "고백했다가 어색해지면 어떡하죠?",
    "헤어진 지 한 달인데 아직도 생각나요.",
    "연애를 한 번도 못 해 봤는데 이상한 건가요?",
    "남자친구가 친구들이랑만 놀아요. 서운하다고 말해도 돼요?",
    "소개팅 첫 만남에 무슨 얘기를 하면 좋을까요?",
    "장거리 연애 2년 차인데 점점 지쳐요.",
    "좋아하는 사람이 제 친구를 좋아한대요.",
    "기념일을 매번 잊어버리는 사람, 계속 만나도 될까요?",
    "싸우면 꼭 말을 안 해요. 어떻게 풀어야 해요?",
    "회사 동료가 좋아졌는데 티 내면 안 되겠죠?",
    "다시 만나자는데 믿어도 될까요?",
)


@events.init_command_line_parser.add_listener
def add_options(parser: Any) -> None:
    parser.add_argument(
        "--think-s", type=float, default=4.0, help="between two lines of a viewer, on average"
    )


@events.quitting.add_listener
def tell_failures(environment: Any, **_: Any) -> None:
    """One line each on stderr, for whoever reads the log."""
    if not isinstance(environment.runner, WorkerRunner):
        for error in environment.stats.errors.values():
            print(
                f"{FAILURE}{error.occurrences} x {error.method} {error.name}: {error.error}", file=sys.stderr
            )


@events.user_error.add_listener
def count_bug(user_instance: Any, exception: BaseException, **_: Any) -> None:
    """A mistake in here is a failure of the run, not only a line in the log."""
    user_instance.fire("viewer", "bug", 0, error=exception)


class Lost(Exception):
    """What a viewer should have had and has not."""


class Refused(Exception):
    """An error in a reply."""

    def __init__(self, error: Json) -> None:
        super().__init__(f"{error['code']} {error.get('message', '')}")
        self.code = int(error["code"])


class Gone(Exception):
    """The connection has ended. code: of the close, 0 when there was none."""

    def __init__(self, code: int = 0) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class Readers:
    """Hands what comes to the viewers' sockets to their viewers."""

    def __init__(self) -> None:
        self._epoll = gevent.monkey.get_original("select", "epoll")()
        self._viewers: dict[int, Viewer] = {}
        self._buffer = memoryview(bytearray(READ_MOST))
        gevent.spawn(self._run)

    def add(self, sock: socket.socket, viewer: "Viewer") -> None:
        self._viewers[sock.fileno()] = viewer
        self._epoll.register(sock.fileno(), select.EPOLLIN)

    def remove(self, sock: socket.socket) -> None:
        if self._viewers.pop(sock.fileno(), None) is not None:
            self._epoll.unregister(sock.fileno())

    def _run(self) -> None:
        hub = gevent.hub.get_hub()
        ready = hub.loop.io(self._epoll.fileno(), 1)
        buffer = self._buffer
        while True:
            hub.wait(ready)
            for number, _ in self._epoll.poll(0, 256):
                viewer = self._viewers.get(number)
                if viewer is None or viewer.sock is None:
                    continue
                try:
                    size = viewer.sock.recv_into(buffer)
                except BlockingIOError:
                    continue
                except OSError:
                    size = 0
                viewer.take(bytes(buffer[:size]))


class Turns:
    """When turns began and when they first spoke, as the first viewer of this process saw it. The newest only."""

    def __init__(self) -> None:
        self._times: dict[str, list[float | None]] = {}

    def asked(self, reply: str, now: float) -> None:
        if reply not in self._times:
            self._times[reply] = [now, None]
            if len(self._times) > TURNS_KEPT:
                del self._times[next(iter(self._times))]

    def spoken(self, reply: str, now: float) -> None:
        times = self._times.get(reply)
        if times is not None and times[1] is None:
            times[1] = now

    def times(self, reply: str) -> tuple[float | None, float | None]:
        """(asked, spoken)"""
        asked, spoken = self._times.get(reply, (None, None))
        return asked, spoken


class Place:
    """What all viewers of this process share. Made after locust has forked."""

    def __init__(self, host: str, tell_slow: Callable[[float], None]) -> None:
        self.address = host.rpartition("/")[2].rpartition(":")
        with urllib.request.urlopen(f"{host}/api/v1/rooms", timeout=REPLY_DEADLINE_S) as answer:
            rooms = [room["id"] for room in json.load(answer)["rooms"] if room["show"] == "live"]
        self.streams = [RoomStream(room, tell_slow) for room in rooms]
        self._next = itertools.cycle(self.streams)
        self.readers = Readers()
        self.numbers = itertools.count(1)
        self.turns = Turns()
        self.name = f"{time.time_ns():x}"
        self.told = 0

    def next_stream(self) -> RoomStream:
        return next(self._next)


_places: list[Place] = []


def place(first: "Viewer") -> Place:
    """The one of this process, made by the first viewer to ask."""
    if not _places:

        def tell_slow(slow_s: float) -> None:
            first.fire("slow mode", "interval", slow_s)

        _places.append(Place(first.host, tell_slow))
    return _places[0]


class Viewer(User):
    """One viewer, from the door to the end of the run."""

    wait_time = constant(0)  # the pace is kept in `ask`: from line to line, whatever the answer took

    def on_start(self) -> None:
        self.place = place(self)
        self.stream = self.place.next_stream()
        self.watch = Watch(self.stream)
        self.number = next(self.place.numbers)
        self.sock: Any = None
        self.epoch = ""
        self.gone = Gone()
        self.is_whole = True
        self.is_leaving = False
        self.bytes_read = 0
        self.lines: dict[int, float] = {}
        """Offset of an own line that waits for its turn -> when it was sent."""
        self.turns: dict[str, tuple[float, float]] = {}
        """Reply to an own line that has not spoken yet -> (when the turn began, when the line was sent)."""
        self.commands = itertools.count(1)
        self.waiting: dict[int, gevent.event.AsyncResult] = {}
        self.said = itertools.count(1)
        self.accepted = float("-inf")
        """When the answer to the last line came."""
        self.enter()
        gevent.sleep(random.uniform(0, self.think_s))

    def on_stop(self) -> None:
        self.is_leaving = True
        self.drop()
        if self.is_whole:
            self.fire("stream", "whole", 0, size=self.bytes_read)

    @property
    def think_s(self) -> float:
        return float(self.environment.parsed_options.think_s)

    @task
    def ask(self) -> None:
        """Says a line, once; sent again under the same id until it is accepted."""
        line_id = f"{self.place.name}-{self.number}-{next(self.said)}"
        text = random.choice(LINES)
        began = time.perf_counter()
        while True:
            if self.sock is None:
                self.fire("stream", "connection", 0, error=self.gone)
                self.is_whole = False
                gevent.sleep(COME_BACK_S * random.uniform(0.5, 1.5))
                self.enter()
            sent = time.perf_counter()
            try:
                body, now = self.call({"rpc": {"method": "say", "data": self.line(line_id, text)}})
            except Refused as refused:
                if refused.code == SLOW_MODE:
                    self.fire("refused", "402 slow mode", time.perf_counter() - sent)
                    self.wait_slow_mode()
                else:
                    self.fire("say", "ack", time.perf_counter() - sent, error=refused)
                gevent.sleep(COME_BACK_S * random.uniform(0.5, 1.5))
                continue
            except Gone:
                continue
            except gevent.Timeout:
                self.fire("say", "ack", REPLY_DEADLINE_S, error=Lost("no acknowledgement"))
                continue
            break
        self.fire("say", "ack", now - sent)
        self.accepted = now
        self.await_turn(body["rpc"]["data"]["offset"], sent, now)
        pause_s = self.think_s * random.uniform(0.75, 1.25)
        gevent.sleep(max(0.0, began + pause_s - time.perf_counter()))
        self.wait_slow_mode()

    def wait_slow_mode(self) -> None:
        """Until the room's interval has passed since the answer to the last line. It may become another meanwhile."""
        while (left_s := self.accepted + self.stream.slow_s - time.perf_counter()) > 0:
            gevent.sleep(min(left_s, SLOW_MODE_LOOKS_EVERY_S))

    def line(self, line_id: str, text: str) -> Json:
        return {"channel": self.stream.channel, "text": text, "id": line_id}

    # -- the connection -------------------------------------------------------------------------------

    def enter(self) -> None:
        """Connects and subscribes, with its position from the second time on; tries until it is in."""
        while True:
            try:
                self._connect()
                self._subscribe()
                return
            except (OSError, Refused, Gone, gevent.Timeout) as problem:
                self.fire("connect", "refused", 0, error=problem)
                self.drop()
            gevent.sleep(COME_BACK_S * random.uniform(0.5, 1.5))

    def _connect(self) -> None:
        _, _, port = self.place.address
        began = time.perf_counter()
        with gevent.Timeout(REPLY_DEADLINE_S):
            through_gevent = gevent.socket.create_connection((self.place.address[0], int(port)))
            through_gevent.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            through_gevent.sendall(HANDSHAKE)
            head = b""
            while b"\r\n\r\n" not in head:
                data = through_gevent.recv(4_096)
                if not data:
                    raise OSError("no answer to the handshake")
                head += data
        if not head.startswith(b"HTTP/1.1 101 "):
            through_gevent.close()
            raise OSError(head.split(b"\r\n", 1)[0].decode())
        self.sock = gevent.monkey.get_original("socket", "socket")(fileno=through_gevent.detach())
        self.sock.setblocking(False)
        self.watch = Watch(self.stream)
        self.place.readers.add(self.sock, self)
        self.call({"connect": {}})
        self.fire("connect", "connect", time.perf_counter() - began)

    def _subscribe(self) -> None:
        began = time.perf_counter()
        subscribe: Json = {"channel": self.stream.channel}
        if self.epoch:
            subscribe.update(recover=True, epoch=self.epoch, offset=self.offset)
        _, now = self.call({"subscribe": subscribe})
        self.fire("subscribe", "subscribe", now - began)

    def entered(self, result: Json) -> None:
        """Where the stream begins for this viewer, before anything that follows is looked at."""
        if self.epoch and not result["recovered"]:
            self.fault(Fault("lost", f"not recovered from {self.offset}"))
        elif self.epoch:
            digest = digest_of(result["publications"])
            if digest.broken or (digest.first and digest.first != self.offset + 1):
                self.fault(Fault("disordered", f"recovered {digest} after {self.offset}"))
        self.epoch, self.watch.offset = result["epoch"], result["offset"]
        slow_s = result.get("data", {}).get("rules", {}).get("slow_s")
        if slow_s is not None:
            self.stream.set_slow(float(slow_s))

    def call(self, fields: Json) -> tuple[Json, float]:
        """The reply and when it came. Raises Refused, Gone, gevent.Timeout."""
        if self.sock is None:
            raise self.gone
        number = next(self.commands)
        self.waiting[number] = result = gevent.event.AsyncResult()
        try:
            self.send(command({"id": number, **fields}))
            body, now = result.get(timeout=REPLY_DEADLINE_S)
        finally:
            self.waiting.pop(number, None)
        if "error" in body:
            raise Refused(body["error"])
        return body, now

    def send(self, frame: bytes) -> None:
        """Writes a frame, which is small: a socket that does not take it whole is given up."""
        if self.sock is None:
            return
        try:
            whole = self.sock.send(frame) == len(frame)
        except OSError:
            whole = False
        if not whole:
            self.ended(0)

    def drop(self) -> None:
        if self.sock is not None:
            self.offset = self.watch.offset
            self.place.readers.remove(self.sock)
            self.sock.close()
            self.sock = None

    def ended(self, code: int) -> None:
        """The other side has closed: whoever waits for an answer learns it."""
        self.gone = Gone(code)
        self.drop()
        for result in self.waiting.values():
            result.set_exception(self.gone)

    # -- what comes -----------------------------------------------------------------------------------

    def take(self, data: bytes) -> None:
        """Bytes from the socket; none: its end."""
        if not data:
            self.ended(0)
            return
        self.bytes_read += len(data)
        for happened in self.watch.take(data):
            match happened:
                case Digest():
                    self.follow_turns(happened)
                case Answer(number, body):
                    if "subscribe" in body:
                        self.entered(body["subscribe"])
                    result = self.waiting.get(number)
                    if result is not None:
                        result.set((body, time.perf_counter()))
                case Ping():
                    self.send(PONG)
                case Fault():
                    self.fault(happened)
                case Closed(code):
                    self.ended(code)
                    return

    def fault(self, fault: Fault) -> None:
        self.is_whole = False
        self.fire("stream", "whole", 0, error=Lost(fault.kind))
        self.place.told += 1
        if self.place.told <= FAULTS_TOLD:
            print(f"{self.stream.room}: {fault.kind} {fault.detail}", file=sys.stderr)

    def follow_turns(self, digest: Digest) -> None:
        now = time.perf_counter()
        turns = self.place.turns
        for reply, answers in digest.asked:
            turns.asked(reply, now)
            for offset in answers if self.lines else ():
                if offset in self.lines:
                    self.turns[reply] = now, self.lines.pop(offset)
        for reply in digest.spoken:
            turns.spoken(reply, now)
            if reply in self.turns:
                asked, sent = self.turns.pop(reply)
                self.tell_first_delta(asked, sent, now)

    def await_turn(self, offset: int, sent: float, now: float) -> None:
        """A line was accepted. Its turn may have begun, and its answer, too, before the acknowledgement was here."""
        reply = self.stream.asked.get(offset)
        if reply is None:
            self.lines[offset] = sent
            return
        asked, spoken = self.place.turns.times(reply)
        if spoken is None:
            self.turns[reply] = asked or now, sent
        else:
            self.tell_first_delta(asked or spoken, sent, spoken)

    def tell_first_delta(self, asked: float, sent: float, spoken: float) -> None:
        self.fire("first delta", "asked", spoken - asked)
        self.fire("first delta", "said", spoken - sent)

    def fire(
        self, kind: str, name: str, took_s: float, size: int = 0, error: BaseException | None = None
    ) -> None:
        self.environment.events.request.fire(
            request_type=kind,
            name=name,
            response_time=took_s * 1_000,
            response_length=size,
            exception=error,
            context={},
        )
