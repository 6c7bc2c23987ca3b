"""What the edge says over HTTP to mistakes and to attempts: a clear 4xx in the one shape."""

from pathlib import Path

import pytest
import trio
from fastapi import FastAPI
from http_cases import Site, open_site

from edge.http.guard import MAX_BODY_BYTES
from edge.http.server import serve
from store.ids import LogEpoch, RoomId, Seq
from store.ports import Entry, Room

JSON = ("content-type", "application/json")


class OneQuietRoom:
    """Rooms and Log in one: one room in which nothing was said. broken: what it raises instead of answering."""

    broken: Exception | None = None

    async def find(self, room: RoomId) -> Room | None:
        return next((known for known in await self.list_all() if known.id == room), None)

    async def list_all(self) -> list[Room]:
        if self.broken is not None:
            raise self.broken
        return [Room(RoomId("panel"), "방", (), LogEpoch("e1"), Seq(0), False)]

    async def read(self, *_: object, **__: object) -> list[Entry]:
        return []

    async def read_back(self, *_: object, **__: object) -> list[Entry]:
        return []


@pytest.fixture
def store() -> OneQuietRoom:
    return OneQuietRoom()


@pytest.fixture
async def site(store: OneQuietRoom, tmp_path: Path, nursery: trio.Nursery) -> Site:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "index.html").write_text("the app")
    (tmp_path / "secret.txt").write_text("the secret")
    (tmp_path / "dist" / "link.txt").symlink_to(tmp_path / "secret.txt")
    return await open_site(nursery, rooms=store, log=store, dist=tmp_path / "dist")  # type: ignore[arg-type]  # what HTTP asks for


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="cut off"),
        pytest.param(b"nick=bom", id="a form"),
        pytest.param(b"\xff\xfe{}", id="not UTF-8"),
        pytest.param(b"[" * 60_000, id="nested without end"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"17", id="a number"),
        pytest.param(b'{"nick": 17}', id="a nick that is a number"),
        pytest.param(b'{"nick": ["a"]}', id="a nick that is a list"),
        pytest.param(b'{"nick": ""}', id="an empty nick"),
        pytest.param(b'{"nick": "' + b"a" * 21 + b'"}', id="a nick too long"),
        pytest.param(b'{"nick": "' + b"a" * 60_000 + b'"}', id="a nick much too long"),
        pytest.param(b'{"nick": "a\\u0000b"}', id="a nick with NUL"),
        pytest.param(b'{"nick": "\\ud800"}', id="a nick with half a surrogate pair"),
        pytest.param(b'{"nick": "\\u202eabc"}', id="a nick that turns the text around"),
        pytest.param(b'{"nick": "a\\r\\nset-cookie: a=b"}', id="a nick with a header in it"),
        pytest.param(b'{"token": 17}', id="a token that is a number"),
        pytest.param(b'{"token": "' + b"a" * 3_000 + b'"}', id="a token too long"),
        pytest.param(b'{"viewer": "v_someone_else"}', id="a field that there is not"),
    ],
)
async def test_a_session_is_not_opened_for_rubbish(site: Site, body: bytes) -> None:
    answer = await site.ask("POST", "/api/v1/session", [JSON], body)

    assert answer.is_refused(400, "bad_request")
    assert len(answer.body) < 500
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"]
)
async def test_a_body_that_is_not_called_json_is_not_read_as_json(site: Site, kind: str) -> None:
    answer = await site.ask("POST", "/api/v1/session", [("content-type", kind)], b'{"nick": "a"}')

    assert answer.is_refused(415, "not_json")


async def test_a_huge_body_is_refused_whether_it_says_so_or_not(site: Site) -> None:
    body = b" " * (MAX_BODY_BYTES + 1)

    announced = await site.ask("POST", "/api/v1/session", [JSON], body)
    chunked = await site.ask("POST", "/api/v1/session", [JSON, ("transfer-encoding", "chunked")], body)
    elsewhere = await site.ask("POST", "/nothing/here", [], body)
    largest = await site.ask("POST", "/api/v1/session", [JSON], b"{}" + b" " * (MAX_BODY_BYTES - 2))

    for answer in (announced, chunked, elsewhere):
        assert answer.is_refused(413, "body_too_large")
    assert largest.status == 201


@pytest.mark.parametrize(
    "query",
    [
        "after=-1", "after=x", "after=", "after=1.5", f"after={2**63}", "after=1e3", "after=NaN", "after=%00",
        "before=-1", "before=x", f"before={2**63}", "limit=0", "limit=-1", "limit=1001", "limit=x",
        "limit=" + "9" * 5_000, "after=1&before=5",
    ],
)  # fmt: skip
async def test_a_page_of_the_log_is_asked_for_properly_or_not_at_all(site: Site, query: str) -> None:
    assert (await site.get(f"/api/v1/rooms/panel/events?{query}")).is_refused(400, "bad_request")


@pytest.mark.parametrize(
    "room",
    ["nowhere", "PANEL", "%00", "pan%00el", "%ff", "..", "panel%0d%0ax-evil:1", "a" * 5_000, "%27%3B--", "*"],
)
async def test_a_room_that_there_is_not_is_unknown(site: Site, room: str) -> None:
    for target in (f"/api/v1/rooms/{room}", f"/api/v1/rooms/{room}/events"):
        answer = await site.get(target)
        assert answer.is_refused(404, "unknown_room")
        assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("nobody/faces/nod.svg", "unknown_persona"),
        ("../faces/nod.svg", "unknown_persona"),
        ("%2e%2e/faces/nod.svg", "unknown_persona"),
        ("hong-sehyeon/faces/wink.svg", "unknown_signal"),
        ("hong-sehyeon/faces/%00.svg", "unknown_signal"),
        ("hong-sehyeon/faces/..%5c..%5ccard.svg", "unknown_signal"),
        ("hong-sehyeon/faces/../card.json", "not_found"),
        ("hong-sehyeon/faces/..%2fcard.json", "not_found"),
        ("hong-sehyeon/faces/..%2f..%2foh-yul%2ffaces%2fnod.svg", "not_found"),
        ("hong-sehyeon/faces/nod.png", "not_found"),
        ("hong-sehyeon", "not_found"),
    ],
)
async def test_nothing_but_the_faces_is_served_as_a_face(site: Site, path: str, name: str) -> None:
    assert (await site.get(f"/api/v1/personas/{path}")).is_refused(404, name)


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/%2e%2e%2fsecret.txt", "/..%5csecret.txt", "/..",
        "/.", "/link.txt", "/assets/../../secret.txt", "//secret.txt", "/.env", "/index.html%00", "/%00", "/%ff",
        "/a%5cb", "/a%0d%0ab",
    ],
)  # fmt: skip
async def test_no_path_leads_out_of_the_web_app(site: Site, path: str) -> None:
    answer = await site.get(path)

    assert answer.is_refused(404, "not_found")
    assert b"the secret" not in answer.body


@pytest.mark.parametrize(
    "path",
    ["/api", "/api/", "/api/v1", "/api/v2/rooms", "/api/v1/rooms/", "/healthz/x", "/connection/websocket"],
)
async def test_a_mistake_in_an_address_of_the_api_is_no_page(site: Site, path: str) -> None:
    assert (await site.get(path)).is_refused(404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/v1/session", "POST"),
        ("PUT", "/api/v1/session", "POST"),
        ("POST", "/api/v1/rooms", "GET"),
        ("DELETE", "/api/v1/rooms/panel", "GET"),
        ("OPTIONS", "/api/v1/rooms", "GET"),
        ("FOO", "/api/v1/personas", "GET"),
        ("POST", "/healthz", "GET"),
        ("POST", "/", "GET, HEAD"),
        ("TRACE", "/rooms/panel", "GET, HEAD"),
    ],
)
async def test_a_wrong_method_is_told_the_right_one(site: Site, method: str, path: str, allowed: str) -> None:
    answer = await site.ask(method, path)

    assert answer.is_refused(405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GET / HTTP/1.1\r\nhost: x\r\nevil\r\n\r\n", id="a header without a colon"),
        pytest.param(b"GET / HTTP/1.1\r\nhost: x\r\na: b\x00c\r\n\r\n", id="NUL in a header"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="no host"),
        pytest.param(b"GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n", id="two hosts"),
        pytest.param(b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n", id="a raw byte in the path"),
        pytest.param(b"GET / a HTTP/1.1\r\nhost: x\r\n\r\n", id="a blank in the path"),
        pytest.param(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", id="a negative length"),
        pytest.param(
            b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", id="two lengths"
        ),
        pytest.param(b"GET / HTTP/1.1\r\nhost: x\r\n" + b"a: b\r\n" * 3_000, id="a head without end"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", id="TLS"),
        pytest.param(b"rubbish\r\n\r\n", id="rubbish"),
    ],
)
async def test_what_is_not_http_is_turned_away_and_the_next_one_served(site: Site, head: bytes) -> None:
    answer = await site.send_raw(head)

    assert 400 <= answer.status < 500
    assert (await site.get("/healthz")).status == 200


async def test_a_bug_is_an_error_in_the_one_shape_that_tells_nothing(site: Site, store: OneQuietRoom) -> None:
    store.broken = RuntimeError("the inside of the edge")

    answer = await site.get("/api/v1/rooms")

    assert answer.is_refused(500, "internal")
    assert b"inside" not in answer.body
    assert "content-security-policy" in answer.headers


async def test_a_request_in_flight_is_answered_before_the_server_ends(tmp_path: Path) -> None:
    class Slow(OneQuietRoom):
        def __init__(self) -> None:
            self.asked, self.may_answer = trio.Event(), trio.Event()

        async def list_all(self) -> list[Room]:
            self.asked.set()
            await self.may_answer.wait()
            return []

    store, answers = Slow(), []

    async def ask() -> None:
        answers.append(await site.get("/api/v1/rooms"))

    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            site = await open_site(nursery, rooms=store, log=store, dist=tmp_path)  # type: ignore[arg-type]
            nursery.start_soon(ask)
            await store.asked.wait()
            site.stop.set()
            await trio.testing.wait_all_tasks_blocked()
            store.may_answer.set()

    assert [answer.json for answer in answers] == [{"rooms": []}]


async def test_a_port_that_is_taken_is_an_error_that_says_so(site: Site) -> None:
    with pytest.raises(OSError, match="in use"):
        await serve(FastAPI(), f"127.0.0.1:{site.port}", stop=trio.Event())
