"""What a viewer can do over the viewer protocol, and what it is told when it cannot."""

import time

import pytest
from platform_cases import PERSONA, ROOM, SECRET, Platform
from viewer import open_viewer

from edge import tokens
from edge.tokens import Identity
from store.ids import ViewerId

CHANNEL = f"room:{ROOM}"
WHO = Identity(ViewerId("v_" + "a" * 22), "봄이")
OTHER = Identity(ViewerId("v_" + "b" * 22), "가을이")


def token_of(identity: Identity, *, ttl_s: float = 3_600) -> str:
    return tokens.issue(SECRET, identity, time.time(), ttl_s)


# -- who somebody is ----------------------------------------------------------------------------------


async def test_a_guest_without_a_token_gets_an_identity_to_come_back_with(platform: Platform) -> None:
    async with open_viewer(platform.edge.port, connects=False) as viewer:
        first = await viewer.ask("connect")
    async with open_viewer(platform.edge.port, connects=False) as viewer:
        again = await viewer.ask("connect", token=first["data"]["token"])

    assert first["ping"] == 25
    assert first["pong"] is True
    assert "expires" not in first
    assert again["data"]["viewer"] == first["data"]["viewer"]
    assert again["data"]["nick"] == first["data"]["nick"]
    assert again["client"] != first["client"]


async def test_a_token_names_the_viewer_and_says_how_long_it_holds(platform: Platform) -> None:
    async with open_viewer(platform.edge.port, connects=False) as viewer:
        result = await viewer.ask("connect", token=token_of(WHO, ttl_s=500), data={"any": 1}, name="js")

    assert result["data"]["viewer"] == WHO.viewer
    assert result["data"]["nick"] == "봄이"
    assert result["expires"] is True
    assert 0 < result["ttl"] <= 500


async def test_an_expired_token_is_told_so_and_a_fresh_one_is_welcome_after_it(platform: Platform) -> None:
    async with open_viewer(platform.edge.port, connects=False) as viewer:
        assert await viewer.refusal("connect", token=token_of(WHO, ttl_s=-1)) == 109
        result = await viewer.ask("connect", token=token_of(WHO))

    assert result["data"]["viewer"] == WHO.viewer


@pytest.mark.parametrize("token", ["x", "a.b.c", token_of(WHO)[:-4] + "AAAA"])
async def test_a_token_that_is_not_ours_closes_for_good(platform: Platform, token: str) -> None:
    async with open_viewer(platform.edge.port, connects=False) as viewer:
        await viewer.begin("connect", token=token)
        assert await viewer.close_code() == 3500


async def test_a_token_can_be_renewed_by_its_own_viewer_alone(platform: Platform) -> None:
    async with open_viewer(platform.edge.port, token=token_of(WHO)) as viewer:
        renewed = await viewer.ask("refresh", token=token_of(WHO, ttl_s=9_000))
        assert renewed["expires"] is True
        assert renewed["ttl"] > 3_600
        assert await viewer.refusal("refresh", token=token_of(WHO, ttl_s=-1)) == 109
        await viewer.begin("refresh", token=token_of(OTHER))
        assert await viewer.close_code() == 3500


# -- channels -----------------------------------------------------------------------------------------


async def test_who_enters_a_room_sees_what_it_is(platform: Platform) -> None:
    async with open_viewer(platform.edge.port) as viewer:
        result = await viewer.enter(ROOM)

    assert result["recoverable"] is True
    assert result["positioned"] is True
    assert (result["offset"], result["publications"]) == (0, [])
    assert result["epoch"]
    assert result["data"] == {
        "room": ROOM,
        "title": "사랑방",
        "personas": [{"id": PERSONA, "name": "오율"}],
        "on_air": [PERSONA],
        "show": "live",
        "phase": "chatting",
        "viewers": 1,
        "reply": None,
        "story": None,
        "stories_waiting": 0,
        "poll": None,
        "pinned": None,
        "rules": {"max_chars": 300, "slow_s": 0, "say_rate": 1_000.0, "say_burst": 10_000},
        "ai": True,
    }


async def test_the_lobby_shows_every_room(platform: Platform) -> None:
    async with open_viewer(platform.edge.port) as viewer:
        result = await viewer.ask("subscribe", channel="lobby")
        stats = await viewer.ask("presence_stats", channel="lobby")

    assert [room["id"] for room in result["data"]["rooms"]] == [ROOM]
    assert stats == {"num_clients": 1, "num_users": 1}


async def test_channels_that_do_not_exist_are_refused_however_they_are_used(platform: Platform) -> None:
    line = {"text": "여기 누구 있어요?", "id": "1"}
    async with open_viewer(platform.edge.port) as viewer:
        for channel in ("room:nowhere", "room:", "me", "", "ROOM:panel", "room:" + "x" * 65):
            assert await viewer.refusal("subscribe", channel=channel) == 102, channel
            assert await viewer.refusal("publish", channel=channel, data=line) == 102, channel
            assert await viewer.refusal("history", channel=channel, limit=1) == 102, channel
            assert await viewer.refusal("presence_stats", channel=channel) == 102, channel
        await viewer.enter(ROOM)


async def test_a_channel_can_be_entered_once_and_again_after_leaving_it(platform: Platform) -> None:
    async with open_viewer(platform.edge.port) as viewer:
        await viewer.enter(ROOM)
        assert await viewer.refusal("subscribe", channel=CHANNEL) == 105
        assert await viewer.ask("unsubscribe", channel=CHANNEL) == {}
        assert await viewer.ask("unsubscribe", channel=CHANNEL) == {}
        await viewer.enter(ROOM)


async def test_who_left_a_room_hears_no_more_of_it(platform: Platform) -> None:
    async with open_viewer(platform.edge.port) as stays, open_viewer(platform.edge.port) as leaves:
        await stays.enter(ROOM)
        await leaves.enter(ROOM)
        await stays.say(ROOM, "모두에게", "1")
        await leaves.until_said("모두에게")
        await leaves.ask("unsubscribe", channel=CHANNEL)
        heard = len(leaves.pushes)

        await stays.say(ROOM, "남은 사람에게", "2")
        await stays.until_said("남은 사람에게")
        await leaves.ask("ping")

        assert len(leaves.pushes) == heard


async def test_too_many_channels_close_the_connection(platform: Platform) -> None:
    async with open_viewer(platform.edge.port) as viewer:
        await viewer.send(
            "\n".join(f'{{"id":{n},"subscribe":{{"channel":"room:r{n}"}}}}' for n in range(101, 118))
        )
        assert await viewer.close_code() == 3505


async def test_more_commands_than_may_be_under_way_are_refused_and_the_rest_is_answered(
    platform: Platform,
) -> None:
    async with open_viewer(platform.edge.port) as viewer:
        await viewer.send(
            "\n".join(f'{{"id":{n},"history":{{"channel":"{CHANNEL}"}}}}' for n in range(101, 141))
        )
        replies = [await viewer.reply_to(n) for n in range(101, 141)]

    assert sum("history" in reply for reply in replies) == 16
    assert {reply["error"]["code"] for reply in replies if "error" in reply} == {111}


# -- speaking -----------------------------------------------------------------------------------------


async def test_a_line_is_acknowledged_with_its_place_and_reaches_everyone_once(platform: Platform) -> None:
    async with (
        open_viewer(platform.edge.port, token=token_of(WHO)) as speaker,
        open_viewer(platform.edge.port) as listener,
    ):
        epoch = (await speaker.enter(ROOM))["epoch"]
        await listener.enter(ROOM)
        assert await speaker.say(ROOM, "안녕하세요", "m1") == {"offset": 1, "epoch": epoch}
        await speaker.until_said("안녕하세요")
        await listener.until_said("안녕하세요")

        for viewer in (speaker, listener):
            [pub] = viewer.publications("chat")
            assert pub["offset"] == 1
            assert pub["data"].pop("ts") > 1_500_000_000_000
            assert pub["data"] == {
                "t": "chat", "id": "m1", "viewer": WHO.viewer, "nick": "봄이", "badges": [], "text": "안녕하세요",
            }  # fmt: skip


async def test_the_same_id_twice_is_one_message_however_it_is_sent(platform: Platform) -> None:
    data = {"channel": CHANNEL, "text": "한 번만", "id": "m1"}
    async with open_viewer(platform.edge.port, token=token_of(WHO)) as viewer:
        await viewer.enter(ROOM)
        first = await viewer.say(ROOM, "한 번만", "m1")
        assert await viewer.say(ROOM, "다른 말", "m1") == first
        assert await viewer.ask("publish", channel=CHANNEL, data=data) == {}
    async with open_viewer(platform.edge.port, token=token_of(WHO)) as again:
        await again.enter(ROOM)
        assert await again.say(ROOM, "한 번만", "m1") == first
        page = await again.ask("history", channel=CHANNEL, limit=-1)

    assert [pub["data"]["text"] for pub in page["publications"] if pub["data"]["t"] == "chat"] == ["한 번만"]


async def test_the_same_id_of_two_viewers_is_two_messages(platform: Platform) -> None:
    async with open_viewer(platform.edge.port) as one, open_viewer(platform.edge.port) as other:
        first = await one.say(ROOM, "하나", "m1")
        second = await other.say(ROOM, "둘", "m1")

    assert (first["offset"], second["offset"]) == (1, 2)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"text": "가" * 301, "id": "1"}, 406),
        ({"text": "가" * 2_000, "id": "1"}, 406),
        ({"text": "", "id": "1"}, 107),
        ({"text": " \n\t", "id": "1"}, 107),
        ({"text": 17, "id": "1"}, 107),
        ({"text": "말", "id": ""}, 107),
        ({"text": "말", "id": "x" * 65}, 107),
        ({"text": "말", "id": "a\x00b"}, 107),
        ({"text": "말", "id": 1}, 107),
        ({"text": "말"}, 107),
        ("말", 107),
        (None, 107),
        ([], 107),
    ],
)
async def test_a_line_that_breaks_a_rule_is_refused_with_its_code(
    platform: Platform, data: object, code: int
) -> None:
    async with open_viewer(platform.edge.port) as viewer:
        assert await viewer.refusal("publish", channel=CHANNEL, data=data) == code
        assert (await viewer.say(ROOM, "가" * 300, "good"))["offset"] == 1


async def test_a_viewer_who_speaks_too_fast_is_refused_on_all_connections_and_nobody_else(
    platform: Platform,
) -> None:
    edge = await platform.start_edge(say_rate=0.001, say_burst=3)
    async with (
        open_viewer(edge.port, token=token_of(WHO)) as fast,
        open_viewer(edge.port, token=token_of(WHO)) as same_viewer,
        open_viewer(edge.port, token=token_of(OTHER)) as other,
    ):
        for number in range(3):
            await fast.say(ROOM, "말", f"m{number}")
        line = {"text": "또", "id": "m4"}
        assert await fast.refusal("publish", channel=CHANNEL, data=line) == 111
        assert await same_viewer.refusal("publish", channel=CHANNEL, data=line) == 111
        assert (await other.say(ROOM, "천천히", "m1"))["offset"] == 4


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('{"id":7,"teleport":{}}', 104),
        ('{"id":7,"rpc":{"method":"fly"}}', 104),
        ('{"id":7,"rpc":{}}', 104),
        ('{"id":7,"presence":{"channel":"room:panel"}}', 108),
        ('{"id":7,"sub_refresh":{"channel":"room:panel"}}', 108),
        ('{"id":7,"history":{"channel":"lobby"}}', 108),
        ('{"id":7,"publish":{"channel":"lobby","data":{"text":"a","id":"b"}}}', 102),
        ('{"id":7,"rpc":{"method":"say","data":17}}', 102),
        ('{"id":7,"rpc":{"method":"say","data":{"channel":["room:panel"]}}}', 102),
    ],
)
async def test_what_is_not_offered_is_refused_and_the_connection_goes_on(
    platform: Platform, frame: str, code: int
) -> None:
    async with open_viewer(platform.edge.port) as viewer:
        await viewer.send(frame)
        assert (await viewer.reply_to(7))["error"]["code"] == code
        assert await viewer.ask("ping") == {}


async def test_a_message_without_an_answer_is_taken_in_silence(platform: Platform) -> None:
    async with open_viewer(platform.edge.port) as viewer:
        await viewer.send('{"send":{"data":{"a":1}}}')
        assert await viewer.ask("ping") == {}


async def test_presence_counts_connections_and_people(platform: Platform) -> None:
    async with (
        open_viewer(platform.edge.port, token=token_of(WHO)) as one,
        open_viewer(platform.edge.port, token=token_of(WHO)) as same,
        open_viewer(platform.edge.port) as other,
    ):
        for viewer in (one, same, other):
            await viewer.enter(ROOM)
        stats = await one.ask("presence_stats", channel=CHANNEL)
        assert stats == {"num_clients": 3, "num_users": 2}
        await one.until(lambda: [p["data"]["viewers"] for p in one.publications("count")][-1:] == [2])


# -- reading back -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "offsets"),
    [
        ({}, []),
        ({"limit": 3}, [1, 2, 3]),
        ({"limit": -1}, [1, 2, 3, 4, 5]),
        ({"limit": 10**30}, [1, 2, 3, 4, 5]),
        ({"limit": 2, "reverse": True}, [5, 4]),
        ({"limit": 2, "since": {"offset": 3}}, [4, 5]),
        ({"limit": 2, "since": {"offset": 3}, "reverse": True}, [2, 1]),
        ({"limit": 9, "since": {"offset": -4}}, [1, 2, 3, 4, 5]),
        ({"limit": 9, "since": {"offset": 10**30}}, []),
        ({"limit": 9, "since": {"offset": 10**30}, "reverse": True}, [5, 4, 3, 2, 1]),
    ],
)
async def test_history_is_read_from_either_end_and_from_any_place(
    platform: Platform, fields: dict[str, object], offsets: list[int]
) -> None:
    async with open_viewer(platform.edge.port) as viewer:
        for number in range(1, 6):
            await viewer.say(ROOM, f"말 {number}", str(number))
        page = await viewer.ask("history", channel=CHANNEL, **fields)

    assert [pub["offset"] for pub in page["publications"]] == offsets
    assert [pub["data"]["text"] for pub in page["publications"]] == [f"말 {offset}" for offset in offsets]
    assert page["offset"] == 5


async def test_history_of_another_log_is_not_to_be_had(platform: Platform) -> None:
    async with open_viewer(platform.edge.port) as viewer:
        since = {"offset": 0, "epoch": "another"}
        assert await viewer.refusal("history", channel=CHANNEL, limit=1, since=since) == 112
