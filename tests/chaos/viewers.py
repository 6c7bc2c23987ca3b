"""Owns viewers who never give up: they say lines, come back, recover by position, and write down all they see.

They behave as the protocol's SDKs do, without one in between: a line without an answer is sent again under its own id,
a subscription goes on at its position, whatever edge it lands on. Judges nothing: that is the checker's.
"""

import itertools
import json
import random
from collections.abc import Mapping

import trio
from trio_websocket import (
    ConnectionClosed,
    ConnectionRejected,
    HandshakeError,
    WebSocketConnection,
    connect_websocket,
)

from tests.chaos.cluster import ROOM
from tests.chaos.history import (
    Acknowledged,
    Closed,
    Connected,
    Entered,
    Json,
    Published,
    Record,
    Refused,
    Said,
)
from tests.chaos.proxy import LOOPBACK

CHANNEL = f"room:{ROOM}"
HANDSHAKE_S = 2.0
"""The library waits for ever when the connection is reset amid the handshake."""
ANSWER_S = 12.0
"""An edge gives up on a line after 10 s; whoever hears nothing for longer has lost the answer."""
SILENCE_S = 35.0
"""A ping comes every 25 s; the SDKs allow 10 s more."""
UNANSWERED_MOST = 16
"""Lines of one viewer under way at once: in an outage they wait, and no more are made."""
REPEATS = 0.05
"""How many acknowledged lines are said a second time, later and perhaps elsewhere."""
_ABNORMAL = 1006


class _Answer:
    """What came back to one command: None when the connection ended before."""

    def __init__(self) -> None:
        self.came = trio.Event()
        self.message: Json | None = None

    def give(self, message: Json | None) -> None:
        self.message = message
        self.came.set()


class _Connection:
    def __init__(self, edge: str, socket: WebSocketConnection) -> None:
        self.edge = edge
        self._socket = socket
        self._ids = itertools.count(1)
        self._waiting: dict[int, _Answer] = {}
        self.is_open = True

    async def receive(self) -> list[Json]:
        """The next messages. Raises ConnectionClosed, TooSlowError."""
        with trio.fail_after(SILENCE_S):
            frame = await self._socket.get_message()
        return [json.loads(line) for line in frame.split("\n")]

    async def pong(self) -> None:
        await self._socket.send_message("{}")

    async def begin(self, method: str, fields: Json) -> tuple[int, _Answer]:
        number = next(self._ids)
        answer = self._waiting[number] = _Answer()
        if not self.is_open:
            answer.give(None)
            return number, answer
        try:
            await self._socket.send_message(json.dumps({"id": number, method: fields}))
        except ConnectionClosed:
            answer.give(None)
        return number, answer

    async def ask(self, method: str, fields: Json, deadline_s: float) -> Json | None:
        """The whole reply; None when none came."""
        number, answer = await self.begin(method, fields)
        with trio.move_on_after(deadline_s):
            await answer.came.wait()
        self._waiting.pop(number, None)
        return answer.message

    def answer(self, message: Json) -> None:
        waiting = self._waiting.pop(message["id"], None)
        if waiting is not None:
            waiting.give(message)

    def end(self) -> None:
        self.is_open = False
        for answer in self._waiting.values():
            answer.give(None)


class ChaosViewer:
    """One viewer. `run` and `speak` are one task each; both until cancelled, `speak` also until `hush`."""

    def __init__(self, name: str, edge_ports: Mapping[str, int], seed: int, *, began_s: float) -> None:
        self.record = Record(name)
        self._edge_ports = dict(edge_ports)
        self._dice = random.Random(seed)
        self._began_s = began_s
        self._token = ""
        self._position: tuple[str, int] | None = None
        self._subscribing = 0
        self._connection: _Connection | None = None
        self._changed = trio.Event()
        self._is_hushed = False
        self._open_lines: set[str] = set()
        self.is_inside = False
        """Subscribed, on a connection that stands."""

    @property
    def offset(self) -> int:
        """Of the last durable publication it has seen."""
        return 0 if self._position is None else self._position[1]

    @property
    def open_lines(self) -> int:
        """Lines that wait for their answer."""
        return len(self._open_lines)

    @property
    def now_s(self) -> float:
        return trio.current_time() - self._began_s

    def hush(self) -> None:
        """It says nothing new; what it has said still gets its answer."""
        self._is_hushed = True

    # -- speaking -------------------------------------------------------------------------------------

    async def speak(self, every_s: float) -> None:
        """A line every so many seconds; returns after `hush`, once all of them have their answers."""
        async with trio.open_nursery() as nursery:
            numbers = itertools.count(1)
            while not self._is_hushed:
                await trio.sleep(self._dice.uniform(0.5, 1.5) * every_s)
                if len(self._open_lines) < UNANSWERED_MOST and not self._is_hushed:
                    number = next(numbers)
                    client_id = f"{self.record.name}-{number}"
                    self._open_lines.add(client_id)
                    nursery.start_soon(self._say, client_id, f"{number}번째 이야기, {self.record.name}")

    async def _say(self, client_id: str, text: str) -> None:
        times = 2 if self._dice.random() < REPEATS else 1
        for _ in range(times):
            while True:
                if await self._say_once(client_id, text):
                    break
                await trio.sleep(self._dice.uniform(0.1, 0.4))
            if times > 1 and not self._is_hushed:
                await trio.sleep(self._dice.uniform(0, 5))
        self._open_lines.discard(client_id)

    async def _say_once(self, client_id: str, text: str) -> bool:
        """False: the same again."""
        connection = await self._connected()
        self.record.events.append(Said(self.now_s, client_id, text))
        said = {"method": "say", "data": {"channel": CHANNEL, "id": client_id, "text": text}}
        reply = await connection.ask("rpc", said, ANSWER_S)
        if reply is None:
            return False
        if "error" in reply:
            error = reply["error"]
            temporary = error.get("temporary", False)
            self.record.events.append(Refused(self.now_s, client_id, error["code"], temporary))
            return not temporary
        offset = reply["rpc"]["data"]["offset"]
        self.record.events.append(Acknowledged(self.now_s, client_id, offset))
        return True

    async def _connected(self) -> _Connection:
        while self._connection is None or not self._connection.is_open:
            await self._changed.wait()
        return self._connection

    def _tell(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    # -- watching -------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Watches the room through one edge after another."""
        failures = 0
        while True:
            edge = self._dice.choice(list(self._edge_ports))
            has_stood = False
            try:
                async with trio.open_nursery() as nursery:
                    with trio.fail_after(HANDSHAKE_S):
                        socket = await connect_websocket(
                            nursery,
                            LOOPBACK,
                            self._edge_ports[edge],
                            "/connection/websocket",
                            use_ssl=False,
                        )
                    has_stood = await self._visit(_Connection(edge, socket))
                    nursery.cancel_scope.cancel()
            except* (OSError, HandshakeError, ConnectionRejected, ConnectionClosed, trio.TooSlowError):
                pass  # nobody there, or not yet
            except* (trio.BrokenResourceError, trio.ClosedResourceError):
                pass  # reset amid the handshake
            failures = 0 if has_stood else failures + 1
            await trio.sleep(self._dice.uniform(0.02, min(1.0, 0.1 * 2**failures)))

    async def _visit(self, connection: _Connection) -> bool:
        """One connection, to its end. False when it never stood."""
        has_stood = False
        code = _ABNORMAL
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._enter, connection)
                while True:
                    for message in await connection.receive():
                        if "connect" in message:
                            has_stood = True
                        await self._take(connection, message, nursery)
        except* ConnectionClosed as group:
            reason = _first(group).reason
            code = reason.code if reason is not None else _ABNORMAL
        except* trio.TooSlowError:
            pass
        finally:
            connection.end()
            self.is_inside = False
            if self._connection is connection:
                self._connection = None
        if has_stood:
            self.record.events.append(Closed(self.now_s, connection.edge, int(code)))
        return has_stood

    async def _enter(self, connection: _Connection) -> None:
        await connection.begin("connect", {"token": self._token} if self._token else {})

    async def _subscribe(self, connection: _Connection, pause_s: float) -> None:
        await trio.sleep(pause_s)
        fields: Json = {"channel": CHANNEL}
        if self._position is not None:
            fields |= {"recover": True, "epoch": self._position[0], "offset": self._position[1]}
        self._subscribing, _ = await connection.begin("subscribe", fields)

    async def _take(self, connection: _Connection, message: Json, nursery: trio.Nursery) -> None:
        match message:
            case {"push": {"channel": channel, "pub": publication}} if channel == CHANNEL:
                self._publication(publication)
            case {"push": _}:
                pass
            case {"connect": result}:
                self._token = result["data"]["token"]
                self.record.identity = result["data"]["viewer"]
                self.record.events.append(Connected(self.now_s, connection.edge))
                self._connection = connection
                self._tell()
                nursery.start_soon(self._subscribe, connection, 0)
            case {"subscribe": result}:
                self._entered(connection, result)
            case {"id": number, "error": _} if number == self._subscribing:
                nursery.start_soon(self._subscribe, connection, self._dice.uniform(0.1, 0.5))
            case {"id": _}:
                connection.answer(message)
            case _:
                await connection.pong()

    def _entered(self, connection: _Connection, result: Json) -> None:
        self._position = (result["epoch"], result["offset"])
        self.is_inside = True
        self.record.events.append(
            Entered(
                self.now_s,
                connection.edge,
                result["epoch"],
                result["offset"],
                result["was_recovering"],
                result["recovered"],
                result["publications"],
                result["data"]["reply"],
            )
        )

    def _publication(self, publication: Json) -> None:
        offset = publication.get("offset", 0)
        if offset and self._position is not None:
            self._position = (self._position[0], offset)
        if publication["data"]["t"] != "count":
            self.record.events.append(Published(self.now_s, offset, publication["data"]))


def _first(group: BaseExceptionGroup[ConnectionClosed]) -> ConnectionClosed:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
