"""One port for all: what a WebSocket is goes to the viewers' side, all else to the HTTP server behind."""

from functools import partial
from pathlib import Path

import pytest
import trio
from fastapi import FastAPI, Request
from http_cases import ScriptedRedis, Site
from trio.testing import MockClock
from viewer import HANDSHAKE, PATIENCE_S

from edge import listener
from edge.admission import Admission
from edge.http.server import serve as serve_http
from edge.listener import HEAD_MAX_BYTES
from edge.poller import Poller
from edge.stream import ViewerStream
from runtime.timers import Timers

LARGE_BYTES = 3_000_000
BUG = b"what nobody thought of"

app = FastAPI()


@app.get("/hello")
async def hello(name: str) -> dict[str, str]:
    return {"hello": name}


@app.get("/large")
async def large() -> dict[str, str]:
    return {"large": "x" * LARGE_BYTES}


@app.post("/size")
async def size(request: Request) -> dict[str, int]:
    return {"size": len(await request.body())}


class Door(Site):
    """The public port; what came to the viewers' side is noted."""

    viewers: list[bytes]


async def open_door(
    nursery: trio.Nursery, http_address: str, *, most: int = 100, per_s: float = 1_000, is_held: bool = False
) -> Door:
    listening = listener.listen("127.0.0.1:0")
    door = Door(listening.getsockname()[1], trio.Event(), ScriptedRedis(), Path())
    viewers: list[bytes] = []
    object.__setattr__(door, "viewers", viewers)

    def serve_viewer(stream: ViewerStream, head: bytes, behind: bytes) -> None:
        if behind == BUG:
            raise ValueError("a bug")
        viewers.append(head + behind)
        stream.write(b"welcome")
        if not is_held:
            stream.finish()

    poller, timers = Poller(), Timers()
    nursery.start_soon(poller.run)
    nursery.start_soon(timers.run)
    opened = listener.Door(
        poller=poller,
        timers=timers,
        admission=Admission(most=most, per_s=per_s),
        http_address=http_address,
        serve_viewer=serve_viewer,
    )
    nursery.start_soon(opened.serve, listening, door.stop)
    return door


@pytest.fixture
async def door(nursery: trio.Nursery) -> Door:
    urls = await nursery.start(partial(serve_http, app, "127.0.0.1:0", stop=trio.Event()))
    return await open_door(nursery, urls[0].removeprefix("http://"))


async def talk(door: Site, *pieces: bytes, half_close: bool = False) -> bytes:
    """Everything that is answered to these pieces until the other side ends the connection."""
    with trio.fail_after(PATIENCE_S):
        async with await trio.open_tcp_stream("127.0.0.1", door.port) as stream:
            for piece in pieces:
                await stream.send_all(piece)
            if half_close:
                await stream.send_eof()
            return b"".join([data async for data in stream])


GET = b"GET /hello?name=bom HTTP/1.1\r\nHost: x\r\n"
LAST = b"Connection: close\r\n\r\n"


async def test_what_is_no_websocket_is_handed_to_the_http_server(door: Door) -> None:
    answer = await door.get("/hello?name=bom")

    assert (answer.status, answer.json) == (200, {"hello": "bom"})
    assert door.viewers == []


async def test_a_request_may_come_byte_by_byte(door: Door) -> None:
    request = GET + LAST
    answer = await talk(door, *(request[at : at + 1] for at in range(len(request))))

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b'{"hello":"bom"}')


async def test_one_connection_serves_one_request_after_another(door: Door) -> None:
    answer = await talk(door, GET + b"\r\n", GET + b"\r\n" + GET + LAST)

    assert answer.count(b"HTTP/1.1 200 ") == 3
    assert answer.count(b'{"hello":"bom"}') == 3


async def test_bodies_and_answers_of_any_size_pass(door: Door) -> None:
    body = b"x" * LARGE_BYTES
    sent = await door.ask("POST", "/size", [("content-type", "text/plain")], body)
    fetched = await door.get("/large")

    assert sent.json == {"size": LARGE_BYTES}
    assert len(fetched.json["large"]) == LARGE_BYTES


async def test_who_has_stopped_sending_still_gets_the_answer(door: Door) -> None:
    answer = await talk(door, GET + LAST, half_close=True)

    assert answer.endswith(b'{"hello":"bom"}')


async def test_who_has_stopped_sending_is_not_kept_for_ever(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    door = await open_door(nursery, f"127.0.0.1:{await silent_server(nursery)}")

    assert await talk(door, GET + b"\r\n", half_close=True) == b""


async def silent_server(nursery: trio.Nursery) -> int:
    """Reads and never answers. Returns its port."""

    async def read(stream: trio.SocketStream) -> None:
        async for _ in stream:
            pass

    listeners = await nursery.start(partial(trio.serve_tcp, read, 0, host="127.0.0.1"))
    port: int = listeners[0].socket.getsockname()[1]
    return port


@pytest.mark.parametrize(
    "garbage",
    [
        b"hello\r\n\r\n",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET / HTTP/x\r\n\r\n",
        b"\r\n\r\n\r\n\r\n",
    ],
)
async def test_garbage_is_answered_by_the_http_server(door: Door, garbage: bytes) -> None:
    answer = await talk(door, garbage, half_close=True)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert (await door.get("/hello?name=bom")).status == 200


async def test_a_head_without_end_is_refused_however_much_is_sent(door: Door) -> None:
    head = b"GET / HTTP/1.1\r\nCookie: " + b"x" * (HEAD_MAX_BYTES * 8)
    answer = await talk(door, head)

    assert answer == listener.TOO_LARGE


async def test_a_head_that_does_not_come_ends_the_connection(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    door = await open_door(nursery, "127.0.0.1:1")
    began_s = trio.current_time()

    assert await talk(door, b"GET / HTTP/1.1\r\nHost:") == b""
    assert await talk(door) == b""
    assert trio.current_time() - began_s == pytest.approx(2 * listener.HEAD_DEADLINE_S)


async def test_a_page_where_a_websocket_belongs_is_told_to_upgrade(door: Door) -> None:
    for request in (
        b"GET /connection/websocket HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /connection/websocket?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
        b"GET /connection/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
    ):
        assert await talk(door, request) == listener.NOT_WEBSOCKET
    assert door.viewers == []


@pytest.mark.parametrize("upgrade", [b"Upgrade: websocket", b"UPGRADE:WebSocket", b"upgrade:\t websocket "])
@pytest.mark.parametrize("query", [b"", b"?cf_ws_frame_ping_pong=true"])
async def test_a_websocket_goes_to_the_viewers_side_with_its_first_bytes(
    door: Door, upgrade: bytes, query: bytes
) -> None:
    request = HANDSHAKE.replace(b"Upgrade: websocket", upgrade).replace(
        b"websocket HTTP", b"websocket" + query + b" HTTP"
    )

    assert await talk(door, request) == b"welcome"
    assert door.viewers == [request]


@pytest.mark.parametrize(("most", "per_s", "let_in"), [(2, 100, 2), (100, 1, 2)])
async def test_who_is_too_many_is_told_to_come_back_and_pages_are_served(
    nursery: trio.Nursery, most: int, per_s: float, let_in: int
) -> None:
    urls = await nursery.start(partial(serve_http, app, "127.0.0.1:0", stop=trio.Event()))
    listening = urls[0].removeprefix("http://")
    door = await open_door(nursery, listening, most=most, per_s=per_s, is_held=True)
    held = [await trio.open_tcp_stream("127.0.0.1", door.port) for _ in range(let_in)]
    for stream in held:
        await stream.send_all(HANDSHAKE)
        assert await stream.receive_some() == b"welcome"
    refusals = [await talk(door, HANDSHAKE) for _ in range(20)]

    waits = set()
    for refusal in refusals:
        assert refusal.startswith(b"HTTP/1.1 503 "), refusal
        assert b"\r\nConnection: close\r\n" in refusal
        waits.add(int(refusal.split(b"Retry-After: ")[1].split(b"\r\n")[0]))
    assert waits <= set(range(1, listener.RETRY_MOST_S + 1))
    assert len(waits) > 1
    assert len(door.viewers) == let_in
    assert (await door.get("/hello?name=bom")).status == 200
    for stream in held:
        await stream.aclose()


async def test_who_leaves_makes_room_however_it_ended(nursery: trio.Nursery) -> None:
    door = await open_door(nursery, "127.0.0.1:1", most=1)
    for _ in range(10):
        answer = b"HTTP/1.1 503"
        while answer.startswith(b"HTTP/1.1 503"):  # the former one is being seen out
            answer = await talk(door, HANDSHAKE)
        assert answer == b"welcome"


async def test_a_viewer_who_meets_a_bug_at_the_door_goes_and_makes_room(
    nursery: trio.Nursery, capsys: pytest.CaptureFixture[str]
) -> None:
    door = await open_door(nursery, "127.0.0.1:1", most=1)

    assert await talk(door, HANDSHAKE + BUG) == b""
    assert await talk(door, HANDSHAKE) == b"welcome"
    assert "connection_failed" in capsys.readouterr().out


async def test_an_http_server_that_is_away_is_said_to_be(nursery: trio.Nursery) -> None:
    listening = listener.listen("127.0.0.1:0")
    port = listening.getsockname()[1]
    listening.close()
    door = await open_door(nursery, f"127.0.0.1:{port}")

    assert await talk(door, GET + LAST) == listener.HTTP_AWAY


async def test_after_the_end_nobody_new_comes_in_and_who_is_in_is_served(door: Door) -> None:
    with trio.fail_after(PATIENCE_S):
        async with await trio.open_tcp_stream("127.0.0.1", door.port) as stream:
            await stream.send_all(GET)
            await trio.testing.wait_all_tasks_blocked()
            door.stop.set()
            await trio.testing.wait_all_tasks_blocked()
            await stream.send_all(LAST)
            answer = b"".join([data async for data in stream])
        with pytest.raises(OSError, match="connect"):
            await trio.open_tcp_stream("127.0.0.1", door.port)

    assert answer.endswith(b'{"hello":"bom"}')


async def test_heads_that_do_not_come_keep_nobody_out(
    nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "ARRIVALS_MOST", 5)
    door = await open_door(nursery, "127.0.0.1:1")
    silent = [await trio.open_tcp_stream("127.0.0.1", door.port) for _ in range(20)]

    assert await talk(door, HANDSHAKE) == b"welcome"
    with trio.fail_after(PATIENCE_S):
        for stream in silent[:15]:  # who came first was dropped for those who came after
            assert await stream.receive_some() == b""
    await silent[-1].send_all(HANDSHAKE)
    assert await silent[-1].receive_some() == b"welcome"
    for stream in silent:
        await stream.aclose()


async def test_too_many_pages_at_a_time_are_refused_and_viewers_are_not(
    nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "HANDED_OVER_MOST", 2)
    door = await open_door(nursery, f"127.0.0.1:{await silent_server(nursery)}")
    waiting = [await trio.open_tcp_stream("127.0.0.1", door.port) for _ in range(2)]
    for stream in waiting:
        await stream.send_all(GET + b"\r\n")
    await trio.testing.wait_all_tasks_blocked()

    assert await talk(door, GET + LAST) == listener.HTTP_AWAY
    assert await talk(door, HANDSHAKE) == b"welcome"
    for stream in waiting:
        await stream.aclose()
