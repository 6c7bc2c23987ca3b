"""One room in which a persona speaks: asked is durable before the first word, the deltas joined are the reply."""

from itertools import pairwise
from typing import Any

import trio
from room_cases import (
    CHUNGI,
    EPOCH,
    JUN,
    QUIET,
    ROOM,
    START_MS,
    YUL,
    Edge,
    MemoryLog,
    apology,
    chat,
    serve,
)
from trio.testing import MockClock

from room_actor.errors import PersonaUnavailable
from room_actor.events import Cue, ShowClosed, TurnAsked, TurnReplied
from room_actor.rollup import WINDOW_S
from room_actor.speaker import RETRY_PAUSES_S
from store.ids import Fence, Position, Seq, TurnId, ViewerId

PAUSE_MS = QUIET.pause_ms
GONE = PersonaUnavailable("gone")
TRIES = len(RETRY_PAUSES_S) + 1
ONE = TurnId("t_one")


EIGHT = (
    "어제 헤어졌어요",
    "고백하고 싶어요",
    "연락이 뜸해졌어요",
    "첫 데이트를 앞두고 있어요",
    "장거리 연애 중이에요",
    "결혼 이야기가 나왔어요",
    "짝사랑만 삼 년째예요",
    "소개팅을 망쳤어요",
)


def joined(deltas: list[dict[str, Any]]) -> str:
    """As a viewer joins them: a piece at 0 starts anew."""
    text = ""
    for delta in deltas:
        assert delta["at"] <= len(text), "a hole in the text"
        text = text[: delta["at"]] + delta["text"]
    return text


def cues(deltas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [delta["cue"] for delta in deltas if "cue" in delta]


def types(edge: Edge) -> list[str]:
    return [body["t"] for body in edge.bodies if body["t"] != "count"]


async def test_a_line_gets_asked_then_deltas_then_the_reply(autojump_clock: MockClock) -> None:
    script = ["그랬", Cue("nod", 2), 0.01, "군요. ", 0.2, "힘들었", Cue("sad", 9), "겠어요."]
    async with serve(None, script) as room:
        edge = room.edge(viewers=1)
        edge.say("헤어졌어요", request=1)
        reply = await edge.until("reply")
    deltas = edge.of("delta")
    asked = edge.of("asked")[0]
    assert types(edge) == ["chat", "asked", *["delta"] * len(deltas), "reply"]
    assert len(deltas) > 2
    assert joined(deltas) == reply["text"] == "그랬군요. 힘들었겠어요."
    assert cues(deltas) == reply["cues"] == [{"signal": "nod", "at": 2}, {"signal": "sad", "at": 9}]
    assert {delta["reply"] for delta in deltas} == {asked["reply"]} == {reply["reply"]}
    assert (asked["answers"], asked["persona"], asked["why"]) == ([1], YUL, "talk")
    assert (reply["voice"], reply["ai"], reply.get("cut")) == ("builtin", True, None)
    assert edge.offsets == [1, 2, 3]
    assert [body["t"] for body in room.log.bodies()] == ["chat", "asked", "reply"]


async def test_no_persona_is_asked_before_the_turn_is_on_disk(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        edge.say("헤어졌어요")
        await edge.settle()
        room.log.hold()
        edge.watch(1)
        await trio.sleep(60)
        edge.watch(2)
        await edge.settle()
        assert [entry.body["t"] for entry in room.log.appends[-1][0].entries] == ["asked"]
        assert types(edge) == ["chat"]
        assert room.persona.asked == []
        room.log.let_go()
        await edge.until("reply")
    assert len(room.persona.asked) == 1


async def test_the_end_of_a_reply_is_seen_only_when_it_is_on_disk(autojump_clock: MockClock) -> None:
    async with serve(None, ["그랬군요.", 1.0]) as room:
        edge = room.edge(viewers=1)
        edge.say("헤어졌어요")
        await edge.until("delta")
        room.log.hold()
        await trio.sleep(10)
        await edge.settle()
        assert edge.of("reply") == []
        late = await room.edge("late", viewers=1).settle()
        assert late.snapshot["reply"]["text"] == "그랬군요."
        room.log.let_go()
        await late.until("reply")
        await edge.until("reply")
    assert edge.of("reply") == late.of("reply")


async def test_the_first_words_leave_at_once_and_the_rest_in_windows(autojump_clock: MockClock) -> None:
    script: list[Any] = []
    for n in range(100):
        script += [f"{n % 10}", 0.01]
    async with serve(None, script) as room:
        edge = room.edge(viewers=1)
        edge.say("헤어졌어요")
        reply = await edge.until("reply")
    deltas = edge.of("delta")
    assert deltas[0]["text"] == "0"
    assert joined(deltas) == reply["text"]
    assert len(deltas) <= 2 + 100 * 0.01 / WINDOW_S


async def test_who_enters_in_the_middle_sees_the_text_so_far_and_the_rest_once(
    autojump_clock: MockClock,
) -> None:
    async with serve(None, ["그랬군요. ", 1.0, "힘들었", 1.0, "겠어요."]) as room:
        early = room.edge("early", viewers=1)
        early.say("헤어졌어요")
        await early.until("delta", 2)
        late = room.edge("late", viewers=1)
        reply = await late.until("reply")
        await early.until("reply")
    so_far = late.snapshot["reply"]["text"]
    assert so_far == "그랬군요. 힘들었"
    assert [delta["at"] for delta in late.of("delta")] == [len(so_far)]
    assert so_far + joined([{**d, "at": d["at"] - len(so_far)} for d in late.of("delta")]) == reply["text"]
    assert late.of("reply") == early.of("reply")


async def test_nobody_speaks_to_an_empty_room(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        edge.say("아무도 없나요")
        await trio.sleep(300)
        await edge.settle()
        assert types(edge) == ["chat"]
        assert room.persona.asked == []
        edge.watch(1)
        await edge.until("reply")
    assert len(room.persona.asked) == 1


async def test_lines_that_waited_are_answered_together_and_one_turn_follows_the_other(
    autojump_clock: MockClock,
) -> None:
    async with serve(None, ["네.", 2.0], personas=(YUL, CHUNGI)) as room:
        edge = room.edge(viewers=1)
        for n, text in enumerate(EIGHT, 1):
            edge.say(text, f"c{n}", viewer=ViewerId(f"v_{n}"))
        await edge.until("reply", 3)
        await trio.sleep(60)
        await edge.settle()
    turns = [body for body in edge.bodies if body["t"] in {"asked", "reply"}]
    assert [body["t"] for body in turns] == ["asked", "reply"] * 3
    assert [body["answers"] for body in edge.of("asked")] == [[1, 2, 3], [4, 5, 6], [7, 8]]
    assert [body["persona"] for body in edge.of("asked")] == [YUL, CHUNGI, YUL]
    assert [len(asked.lines) for asked in room.persona.asked] == [3, 3, 2]
    for replied, asked in pairwise(turns[1:]):
        if asked["t"] == "asked":
            assert PAUSE_MS <= asked["ts"] - replied["ts"] < PAUSE_MS + 50


async def test_a_line_said_during_the_pause_is_answered_when_the_pause_is_over(
    autojump_clock: MockClock,
) -> None:
    async with serve() as room:
        edge = room.edge(viewers=1)
        edge.say("하나", "c1")
        replied = await edge.until("reply")
        await trio.sleep(0.7)
        edge.say("둘", "c2")
        asked = await edge.until("asked", 2)
    assert PAUSE_MS <= asked["ts"] - replied["ts"] < PAUSE_MS + 50


async def test_a_new_owner_speaks_an_open_turn_again_under_the_same_id(autojump_clock: MockClock) -> None:
    log = MemoryLog()
    log.put(chat("헤어졌어요"), TurnAsked(ONE, YUL, (Seq(1),), "oldest"), chat("저도요", "c2", JUN))
    async with serve(log, ["그랬", 1.0, "군요."], fence=2) as room:
        edge = await room.edge(known=Position(EPOCH, Seq(3))).settle()
        assert edge.snapshot["reply"]["reply"] == ONE
        await trio.sleep(60)
        assert room.persona.asked == [], "nobody watches yet"
        edge.watch(1)
        reply = await edge.until("reply")
    assert reply["reply"] == ONE
    assert joined(edge.of("delta")) == reply["text"] == "그랬군요."
    assert edge.of("delta")[0]["at"] == 0
    assert edge.of("asked") == []
    assert [line.text for line in room.persona.asked[0].lines] == ["헤어졌어요"]


async def test_an_open_turn_is_found_however_much_was_said_since(autojump_clock: MockClock) -> None:
    log = MemoryLog()
    log.put(chat("헤어졌어요", "first"), *(chat("ㅠㅠ", f"a{n}") for n in range(150)))
    log.put(TurnAsked(ONE, YUL, (Seq(1),), "oldest"))
    log.put(*(chat("힘내요", f"b{n}") for n in range(2_848)))
    async with serve(log, fence=2) as room:
        edge = room.edge(viewers=1)
        reply = await edge.until("reply")
    assert reply["reply"] == ONE
    assert reply["text"] == "네, 그랬군요."
    assert [line.text for line in room.persona.asked[0].lines] == ["헤어졌어요"]


async def test_a_persona_that_fails_before_its_first_word_is_asked_again(autojump_clock: MockClock) -> None:
    async with serve(None, [GONE], [1.0, GONE], ["이제 들려요."]) as room:
        edge = room.edge(viewers=1)
        edge.say("헤어졌어요")
        reply = await edge.until("reply")
    assert (reply["text"], reply.get("cut")) == ("이제 들려요.", None)
    assert joined(edge.of("delta")) == reply["text"]
    assert len({asked.turn for asked in room.persona.asked}) == 1


async def test_a_persona_that_cannot_say_a_word_apologises_in_its_own_voice_and_the_show_goes_on(
    autojump_clock: MockClock,
) -> None:
    async with serve(None, *[[GONE]] * TRIES, ["네."]) as room:
        edge = room.edge(viewers=1)
        edge.say("하나", "c1")
        first = await edge.until("reply")
        edge.say("둘", "c2")
        second = await edge.until("reply", 2)
    apologised = apology(YUL, first["reply"])
    assert (first["text"], first["cut"], first["voice"]) == (apologised, "unavailable", "")
    assert joined([d for d in edge.of("delta") if d["reply"] == first["reply"]]) == apologised
    assert len({asked.turn for asked in room.persona.asked[:TRIES]}) == 1
    assert (second["text"], second.get("cut")) == ("네.", None)


async def test_a_persona_that_hangs_is_not_waited_for_without_end(autojump_clock: MockClock) -> None:
    hang = [10_000.0, "zu spät"]
    async with serve(None, hang, hang, ["네."]) as room:
        edge = room.edge(viewers=1)
        edge.say("하나", "c1")
        first = await edge.until("reply")
        edge.say("둘", "c2")
        second = await edge.until("reply", 2)
    assert (first["text"], first["cut"]) == (apology(YUL, first["reply"]), "unavailable")
    assert (second["text"], second.get("cut")) == ("네.", None)


async def test_a_persona_that_breaks_off_is_cut_and_what_viewers_saw_is_kept(
    autojump_clock: MockClock,
) -> None:
    async with serve(None, ["그랬", 1.0, "군", GONE, "요."]) as room:
        edge = room.edge(viewers=1)
        edge.say("헤어졌어요")
        reply = await edge.until("reply")
    assert (reply["text"], reply["cut"]) == ("그랬군", "interrupted")
    assert joined(edge.of("delta")) == "그랬군"
    assert len(room.persona.asked) == 1


async def test_a_show_that_is_closed_at_once_stops_whoever_speaks(autojump_clock: MockClock) -> None:
    async with serve(None, ["그랬", 5.0, "군요."]) as room:
        edge = room.edge(viewers=1)
        edge.say("하나", "c1")
        edge.say("둘", "c2")
        await edge.until("delta")
        await room.actor.close_show()
        await edge.until("reply")
        await trio.sleep(60)
        await edge.settle()
    assert types(edge)[-1] == "reply"
    assert (edge.of("reply")[0]["text"], edge.of("reply")[0]["cut"]) == ("그랬", "closed")
    assert len(edge.of("asked")) == 1


async def test_a_show_that_was_over_with_an_open_turn_gets_its_reply_from_the_next_owner(
    autojump_clock: MockClock,
) -> None:
    log = MemoryLog()
    log.put(chat(), TurnAsked(ONE, YUL, (Seq(1),), "oldest"), ShowClosed())
    async with serve(log, fence=2) as room:
        edge = room.edge(viewers=1)
        reply = await edge.until("reply")
    assert reply["reply"] == ONE


async def test_a_deposed_owner_says_no_further_word(autojump_clock: MockClock) -> None:
    async with serve(None, ["그랬", 1.0, "군요.", 60.0, "힘들었겠어요."]) as room:
        edge = room.edge(viewers=1)
        edge.say("하나", "c1")
        await edge.until("delta", 2)
        room.log.fences[ROOM] = Fence(2)
        edge.say("둘", "c2")
        await trio.sleep(600)
        await edge.settle()
        await edge.settle()
    assert edge.is_cut
    assert joined(edge.of("delta")) == "그랬군요."
    assert [body["t"] for body in room.log.bodies()] == ["chat", "asked"]


async def test_a_room_that_settles_begins_no_new_turn(autojump_clock: MockClock) -> None:
    log = MemoryLog()
    log.put(chat("하나", "c1"), TurnAsked(ONE, YUL, (Seq(1),), "oldest"))
    log.put(TurnReplied(ONE, YUL, "네.", (), "builtin"), at_ms=START_MS - 60_000)
    log.put(chat("둘", "c2"))
    async with serve(log) as room:
        edge = room.edge()
        await room.actor.settle()
        edge.watch(1)
        await trio.sleep(60)
        await edge.settle()
    assert room.persona.asked == []
    assert log.appends == []
