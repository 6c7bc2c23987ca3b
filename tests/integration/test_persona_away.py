"""No persona actor answers: chat goes on, and the turn ends with an apology in the persona's own voice."""

from platform_cases import PERSONA, ROOM, Platform, free_port
from viewer import open_viewer

from personas import load_pack


async def test_chat_goes_on_and_the_persona_apologises_as_itself_and_can_be_asked_again(
    platform: Platform,
) -> None:
    there = platform.persona_port
    platform.persona_port = free_port()
    await platform.actor.end()
    await platform.start_actor(platform.actor.port)
    async with open_viewer(platform.edge.port) as viewer:
        await viewer.enter(ROOM)
        await viewer.say(ROOM, "헤어졌어요", "c1")
        await viewer.until(lambda: viewer.publications("asked"))
        for n in range(5):
            await viewer.say(ROOM, f"힘내요 {n}", f"d{n}")
        await viewer.until(lambda: viewer.publications("reply"))
        said = viewer.publications("reply")[0]["data"]
        assert said["text"] in load_pack(PERSONA).apologies
        assert (said["cut"], said["voice"], said["persona"]) == ("unavailable", "", PERSONA)
        assert said["reply"] == viewer.publications("asked")[0]["data"]["reply"]
        assert len(viewer.texts()) == 6

        platform.persona_port = there
        await platform.actor.end()
        await platform.start_actor(platform.actor.port)
        platform.persona.speak("이제 들려요.")
        platform.persona.finish()
        await viewer.until(
            lambda: any(p["data"]["text"] == "이제 들려요." for p in viewer.publications("reply"))
        )
    assert viewer.closed is not None
    assert viewer.offsets() == list(range(1, len(viewer.offsets()) + 1)), "one connection, without a hole"
