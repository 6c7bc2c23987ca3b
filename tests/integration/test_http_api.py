"""What the edge serves over HTTP, on the real PostgreSQL: sessions, rooms, personas, health and the web app."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import jwt
import pytest
import trio
from http_cases import SECRET, ScriptedRedis, Site, first_persona, open_site

from edge import tokens
from store.ids import ClientId, PersonaId, RoomId, Seq, ViewerId
from store.ports import Author, Batch, Claimed, Count, Entry
from store.postgres.log import PostgresLog
from store.postgres.personas import PostgresPersonas
from store.postgres.pool import Database, open_database
from store.postgres.rooms import PostgresRooms
from store.redis.connections import open_redis
from store.redis.presence import RedisPresence

ROOM = RoomId("panel")
MIN = ViewerId("v_" + "m" * 22)
AT_MS = 1_767_225_600_000
SAID = 5


@pytest.fixture
async def database(loop: None, database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


@pytest.fixture
async def said(database: Database) -> tuple[PostgresRooms, PostgresLog]:
    """One room in which five lines were said."""
    persona = first_persona()
    rooms, log = PostgresRooms(database), PostgresLog(database)
    await PostgresPersonas(database).put([(PersonaId(persona), "홍세현", {})])
    assert await rooms.create(ROOM, "모두의 상담실", [PersonaId(persona)])
    claimed = await rooms.claim(ROOM, owner="test", owner_addr="nowhere:1", lease_s=60, over=None)
    assert isinstance(claimed, Claimed)
    entries = [
        Entry(Seq(n), AT_MS + n, {"t": "chat", "text": f"말 {n}", "ts": AT_MS + n}, MIN, ClientId(f"c{n}"))
        for n in range(1, SAID + 1)
    ]
    assert await log.append([Batch(ROOM, claimed.fence, entries, [Author(MIN, "민")])]) == frozenset()
    return rooms, log


@pytest.fixture
async def site(said: tuple[PostgresRooms, PostgresLog], tmp_path: Path, nursery: trio.Nursery) -> Site:
    return await open_site(nursery, rooms=said[0], log=said[1], dist=tmp_path)


def build(dist: Path, *, script: str = "let app;" * 500) -> None:
    (dist / "assets").mkdir(exist_ok=True)
    (dist / "assets" / "main-0a1b2c3d.js").write_text(script)
    (dist / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (dist / "index.html").write_text("<!doctype html><title>app</title>")


# sessions


async def test_a_stranger_becomes_a_guest_without_a_word(site: Site) -> None:
    answer = await site.ask("POST", "/api/v1/session")

    session = answer.json
    assert answer.status == 201
    assert session["viewer"].startswith("v_")
    assert tokens.clean_nick(session["nick"]) == session["nick"]
    claims = jwt.decode(session["token"], SECRET, algorithms=["HS256"])
    assert (claims["sub"], claims["nick"]) == (session["viewer"], session["nick"])
    assert session["expires_at"].endswith("Z")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_guest_has_the_nick_they_asked_for(site: Site) -> None:
    assert (await site.post("/api/v1/session", {"nick": "  봄 날 "})).json["nick"] == "봄 날"


async def test_a_guest_who_comes_back_is_the_same_viewer(site: Site) -> None:
    first = (await site.post("/api/v1/session", {"nick": "봄"})).json

    again = (await site.post("/api/v1/session", {"token": first["token"]})).json
    renamed = (await site.post("/api/v1/session", {"token": first["token"], "nick": "여름"})).json

    assert (again["viewer"], again["nick"]) == (first["viewer"], "봄")
    assert (renamed["viewer"], renamed["nick"]) == (first["viewer"], "여름")


async def test_an_expired_token_is_told_apart_from_a_false_one(site: Site) -> None:
    guest = tokens.new_guest(bytes(tokens.GUEST_BYTES))
    expired = tokens.issue(SECRET, guest, now_s=0, ttl_s=60)

    assert (await site.post("/api/v1/session", {"token": expired})).is_refused(401, "token_expired")
    assert (await site.post("/api/v1/session", {"token": expired[:-5] + "AAAAA"})).is_refused(
        401, "token_invalid"
    )


async def test_one_address_gets_so_many_sessions_and_no_more(site: Site) -> None:
    site.redis.tokens = 1

    assert (await site.post("/api/v1/session", {})).status == 201
    refused = await site.post("/api/v1/session", {})
    assert refused.is_refused(429, "too_many_requests")
    assert (refused.json["error"]["retryable"], refused.headers["retry-after"]) == (True, "1")


async def test_without_redis_guests_come_in_all_the_same(site: Site) -> None:
    site.redis.is_away = True

    assert (await site.post("/api/v1/session", {})).status == 201


@pytest.mark.parametrize(
    ("forwarded", "key"),
    [
        ("203.0.113.9", "session:203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "session:203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "session:2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "session:203.0.113.9"),
        ("x" * 900, "session:127.0.0.1"),
    ],
)
async def test_a_limit_counts_whom_the_proxy_on_this_machine_saw(
    site: Site, forwarded: str, key: str
) -> None:
    await site.ask("POST", "/api/v1/session", [("x-forwarded-for", forwarded)])

    assert site.redis.keys == [key]


# rooms


async def test_rooms_are_listed_with_who_is_on_air(site: Site) -> None:
    (room,) = (await site.get("/api/v1/rooms")).json["rooms"]

    assert room["personas"][0]["id"] == first_persona()
    assert room["personas"][0]["name"]
    assert {key: room[key] for key in ("id", "title", "show", "viewers", "last_offset")} == {
        "id": "panel",
        "title": "모두의 상담실",
        "show": "live",
        "viewers": 0,
        "last_offset": SAID,
    }
    assert (await site.get("/api/v1/rooms/panel")).json == room


async def test_on_the_real_redis_viewers_are_counted_and_sessions_limited(
    said: tuple[PostgresRooms, PostgresLog], redis_url: str, tmp_path: Path, nursery: trio.Nursery
) -> None:
    async with open_redis(redis_url) as volatile:
        for edge in ("one", "two"):
            await RedisPresence(volatile).report(edge, {ROOM: Count(connections=4, viewers=3)}, ttl_s=60)
        site, other_edge = [
            await open_site(
                nursery, rooms=said[0], log=said[1], dist=tmp_path, volatile=volatile, sessions_burst=2
            )
            for _ in range(2)
        ]

        listed = (await site.get("/api/v1/rooms")).json
        statuses = [(await edge.post("/api/v1/session", {})).status for edge in (site, other_edge, site)]

        assert listed["rooms"][0]["viewers"] == 6
        assert (await other_edge.get("/api/v1/rooms")).json == listed
        assert statuses == [201, 201, 429]


async def test_without_redis_a_room_is_shown_and_its_viewers_are_unknown(site: Site) -> None:
    site.redis.is_away = True

    assert (await site.get("/api/v1/rooms")).json["rooms"][0]["viewers"] is None
    assert (await site.get("/api/v1/rooms/panel")).json["viewers"] is None


async def test_the_log_is_paged_forward_to_its_end(site: Site) -> None:
    seen = []
    after = 0
    while page := (await site.get(f"/api/v1/rooms/panel/events?after={after}&limit=2")).json["events"]:
        seen += page
        after = page[-1]["offset"]

    assert [event["offset"] for event in seen] == [1, 2, 3, 4, 5]
    assert seen[0]["data"] == {"t": "chat", "text": "말 1", "ts": AT_MS + 1}


async def test_the_log_is_paged_backward_to_its_start(site: Site) -> None:
    last = (await site.get("/api/v1/rooms/panel/events?before=6&limit=2")).json
    first = (await site.get("/api/v1/rooms/panel/events?before=2&limit=2")).json
    none = (await site.get("/api/v1/rooms/panel/events?before=1")).json

    assert [event["offset"] for event in last["events"]] == [4, 5]
    assert [event["offset"] for event in first["events"]] == [1]
    assert none["events"] == []
    assert last["last_offset"] == first["last_offset"] == none["last_offset"] == SAID
    assert last["epoch"] == (await site.get("/api/v1/rooms/panel")).json["epoch"]


async def test_a_database_that_is_away_is_said_to_be_and_to_come_back(
    loop: None, tmp_path: Path, nursery: trio.Nursery
) -> None:
    async with open_database("postgresql://nobody@127.0.0.1:1/none") as nowhere:
        site = await open_site(nursery, rooms=PostgresRooms(nowhere), log=PostgresLog(nowhere), dist=tmp_path)
        for target in ("/api/v1/rooms", "/api/v1/rooms/panel", "/api/v1/rooms/panel/events"):
            answer = await site.get(target)
            assert answer.is_refused(503, "unavailable")
            assert (answer.json["error"]["retryable"], answer.headers["retry-after"]) == (True, "1")
        assert (await site.get("/healthz")).status == 200
        assert (await site.post("/api/v1/session", {})).status == 201


# personas


async def test_personas_come_with_a_face_for_every_signal(site: Site) -> None:
    personas = (await site.get("/api/v1/personas")).json["personas"]

    assert [persona["id"] for persona in personas] == sorted(persona["id"] for persona in personas)
    for persona in personas:
        assert persona["voice"] == "builtin"
        assert set(persona["faces"]) == set(persona["signals"]) >= {"neutral", "smile"}
    face = await site.get(personas[0]["faces"]["smile"])
    assert face.headers["content-type"] == "image/svg+xml"
    assert b"<svg" in face.body
    assert "sandbox" in face.headers["content-security-policy"]
    again = await site.get(personas[0]["faces"]["smile"], [("if-none-match", face.headers["etag"])])
    assert (again.status, again.body) == (304, b"")


# operations


async def test_a_process_that_answers_is_healthy_and_says_whether_it_is_ready(
    tmp_path: Path, nursery: trio.Nursery
) -> None:
    missing = ["postgres", "room_actors"]

    async def what_is_missing() -> list[str]:
        return missing

    redis = ScriptedRedis()
    site = await open_site(nursery, rooms=redis, log=redis, dist=tmp_path, missing=what_is_missing)  # type: ignore[arg-type]  # neither is asked here

    assert (await site.get("/healthz")).json == {"status": "ok", "version": "0.0.0-test"}
    refused = await site.get("/readyz")
    assert refused.is_refused(503, "not_ready")
    assert "room_actors" in refused.json["error"]["message"]
    missing.clear()
    assert (await site.get("/readyz")).json == {"status": "ready"}


async def test_numbers_name_routes_and_never_what_was_asked_for(site: Site) -> None:
    await site.get("/api/v1/rooms/a-room-nobody-made?word=secret")
    metrics = (await site.get("/metrics")).body.decode()

    assert 'lovelm_http_requests_total{method="GET",route="/api/v1/rooms/{room_id}",status="404"}' in metrics
    assert "a-room-nobody-made" not in metrics
    assert "secret" not in metrics


async def test_the_api_describes_itself_without_another_host(site: Site) -> None:
    page = await site.get("/api/docs")
    api = (await site.get("/api/openapi.json")).json

    assert page.status == 200
    assert b"//" not in page.body.replace(b"<!doctype html>", b"")
    for asset in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js"):
        assert asset.encode() in page.body
        assert (await site.get(f"/api/docs/{asset}")).status == 200
    assert {"/api/v1/session", "/api/v1/rooms/{room_id}/events", "/api/v1/personas"} <= set(api["paths"])
    for operations in api["paths"].values():
        for operation in operations.values():
            assert operation["summary"]
            assert operation["description"]
            assert operation["responses"]["default"]["content"]["application/json"]["schema"][
                "$ref"
            ].endswith("ErrorBody")


# the web app


async def test_a_page_that_was_not_built_says_how_to_build_it_and_then_is_there(site: Site) -> None:
    before = await site.get("/")
    build(site.dist)
    after = await site.get("/")

    assert before.status == 503
    assert b"make web" in before.body
    assert (after.status, after.body) == (200, b"<!doctype html><title>app</title>")
    assert after.headers["cache-control"] == "no-cache"


async def test_every_place_in_the_app_is_its_page(site: Site) -> None:
    build(site.dist)

    for place in ("/", "/index.html", "/rooms/hong-sehyeon", "/about?from=/x.y", "/%EC%83%81%EB%8B%B4"):
        assert (await site.get(place)).body == b"<!doctype html><title>app</title>"
    assert (await site.get("/main.js")).is_refused(404, "not_found")
    assert (await site.get("/assets/main-ffffffff.js")).is_refused(404, "not_found")


async def test_a_hashed_file_is_kept_for_ever_and_sent_small(site: Site) -> None:
    build(site.dist)

    plain = await site.get("/assets/main-0a1b2c3d.js")
    packed = await site.get("/assets/main-0a1b2c3d.js", [("accept-encoding", "br, gzip")])

    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["content-type"].startswith("text/javascript")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["vary"] == plain.headers["vary"] == "accept-encoding"


async def test_a_page_that_has_not_changed_is_not_sent_again(site: Site) -> None:
    build(site.dist)
    etag = (await site.get("/")).headers["etag"]

    again = await site.get("/", [("if-none-match", etag)])

    assert (again.status, again.body) == (304, b"")


async def test_every_answer_carries_the_headers_that_keep_a_browser_safe(site: Site) -> None:
    build(site.dist)

    for target in ("/", "/nothing.js", "/api/v1/rooms", "/api/v1/rooms/nowhere", "/healthz"):
        headers = (await site.get(target)).headers
        policy = headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "server" not in headers


async def test_head_is_get_without_the_body(site: Site) -> None:
    whole = await site.get("/api/v1/rooms")
    head = await site.ask("HEAD", "/api/v1/rooms")

    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.body))
