"""Defects of the first system that touch rooms: each would be seen here by a viewer, on the real platform."""

import pytest
from platform_cases import PERSONA, ROOM, Platform
from viewer import Json, Viewer, open_viewer

CHANNEL = f"room:{ROOM}"


async def history(viewer: Viewer) -> list[Json]:
    page: list[Json] = (await viewer.ask("history", channel=CHANNEL, limit=1_000, since={"offset": 0}))[
        "publications"
    ]
    return page


async def hear_a_reply(platform: Platform, viewer: Viewer, text: str) -> Json:
    heard = len(viewer.publications("reply"))
    platform.persona.speak(text)
    platform.persona.finish()
    await viewer.until(lambda: len(viewer.publications("reply")) > heard)
    return viewer.publications("reply")[-1]


async def test_replies_are_stored_whole_with_the_lines_they_answer(platform: Platform) -> None:
    """Replies were never stored, so nothing could be read again or cut into clips."""
    async with open_viewer(platform.edge.port) as viewer:
        await viewer.enter(ROOM)
        line = await viewer.say(ROOM, "헤어졌어요", "c1")
        platform.persona.show("nod")
        reply = await hear_a_reply(platform, viewer, "많이 힘드셨죠, 여러분.")
    await platform.actor.end()
    await platform.start_actor(platform.actor.port)
    async with open_viewer(platform.edge.port) as late:
        await late.enter(ROOM)
        kept = {publication["data"]["t"]: publication for publication in await history(late)}
    assert kept["reply"] == reply
    assert kept["reply"]["data"]["text"] == "많이 힘드셨죠, 여러분."
    assert kept["reply"]["data"]["cues"] == [{"signal": "nod", "at": 0}]
    assert kept["asked"]["data"]["answers"] == [line["offset"]]
    assert kept["asked"]["data"]["persona"] == PERSONA


async def test_state_in_dictionaries_everything_is_there_after_every_process_was_replaced(
    platform: Platform,
) -> None:
    """All state stood in one process's dictionaries: a restart forgot the room, and a repeated message came twice."""
    async with open_viewer(platform.edge.port, connects=False) as viewer:
        token = (await viewer.ask("connect"))["data"]["token"]
        await viewer.enter(ROOM)
        places = [await viewer.say(ROOM, f"{n}번째 말", f"c{n}") for n in range(5)]
        await hear_a_reply(platform, viewer, "듣고 있죠.")
        before = await history(viewer)
    await platform.edge.end()
    await platform.actor.end()
    await platform.start_actor()
    await platform.start_edge()
    async with open_viewer(platform.edge.port, token=token) as viewer:
        await viewer.enter(ROOM)
        assert [await viewer.say(ROOM, f"{n}번째 말", f"c{n}") for n in range(5)] == places
        after = await history(viewer)
    assert after[: len(before)] == before
    assert [p["data"]["text"] for p in after if p["data"]["t"] == "chat"] == [f"{n}번째 말" for n in range(5)]


@pytest.mark.parametrize("method", ["playback_completed", "next", "finish_turn", "close"])
async def test_playback_completed_no_viewer_moves_the_show_for_the_others(
    platform: Platform, method: str
) -> None:
    """Any client's `playback_completed` ended the turn for everybody."""
    async with open_viewer(platform.edge.port) as rude, open_viewer(platform.edge.port) as other:
        for viewer in (rude, other):
            await viewer.enter(ROOM)
        await other.say(ROOM, "헤어졌어요", "c1")
        platform.persona.speak("많이 ")
        await other.until(lambda: other.publications("delta"))
        turn = other.publications("asked")[0]["data"]["reply"]
        assert await rude.refusal("rpc", method=method, data={"channel": CHANNEL, "reply": turn}) == 104
        for body in ({"t": "reply", "reply": turn, "text": "끝"}, {"t": "show", "what": "closed"}):
            assert await rude.refusal("publish", channel=CHANNEL, data=body) in (103, 107)
        await other.say(ROOM, "아직 듣고 있어요", "c2")
        assert other.publications("reply", "show") == []
        reply = await hear_a_reply(platform, other, "힘드셨죠.")
    assert reply["data"]["text"] == "많이 힘드셨죠."
    assert "cut" not in reply["data"]
