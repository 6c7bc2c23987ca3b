"""What a viewer gets back after a break, what who comes late sees, and how the platform lets somebody go."""

import pytest
import trio
from platform_cases import ROOM, Platform
from viewer import PATIENCE_S, Json, Viewer, frame_of, open_socket, open_viewer, read_frames

from edge import mirror
from edge.history import RECOVER_MOST

CHANNEL = f"room:{ROOM}"


async def say_many(viewer: Viewer, count: int) -> None:
    """So many lines, all at once; returns when the last is durable."""
    data = [{"channel": CHANNEL, "text": f"말 {n}", "id": f"m{n}"} for n in range(count)]
    asked = [await viewer.begin("rpc", method="say", data=one) for one in data]
    replies = [await viewer.reply_to(number) for number in asked]
    assert sorted(reply["rpc"]["data"]["offset"] for reply in replies) == list(range(1, count + 1))


async def come_back(viewer: Viewer, offset: int, epoch: str) -> Json:
    result = await viewer.enter(ROOM, recover=True, offset=offset, epoch=epoch)
    assert result["was_recovering"] is True
    return result


def offsets_of(result: Json) -> list[int]:
    return [pub["offset"] for pub in result["publications"]]


# -- recovery by position -----------------------------------------------------------------------------


async def test_what_was_missed_comes_with_the_answer_and_the_rest_follows_without_a_gap(
    platform: Platform,
) -> None:
    async with open_viewer(platform.edge.port) as speaker:
        async with open_viewer(platform.edge.port) as viewer:
            epoch = (await viewer.enter(ROOM))["epoch"]
            await speaker.say(ROOM, "앞", "before")
            await viewer.until_said("앞")
            seen = max(viewer.offsets())
        for number in range(20):
            await speaker.say(ROOM, f"사이 {number}", f"between {number}")
        async with open_viewer(platform.edge.port) as viewer:
            result = await come_back(viewer, seen, epoch)
            await speaker.say(ROOM, "뒤", "after")
            await viewer.until_said("뒤")

            got = offsets_of(result) + viewer.offsets()

    assert result["recovered"] is True
    assert len(offsets_of(result)) >= 20
    assert got == list(range(seen + 1, seen + 1 + len(got)))


async def test_who_missed_nothing_recovers_with_nothing(platform: Platform) -> None:
    async with open_viewer(platform.edge.port) as speaker, open_viewer(platform.edge.port) as viewer:
        position = await speaker.say(ROOM, "말", "m1")
        result = await come_back(viewer, position["offset"], position["epoch"])

    assert (result["recovered"], result["publications"]) == (True, [])


async def test_what_memory_no_longer_holds_comes_from_the_log(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "TAIL_KEPT", 10)
    async with open_viewer(platform.edge.port) as speaker:
        await say_many(speaker, 50)
        position = await speaker.say(ROOM, "끝", "end")
        async with open_viewer(platform.edge.port) as viewer:
            result = await come_back(viewer, 5, position["epoch"])
        page = await speaker.ask("history", channel=CHANNEL, limit=20, since={"offset": 2})

    assert result["recovered"] is True
    assert offsets_of(result) == list(range(6, 52))
    assert offsets_of(page) == list(range(3, 23))
    assert page["publications"][3:] == result["publications"][:17]


async def test_more_than_one_answer_may_bring_is_not_recovered_at_all(platform: Platform) -> None:
    async with open_viewer(platform.edge.port) as viewer:
        await say_many(viewer, RECOVER_MOST + 1)
        epoch = (await viewer.ask("history", channel=CHANNEL))["epoch"]

        too_much = await come_back(viewer, 0, epoch)
        await viewer.ask("unsubscribe", channel=CHANNEL)
        most = await come_back(viewer, too_much["offset"] - RECOVER_MOST, epoch)

    assert (too_much["recovered"], too_much["publications"]) == (False, [])
    assert most["recovered"] is True
    assert offsets_of(most) == list(range(most["offset"] - RECOVER_MOST + 1, most["offset"] + 1))
    assert len(offsets_of(most)) == RECOVER_MOST


@pytest.mark.parametrize("offset", [-1, 2, 10**30])
async def test_a_position_that_there_was_not_is_not_recovered(platform: Platform, offset: int) -> None:
    async with open_viewer(platform.edge.port) as speaker, open_viewer(platform.edge.port) as viewer:
        position = await speaker.say(ROOM, "말", "m1")
        result = await come_back(viewer, offset, position["epoch"])

    assert (result["recovered"], result["publications"], result["offset"]) == (False, [], 1)


@pytest.mark.parametrize("epoch", ["", "another"])
async def test_a_position_in_another_log_is_not_recovered(platform: Platform, epoch: str) -> None:
    async with open_viewer(platform.edge.port) as speaker, open_viewer(platform.edge.port) as viewer:
        await speaker.say(ROOM, "말", "m1")
        result = await come_back(viewer, 0, epoch)

    assert (result["recovered"], result["publications"]) == (False, [])


async def test_every_edge_gives_the_same_positions(platform: Platform) -> None:
    first = platform.edge
    second = await platform.start_edge()
    async with open_viewer(first.port) as here, open_viewer(second.port) as there:
        epoch = (await here.enter(ROOM))["epoch"]
        assert (await there.enter(ROOM))["epoch"] == epoch
        for number in range(10):
            await (here, there)[number % 2].say(ROOM, f"말 {number}", str(number))
        await here.until_said("말 9")
        await there.until_said("말 9")

    shorter = min(len(here.offsets()), len(there.offsets()))
    assert shorter >= 10
    assert here.publications("chat") == there.publications("chat")
    assert here.offsets()[:shorter] == there.offsets()[:shorter] == list(range(1, shorter + 1))


# -- a reply in progress ------------------------------------------------------------------------------


def joined(text: str, deltas: list[Json]) -> str:
    """The rule for clients."""
    for pub in deltas:
        text = text[: pub["data"]["at"]] + pub["data"]["text"]
    return text


async def test_who_comes_in_the_middle_of_a_reply_sees_the_text_so_far_and_the_rest_once(
    platform: Platform,
) -> None:
    persona = platform.persona
    async with open_viewer(platform.edge.port) as early, open_viewer(platform.edge.port) as late:
        await early.enter(ROOM)
        await early.say(ROOM, "고백할까요?", "m1")
        await early.until(lambda: early.publications("asked"))
        [asked] = early.publications("asked")
        persona.show("smile")
        persona.speak("오늘 ")
        persona.speak("밤엔 😀 ")
        await early.until(lambda: joined("", early.publications("delta")) == "오늘 밤엔 😀 ")

        reply = (await late.enter(ROOM))["data"]["reply"]
        persona.speak("푹 자요.")
        persona.show("nod")
        persona.finish()
        await late.until(lambda: late.publications("reply"))
        await early.until(lambda: early.publications("reply"))

        begun = {key: value for key, value in asked["data"].items() if key not in ("t", "ts")}
        assert begun["answers"] == [1]
        assert reply == {
            **begun,
            "text": "오늘 밤엔 😀 ",
            "cues": [{"signal": "smile", "at": 0}],
        }
        for viewer, begins_with in ((early, ""), (late, reply["text"])):
            deltas = viewer.publications("delta")
            pieces = [pub["data"]["text"] for pub in deltas]
            [whole] = viewer.publications("reply")
            assert all("offset" not in pub for pub in deltas)
            assert begins_with + "".join(pieces) == whole["data"]["text"] == "오늘 밤엔 😀 푹 자요."
            assert joined(begins_with, deltas) == whole["data"]["text"]
            assert whole["data"]["ai"] is True
            assert whole["data"]["voice"] == "builtin"
        cues = [pub["data"]["cue"] for pub in early.publications("delta") if "cue" in pub["data"]]
        assert cues == early.publications("reply")[0]["data"]["cues"]
        assert [cue["signal"] for cue in cues] == ["smile", "nod"]
        assert [
            pub["data"]["cue"]["signal"] for pub in late.publications("delta") if "cue" in pub["data"]
        ] == ["nod"]


async def test_who_comes_after_the_reply_sees_none_in_progress(platform: Platform) -> None:
    async with open_viewer(platform.edge.port) as early, open_viewer(platform.edge.port) as late:
        await early.enter(ROOM)
        await early.say(ROOM, "고백할까요?", "m1")
        platform.persona.speak("네.")
        platform.persona.finish()
        await early.until(lambda: early.publications("reply"))
        result = await late.enter(ROOM)

    assert result["data"]["reply"] is None
    assert result["offset"] == 3


# -- when something goes ------------------------------------------------------------------------------


async def test_a_new_owner_of_the_room_goes_on_and_no_viewer_notices(platform: Platform) -> None:
    async with open_viewer(platform.edge.port) as viewer:
        epoch = (await viewer.enter(ROOM))["epoch"]
        for number in range(5):
            await viewer.say(ROOM, f"앞 {number}", f"a{number}")
        address = platform.actor.port
        await platform.actor.end()
        asked = await viewer.begin(
            "rpc", method="say", data={"channel": CHANNEL, "text": "사이", "id": "between"}
        )
        assert await viewer.ask("ping") == {}
        await platform.start_actor(address)

        answered = (await viewer.reply_to(asked))["rpc"]["data"]
        again = await viewer.say(ROOM, "앞 0", "a0")
        await viewer.say(ROOM, "뒤", "after")
        await viewer.until_said("뒤")

        assert answered["epoch"] == epoch
        assert again == {"offset": 1, "epoch": epoch}
        assert viewer.texts() == [*(f"앞 {n}" for n in range(5)), "사이", "뒤"]
        assert viewer.offsets() == list(range(1, len(viewer.offsets()) + 1))
        assert viewer.closed is None


async def test_a_viewer_who_reads_nothing_is_let_go_and_nobody_else_notices(platform: Platform) -> None:
    async with open_viewer(platform.edge.port) as speaker:
        await say_many(speaker, 300)
        await speaker.enter(ROOM)
        async with open_socket(platform.edge.port) as deaf:
            commands = ['{"id":1,"connect":{}}', f'{{"id":2,"subscribe":{{"channel":"{CHANNEL}"}}}}']
            await deaf.send_all(frame_of("\n".join(commands).encode()))
            await speaker.until(
                lambda: [c["data"]["viewers"] for c in speaker.publications("count")][-1:] == [2]
            )
            pages = [f'{{"id":{n},"history":{{"channel":"{CHANNEL}","limit":-1}}}}' for n in range(3, 19)]
            for _ in range(20):
                await deaf.send_all(frame_of("\n".join(pages).encode()))

            await speaker.until(lambda: speaker.publications("count")[-1]["data"]["viewers"] == 1)
            await speaker.say(ROOM, "저는 괜찮아요", "last")
            await speaker.until_said("저는 괜찮아요")
            assert speaker.closed is None

    assert speaker.offsets() == list(range(301, 301 + len(speaker.offsets())))


async def test_at_the_end_every_viewer_is_sent_to_another_edge(platform: Platform) -> None:
    edge = platform.edge
    async with (
        open_viewer(edge.port) as one,
        open_viewer(edge.port) as other,
        open_viewer(edge.port, connects=False) as new,
    ):
        await one.enter(ROOM)
        await edge.end()
        codes = [await viewer.close_code() for viewer in (one, other, new)]
        for viewer in (one, other):
            [told] = viewer.messages
            assert told["t"] == "goaway"
            assert 0 <= told["reconnect_ms"] <= 500
        assert new.messages == []  # it has not said `connect`: nothing may come before the answer to that

    assert codes == [3001, 3001, 3001]
    with pytest.raises(OSError, match="connect"):
        await trio.open_tcp_stream("127.0.0.1", edge.port)


async def test_the_end_does_not_wait_for_a_viewer_who_does_not_answer(platform: Platform) -> None:
    async with open_socket(platform.edge.port) as silent:
        await platform.edge.end()
        received = b"".join([data async for data in silent])

    assert read_frames(received) == ([], [3001])


async def test_who_reads_nothing_does_not_hold_up_the_end(platform: Platform) -> None:
    async with open_socket(platform.edge.port) as deaf, open_viewer(platform.edge.port) as other:
        await deaf.send_all(frame_of(b'{"id":1,"connect":{}}'))
        pages = "\n".join(
            f'{{"id":{n},"history":{{"channel":"{CHANNEL}","limit":-1}}}}' for n in range(2, 18)
        )
        await say_many(other, 300)
        for _ in range(3):
            await deaf.send_all(frame_of(pages.encode()))
        await platform.edge.end()
        assert await other.close_code() == 3001


async def test_an_edge_that_ends_says_that_it_is_not_ready(platform: Platform) -> None:
    async def ask(until: bytes) -> bytes:
        await http.send_all(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b""
        with trio.fail_after(PATIENCE_S):
            while until not in answer:
                answer += await http.receive_some()
        return answer

    async with (
        open_socket(platform.edge.port),
        await trio.open_tcp_stream("127.0.0.1", platform.edge.port) as http,
    ):
        before = await ask(b'"ready"}')
        platform.edge.stop.request()  # the silent viewer keeps it from ending at once
        after = await ask(b"draining")
    await platform.edge.end()

    assert before.startswith(b"HTTP/1.1 200 ")
    assert after.startswith(b"HTTP/1.1 503 ")
