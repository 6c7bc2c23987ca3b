"""Owns what the tests over real HTTP share: a served app on a free port, and a client that sends what it is told to.

The client is h11 on a socket, because the tests send what a well-behaved client would never send.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import h11
import trio

from edge.http import HttpDeps, create_app, serve
from edge.listing import RoomListing
from edge.shows import Shows
from personas import load_packs
from runtime.clock import SystemClock
from store.errors import VolatileUnavailable
from store.ids import PersonaId, RoomId
from store.ports import Count, Log, Rooms, Stories
from store.redis.connections import Volatile
from store.redis.lobby import RedisLobby
from store.redis.presence import RedisPresence
from store.redis.rate_limits import RedisRateLimits

SECRET = "a secret of the tests, thirty-two characters and more"
PACKS = load_packs()
ANSWER_DEADLINE_S = 15


@dataclass
class ScriptedRedis:
    """Presence, RateLimits and Lobby in one, as a test needs them: away, or with a bucket of so many tokens."""

    is_away: bool = False
    tokens: int = 1_000_000
    keys: list[str] = field(default_factory=list)

    async def counts(self) -> dict[RoomId, Count]:
        self._answer()
        return {}

    async def may_pass(self, key: str, **_: object) -> bool:
        self._answer()
        self.keys.append(key)
        self.tokens -= 1
        return self.tokens >= 0

    async def get(self) -> bytes | None:
        self._answer()
        return None

    async def put(self, *_: object, **__: object) -> None:
        self._answer()

    def _answer(self) -> None:
        if self.is_away:
            raise VolatileUnavailable("away")


@dataclass(frozen=True)
class Answer:
    """One response. headers: names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def is_refused(self, status: int, name: str) -> bool:
        """Says that it is an error of this name, in the one shape, with nothing in it that a client could run."""
        error = self.json["error"]
        assert set(self.json) == {"error"}
        assert set(error) == {"code", "name", "message", "retryable"}
        assert [type(error[key]) for key in ("code", "name", "message", "retryable")] == [int, str, str, bool]
        assert self.headers["content-type"] == "application/json"
        assert (self.status, error["name"]) == (status, name), self
        return True


Target = str | bytes
Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Site:
    """A served app."""

    port: int
    stop: trio.Event
    redis: ScriptedRedis
    dist: Path

    async def get(self, target: Target, headers: Headers = ()) -> Answer:
        return await self.ask("GET", target, headers)

    async def post(self, target: Target, wish: object) -> Answer:
        return await self.ask(
            "POST", target, [("content-type", "application/json")], json.dumps(wish).encode()
        )

    async def ask(
        self, method: str, target: Target, headers: Headers = (), body: bytes | None = None
    ) -> Answer:
        """One request on a connection of its own."""
        sent = [("host", f"127.0.0.1:{self.port}"), ("connection", "close"), *headers]
        if body is not None and "transfer-encoding" not in dict(headers):
            sent.append(("content-length", str(len(body))))
        connection = h11.Connection(h11.CLIENT)
        head = connection.send(h11.Request(method=method, target=target, headers=sent))
        payload = (connection.send(h11.Data(data=body)) if body else b"") + connection.send(
            h11.EndOfMessage()
        )
        with trio.fail_after(ANSWER_DEADLINE_S):
            async with await trio.open_tcp_stream("127.0.0.1", self.port) as stream:
                await stream.send_all(head + payload)
                return await _read_answer(stream, connection)

    async def send_raw(self, head: bytes) -> Answer:
        """Bytes as they are; the answer to them."""
        connection = h11.Connection(h11.CLIENT)
        connection.send(h11.Request(method="GET", target="/", headers=[("host", "x")]))
        connection.send(h11.EndOfMessage())
        with trio.fail_after(ANSWER_DEADLINE_S):
            async with await trio.open_tcp_stream("127.0.0.1", self.port) as stream:
                await stream.send_all(head)
                return await _read_answer(stream, connection)


async def _read_answer(stream: trio.SocketStream, connection: h11.Connection) -> Answer:
    response: h11.Response | None = None
    body = b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await stream.receive_some())
        elif isinstance(event, h11.Response):
            response = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            assert response is not None
            headers = {name.decode(): value.decode() for name, value in response.headers}
            return Answer(response.status_code, headers, body)
        else:
            raise AssertionError(f"no answer but {event}")


async def _all_there() -> Sequence[str]:
    return ()


async def open_site(
    nursery: trio.Nursery,
    *,
    rooms: Rooms,
    log: Log,
    dist: Path,
    volatile: Volatile | None = None,
    voice: Literal["builtin", "openai"] = "builtin",
    missing: Callable[[], Any] = _all_there,
    operator_token: str = "",
    shows: Shows | None = None,
    stories: Stories | None = None,
    sessions_burst: int = 300,
) -> Site:
    """Serves on a free port, in the nursery, until the test's end or `stop`. volatile: a real Redis instead of the
    scripted one. shows, stories: of the studio, which is shut without a token."""
    redis, clock, stop = ScriptedRedis(), SystemClock(), trio.Event()
    deps = HttpDeps(
        rooms=rooms,
        log=log,
        listing=RoomListing(
            rooms=rooms,
            presence=RedisPresence(volatile) if volatile else redis,
            lobby=RedisLobby(volatile) if volatile else redis,
            packs=PACKS,
            clock=clock,
        ),
        rate_limits=RedisRateLimits(volatile) if volatile else redis,
        sessions_per_s=0.001,  # a bucket of a test is not filled again
        sessions_burst=sessions_burst,
        packs=PACKS,
        clock=clock,
        secret=SECRET,
        operator_token=operator_token,
        shows=shows,
        stories=stories,
        random_bytes=_counted_bytes(),
        voice=voice,
        missing=missing,
        web_dist=dist,
        version="0.0.0-test",
    )
    urls = await nursery.start(partial(serve, create_app(deps), "127.0.0.1:0", stop=stop))
    return Site(int(urls[0].rpartition(":")[2]), stop, redis, dist)


def _counted_bytes() -> Callable[[int], bytes]:
    drawn = 0

    def draw(size: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return drawn.to_bytes(size, "little")

    return draw


def first_persona() -> PersonaId:
    return PersonaId(min(PACKS))
