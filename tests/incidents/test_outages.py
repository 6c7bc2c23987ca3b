"""PostgreSQL away, Redis away: what viewers notice, and that nothing which was acknowledged is lost.

livekit #4663: an outage of Redis failed the *liveness* of every node, and seven minutes became 53.
"""

import pytest
import trio
from conftest import Server

from edge import pending
from tests.incidents.asking import get, post, whole_log
from tests.integration.platform_cases import ROOM, open_platform
from tests.viewer import PATIENCE_S, Json, Viewer, open_viewer

CHANNEL = f"room:{ROOM}"


async def begin_to_say(viewer: Viewer, text: str, client_id: str) -> int:
    return await viewer.begin("rpc", method="say", data={"channel": CHANNEL, "text": text, "id": client_id})


async def said_in_the_end(viewer: Viewer, text: str, client_id: str, reply: Json) -> Json:
    """As a client does: a temporary error means the same again."""
    with trio.fail_after(PATIENCE_S):
        while "error" in reply:
            assert reply["error"]["code"] == 100
            assert reply["error"]["temporary"] is True
            reply = await viewer.reply_to(await begin_to_say(viewer, text, client_id))
    position: Json = reply["rpc"]["data"]
    return position


async def ready(port: int) -> None:
    with trio.fail_after(PATIENCE_S):
        while (await get(port, "/readyz"))[0] != 200:
            await trio.lowlevel.checkpoint()


# -- PostgreSQL ---------------------------------------------------------------------------------------


async def test_while_postgresql_is_away_the_room_stays_open_and_afterwards_every_line_is_there_once(
    loop: None, postgres: tuple[Server, str], redis_url: str
) -> None:
    server, url = postgres
    async with (
        open_platform(url, redis_url) as platform,
        open_viewer(platform.edge.port) as speaker,
        open_viewer(platform.edge.port) as listener,
    ):
        port = platform.edge.port
        epoch = (await listener.enter(ROOM))["epoch"]
        before = [await speaker.say(ROOM, f"앞 {n}", f"before-{n}") for n in range(5)]
        await listener.until_said("앞 4")

        await server.stop()
        lines = [(f"사이 {n}", f"between-{n}") for n in range(20)]
        asked = [await begin_to_say(speaker, *line) for line in lines]

        # Who comes meanwhile sees the room, who comes back gets what was missed: from memory.
        async with open_viewer(port) as newcomer, open_viewer(port) as returned:
            seen = await newcomer.enter(ROOM)
            missed = await returned.enter(ROOM, recover=True, epoch=epoch, offset=1)
            page = await returned.ask("history", channel=CHANNEL, limit=3)
            assert await newcomer.ask("ping") == {}
        assert seen["data"]["show"] == "live"
        assert missed["recovered"] is True
        texts = [pub["data"]["text"] for pub in missed["publications"] if pub["data"]["t"] == "chat"]
        assert texts == [f"앞 {n}" for n in range(1, 5)]
        assert [pub["offset"] for pub in page["publications"]] == [1, 2, 3]

        assert (await get(port, "/healthz"))[0] == 200
        status, body = await get(port, "/readyz")
        assert (status, body["error"]["name"]) == (503, "not_ready")
        assert "postgresql" in body["error"]["message"]
        assert not [text for text in listener.texts() if text.startswith("사이")]

        await server.start()
        replies = [await speaker.reply_to(number) for number in asked]
        between = [
            await said_in_the_end(speaker, *line, reply) for line, reply in zip(lines, replies, strict=True)
        ]
        after = await speaker.say(ROOM, "뒤", "after")
        await listener.until_said("뒤")
        await ready(port)
        log = await whole_log(speaker, ROOM)

        assert listener.closed is speaker.closed is None
        assert listener.offsets() == [pub["offset"] for pub in log]
        chats = {pub["offset"]: pub["data"]["id"] for pub in log if pub["data"]["t"] == "chat"}
        acknowledged = [position["offset"] for position in (*before, *between, after)]
        assert [chats[offset] for offset in acknowledged] == [
            *(f"before-{n}" for n in range(5)),
            *(client_id for _, client_id in lines),
            "after",
        ]
        assert len(chats) == len(acknowledged)


async def test_a_line_that_cannot_be_stored_in_time_is_a_temporary_error_and_the_same_id_is_safe(
    loop: None, postgres: tuple[Server, str], redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "SAY_DEADLINE_S", 0.5)
    server, url = postgres
    async with open_platform(url, redis_url) as platform, open_viewer(platform.edge.port) as speaker:
        await speaker.say(ROOM, "앞", "before")
        await server.stop()
        reply = await speaker.reply_to(await begin_to_say(speaker, "사이", "between"))
        assert reply["error"]["code"] == 100
        assert reply["error"]["temporary"] is True

        await server.start()
        first = await said_in_the_end(speaker, "사이", "between", reply)
        again = await said_in_the_end(speaker, "사이", "between", reply)
        log = await whole_log(speaker, ROOM)

    assert first == again
    assert [pub["data"]["id"] for pub in log if pub["data"]["t"] == "chat"] == ["before", "between"]


# -- Redis --------------------------------------------------------------------------------------------


async def test_while_redis_is_away_nobody_notices_but_in_the_counts_of_the_lobby(
    loop: None, database_url: str, redis: tuple[Server, str]
) -> None:
    server, url = redis
    async with (
        open_platform(database_url, url) as platform,
        open_viewer(platform.edge.port) as speaker,
        open_viewer(platform.edge.port) as listener,
    ):
        port = platform.edge.port
        await listener.enter(ROOM)
        await speaker.say(ROOM, "앞", "before")

        await server.stop()
        for number in range(5):
            await speaker.say(ROOM, f"사이 {number}", f"between-{number}")
        await listener.until_said("사이 4")
        async with open_viewer(port) as newcomer:
            assert (await newcomer.enter(ROOM))["data"]["show"] == "live"
            assert (await newcomer.ask("presence_stats", channel=CHANNEL))["num_clients"] >= 1
            lobby = await newcomer.ask("subscribe", channel="lobby")
        await until_viewers(port, known=False)
        assert [room["id"] for room in lobby["data"]["rooms"]] == [ROOM]
        assert (await get(port, "/healthz"))[0] == 200
        assert (await get(port, "/readyz"))[0] == 200
        assert (await post(port, "/api/v1/session"))[0] == 201

        await server.start()
        await until_viewers(port, known=True)
        await speaker.say(ROOM, "뒤", "after")
        await listener.until_said("뒤")

        assert listener.closed is speaker.closed is None
        assert listener.offsets() == list(range(1, len(listener.offsets()) + 1))


async def until_viewers(port: int, *, known: bool) -> None:
    """Until the lobby's listing tells how many watch, or tells that nobody knows."""
    with trio.fail_after(PATIENCE_S):
        while True:
            status, body = await get(port, "/api/v1/rooms")
            assert status == 200
            if (body["rooms"][0]["viewers"] is not None) is known:
                return


async def test_without_redis_and_postgresql_the_edge_still_lives(
    loop: None, postgres: tuple[Server, str], redis: tuple[Server, str]
) -> None:
    (database, database_url), (volatile, redis_url) = postgres, redis
    async with (
        open_platform(database_url, redis_url) as platform,
        open_viewer(platform.edge.port) as viewer,
    ):
        port = platform.edge.port
        await viewer.enter(ROOM)
        await database.stop()
        await volatile.stop()
        for _ in range(10):
            assert (await get(port, "/healthz"))[0] == 200
        assert (await get(port, "/readyz"))[0] == 503
        assert await viewer.ask("ping") == {}
        assert viewer.closed is None

        await database.start()
        await ready(port)
        await viewer.say(ROOM, "다시", "again")
