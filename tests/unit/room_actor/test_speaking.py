"""How a turn is spoken: at its persona's pace, stopped for what matters more, and never more than viewers got."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import trio
from memory_stores import request
from room_cases import CHARS_PER_S, JUN, MIN, QUIET, YUL, Edge, MemoryLog, Piece, chat, serve
from trio.testing import MockClock

from room_actor.commands import Donate, EndShow, Enter, Retract, Skip, Wish
from room_actor.errors import PersonaUnavailable
from room_actor.events import Cue, PhaseSet, TurnAsked
from room_actor.floor import ARRIVAL_S
from room_actor.rollup import STOP_S
from room_actor.show import Phase
from room_actor.speaker import OPERATOR, Said
from store.ids import Seq, TurnId, ViewerId

ONE = TurnId("t_1")
PACED = replace(QUIET, pace=1.0)
CLOSING = replace(QUIET, closing=True)
IDLE = replace(PACED, idle_after_s=5)
GONE = PersonaUnavailable("gone")
TALK = "비가 오네요. 이런 날엔 생각이 많아지죠. 다들 어떻게 지내세요?"
PAID = Donate("d1", JUN, "준", 5_000, "KRW", "헤어졌는데 어떡하죠?")


def joined(deltas: list[dict[str, Any]]) -> str:
    text = ""
    for delta in deltas:
        assert delta["at"] == len(text)
        text += delta["text"]
    return text


async def until_said(edge: Edge, chars: int) -> None:
    """Until viewers have so much of the reply."""
    with trio.fail_after(3_600):
        while len(joined(edge.of("delta"))) < chars:
            await edge.until("delta", len(edge.of("delta")) + 1)


async def test_a_reply_leaves_at_the_pace_of_its_persona_and_ends_when_all_is_out(
    autojump_clock: MockClock,
) -> None:
    text = "가" * 51
    async with serve(None, [text], knobs=PACED) as room:
        edge = room.edge(viewers=1)
        edge.say("헤어졌어요")
        await edge.until("delta")
        began_s = trio.current_time()
        reply = await edge.until("reply")
        assert trio.current_time() - began_s == pytest.approx(50 / CHARS_PER_S, abs=0.1)
    assert joined(edge.of("delta")) == reply["text"] == text


async def test_twice_the_pace_takes_half_the_time(autojump_clock: MockClock) -> None:
    async with serve(None, ["가" * 51], knobs=replace(PACED, pace=2.0)) as room:
        edge = room.edge(viewers=1)
        edge.say("헤어졌어요")
        await edge.until("delta")
        began_s = trio.current_time()
        await edge.until("reply")
        assert trio.current_time() - began_s == pytest.approx(25 / CHARS_PER_S, abs=0.1)


async def test_cues_come_in_time_with_the_words_before_them(autojump_clock: MockClock) -> None:
    async with serve(None, ["가" * 10, Cue("nod", 10), "나" * 10, Cue("smile", 20)], knobs=PACED) as room:
        edge = room.edge(viewers=1)
        edge.say("헤어졌어요")
        reply = await edge.until("reply")
    for delta in edge.of("delta"):
        if "cue" in delta:
            assert delta["at"] + len(delta["text"]) == delta["cue"]["at"]
    assert [cue["signal"] for cue in reply["cues"]] == ["nod", "smile"]


async def test_a_persona_that_breaks_off_is_heard_to_the_last_word_that_came(
    autojump_clock: MockClock,
) -> None:
    async with serve(None, ["그랬군요. 힘들", GONE], knobs=PACED) as room:
        edge = room.edge(viewers=1)
        edge.say("헤어졌어요")
        reply = await edge.until("reply")
    assert (reply["text"], reply["cut"]) == ("그랬군요. 힘들", "interrupted")
    assert joined(edge.of("delta")) == reply["text"]


# -- idle talk gives way --------------------------------------------------------------------------------


async def test_a_payment_ends_idle_talk_with_its_sentence_and_is_answered_next(
    autojump_clock: MockClock,
) -> None:
    async with serve(None, [TALK, 600.0], ["네, 준 님."], knobs=IDLE) as room:
        edge = room.edge(viewers=1)
        await until_said(edge, 3)
        paid_s = trio.current_time()
        await room.actor.direct(request("r1"), PAID)
        talk = await edge.until("reply")
        assert trio.current_time() - paid_s <= STOP_S + 0.2
        answer = await edge.until("reply", 2)
    assert (talk["kind"], talk["text"], talk["cut"]) == ("idle", "비가 오네요.", "preempted")
    assert joined([d for d in edge.of("delta") if d["reply"] == talk["reply"]]) == talk["text"]
    assert answer["text"] == "네, 준 님."
    assert edge.of("asked")[1]["why"] == "paid"
    assert room.persona.cancelled == 1, "the persona is asked no further"


async def test_an_operators_word_ends_idle_talk_and_is_said_in_the_operators_words(
    autojump_clock: MockClock,
) -> None:
    async with serve(None, [TALK, 600.0], knobs=IDLE) as room:
        edge = room.edge(viewers=1)
        await until_said(edge, 3)
        await room.actor.direct(request("r1"), Wish("w1", "say", text="잠시 후 사연을 읽겠습니다."))
        talk = await edge.until("reply")
        said = await edge.until("reply", 2)
    assert talk["cut"] == "preempted"
    assert (said["kind"], said["text"], said["voice"]) == ("say", "잠시 후 사연을 읽겠습니다.", OPERATOR)
    assert len(room.persona.asked) == 1, "no model was asked for it"


async def test_words_that_come_after_the_stop_are_not_said(autojump_clock: MockClock) -> None:
    script: list[Piece] = ["비가 오네요. 이런", 0.5, " 날엔 창밖을 봐요.", 600.0]
    async with serve(None, script, ["네."], knobs=IDLE) as room:
        edge = room.edge(viewers=1)
        await until_said(edge, 2)
        await room.actor.direct(request("r1"), PAID)
        talk = await edge.until("reply")
        await edge.until("reply", 2)
    assert talk["text"] == "비가 오네요."


async def test_a_line_of_chat_ends_no_idle_talk(autojump_clock: MockClock) -> None:
    async with serve(None, [TALK], ["네."], knobs=IDLE) as room:
        edge = room.edge(viewers=1)
        await until_said(edge, 3)
        edge.say("헤어졌어요")
        talk = await edge.until("reply")
    assert (talk["text"], talk.get("cut")) == (TALK, None)


async def test_the_answer_to_a_payment_is_ended_by_nothing_but_an_operator(autojump_clock: MockClock) -> None:
    async with serve(None, ["가" * 60 + "."], knobs=PACED) as room:
        edge = room.edge(viewers=1)
        await room.actor.direct(request("r1"), PAID)
        await edge.until("delta")
        await room.actor.direct(request("r2"), replace(PAID, donation="d2"))
        await room.actor.direct(request("r3"), Wish("w1", "say", text="잠시만요."))
        reply = await edge.until("reply")
    assert reply.get("cut") is None
    assert len(reply["text"]) == 61


async def test_of_many_payments_the_first_ends_idle_talk_and_the_rest_end_nothing(
    autojump_clock: MockClock,
) -> None:
    async with serve(None, [TALK, 600.0], ["네. 고마워요."], knobs=IDLE) as room:
        edge = room.edge(viewers=1)
        await until_said(edge, 3)
        for n in range(5):
            await room.actor.direct(
                request(f"r{n}"), replace(PAID, donation=f"d{n}", viewer=ViewerId(f"v_{n}"))
            )
        await edge.until("reply", 2)
    assert [r.get("cut") for r in edge.of("reply")[:2]] == ["preempted", None]


async def test_idle_talk_ends_when_the_last_viewer_leaves_and_an_answer_goes_on(
    autojump_clock: MockClock,
) -> None:
    async with serve(None, [TALK, 600.0], ["가" * 30], knobs=IDLE) as room:
        edge = room.edge(viewers=1)
        await until_said(edge, 3)
        edge.watch(0)
        talk = await edge.until("reply")
        assert talk["cut"] == "no_viewers"
        edge.watch(1)
        edge.say("헤어졌어요")
        await edge.until("delta", len(edge.of("delta")) + 1)
        edge.watch(0)
        answer = await edge.until("reply", 2)
    assert (answer["text"], answer.get("cut")) == ("가" * 30, None)


async def test_a_persona_that_has_nothing_new_says_nothing_and_is_left_in_peace(
    autojump_clock: MockClock,
) -> None:
    async with serve(None, [Said("builtin", "nothing_new")], knobs=IDLE) as room:
        edge = room.edge(viewers=1)
        talk = await edge.until("reply")
        await trio.sleep(3_600)
    assert (talk["text"], talk["cut"]) == ("", "nothing_new")
    assert len(room.persona.asked) == 1


async def test_idle_talk_that_cannot_be_made_is_silence(autojump_clock: MockClock) -> None:
    async with serve(None, [GONE], knobs=replace(IDLE, idle_most_s=3_600, idle_after_s=3_600)) as room:
        edge = room.edge(viewers=1)
        talk = await edge.until("reply")
    assert (talk["text"], talk["cut"]) == ("", "unavailable")
    assert edge.of("delta") == []


# -- skipped, withdrawn ---------------------------------------------------------------------------------


async def test_a_skipped_turn_ends_where_it_stands(autojump_clock: MockClock) -> None:
    async with serve(None, ["가" * 600], knobs=PACED) as room:
        edge = room.edge(viewers=1)
        edge.say("헤어졌어요")
        await until_said(edge, 3)
        assert await room.actor.direct(request("r1"), Skip()) == 0
        reply = await edge.until("reply")
    assert reply["cut"] == "skipped"
    assert reply["text"] == joined(edge.of("delta"))
    assert 3 <= len(reply["text"]) < 10


async def test_a_double_click_skips_one_turn_and_what_was_skipped_is_not_remembered(
    autojump_clock: MockClock,
) -> None:
    async with serve(None, ["가" * 600], knobs=PACED) as room:
        edge = room.edge(viewers=1)
        edge.say("어제 크게 싸우고 헤어졌어요")
        await until_said(edge, 3)
        edge.say("고백하고 싶은데 어떻게 할까요?", "c2", viewer=JUN)
        assert await room.actor.direct(request("r1"), Skip()) == 0
        await edge.until("asked", 2)
        assert await room.actor.direct(request("r1"), Skip()) == 0
        await trio.sleep(5)
        await edge.settle()
        assert [reply["cut"] for reply in edge.of("reply")] == ["skipped"]
        assert await room.actor.direct(request("r2"), Skip()) == 0
        await edge.until("reply", 2)
        await trio.sleep(1)
        assert room.stores.memories.kept == {}


async def test_after_a_failover_the_last_words_wait_for_those_who_come_back(
    autojump_clock: MockClock,
) -> None:
    log = MemoryLog()
    log.put(
        PhaseSet(Phase.CLOSING, Phase.CHATTING, "operator"), TurnAsked(ONE, YUL, (), "closing", "closing")
    )
    async with serve(log, ["잘 가요."], fence=2) as room:
        edge = room.edge()
        await trio.sleep(ARRIVAL_S / 2)
        edge.watch(2)
        reply = await edge.until("reply")
        await room.actor.over.wait()
    assert (reply["text"], reply.get("cut")) == ("잘 가요.", None)


async def test_a_show_that_was_closing_does_not_close_before_those_who_watch_are_back(
    autojump_clock: MockClock,
) -> None:
    log = MemoryLog()
    log.put(PhaseSet(Phase.CLOSING, Phase.CHATTING, "operator"))
    async with serve(log, ["잘 가요."], fence=2, knobs=CLOSING) as room:
        edge = room.edge()
        await trio.sleep(ARRIVAL_S / 2)
        edge.watch(2)
        assert (await edge.until("reply"))["text"] == "잘 가요."


async def test_a_show_that_ends_with_nobody_there_waits_for_no_answer(autojump_clock: MockClock) -> None:
    log = MemoryLog()
    log.put(chat("헤어졌어요"), TurnAsked(ONE, YUL, (Seq(1),), "talk"))
    async with serve(log, fence=2, knobs=CLOSING) as room:
        assert await room.actor.direct(request("r1"), EndShow()) == 3
        await room.actor.over.wait()
        assert room.persona.asked == []


async def test_a_turn_that_nobody_has_begun_to_speak_can_be_skipped(autojump_clock: MockClock) -> None:
    async with serve(knobs=PACED) as room:
        edge = room.edge(viewers=1)
        room.log.hold()
        edge.say("헤어졌어요", request=1)
        edge.watch(0)
        await edge.settle()
        room.log.let_go()
        edge.watch(1)
        room.log.hold()
        await edge.settle()
        edge.watch(0)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(room.actor.direct, request("r1"), Skip())
            await edge.settle()
            room.log.let_go()
        reply = await edge.until("reply")
    assert (reply["text"], reply["cut"]) == ("", "skipped")
    assert room.persona.asked == []


async def test_who_speaks_when_nobody_does_cannot_be_skipped(autojump_clock: MockClock) -> None:
    async with serve(knobs=PACED) as room:
        refused = await room.actor.direct(request("r1"), Skip())
        assert not isinstance(refused, int)
        assert await room.actor.direct(request("r2"), Enter(room.actor._state.personas[0])) == 0


async def test_the_words_of_one_line_are_told_apart_for_what_is_remembered(autojump_clock: MockClock) -> None:
    script: list[Piece] = [
        ("많이 힘들었겠어요. ", "1"),
        ("천천히 해요.\n", "1"),
        ("축하해요! 잘됐네요.", "2"),
    ]
    async with serve(None, script) as room:
        edge = room.edge()
        edge.say("삼 년 만난 사람과 헤어졌어요", "c1", viewer=MIN)
        edge.say("고백에 성공했어요", "c2", viewer=JUN)
        await edge.settle()
        edge.watch(1)
        await edge.until("reply")
        await trio.sleep(1)
    kept = {(m.viewer, m.kind): m.text for m in room.stores.memories.kept.values()}
    assert kept == {
        (MIN, "fact"): "삼 년 만난 사람과 헤어졌어요",
        (MIN, "counsel"): "많이 힘들었겠어요. 천천히 해요.",
        (JUN, "fact"): "고백에 성공했어요",
        (JUN, "counsel"): "축하해요! 잘됐네요.",
    }


async def test_a_line_that_was_taken_back_is_answered_no_more(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        edge.say("지우고 싶은 말")
        await edge.settle()
        assert await room.actor.direct(request("r1"), Retract(edge.offsets[0])) == 2
        edge.watch(1)
        await trio.sleep(60)
        await edge.settle()
    assert edge.of("asked") == []
    assert edge.of("retract")[0]["of"] == 1


async def test_turns_of_its_own_come_at_growing_intervals(autojump_clock: MockClock) -> None:
    talks: list[list[Piece]] = [[f"혼잣말 {n}이에요."] for n in range(5)]
    async with serve(None, *talks, knobs=replace(QUIET, idle_after_s=10)) as room:
        edge = room.edge(viewers=1)
        await edge.until("asked", 5)
    at_ms = [asked["ts"] for asked in edge.of("asked")]
    gaps = [(later - earlier) / 1_000 for earlier, later in pairwise(at_ms)]
    assert gaps[0] >= 10
    assert all(later > 1.5 * earlier for earlier, later in pairwise(gaps))
    assert {asked["kind"] for asked in edge.of("asked")} == {"idle"}
    assert room.persona.asked[-1].said == tuple(f"혼잣말 {n}이에요." for n in range(4))
    assert chat().text not in room.persona.asked[-1].said


async def test_nobody_talks_to_an_empty_room_however_long(autojump_clock: MockClock) -> None:
    knobs = replace(QUIET, opening=True, idle_after_s=5, notice_every_s=60, stories_every_s=10)
    async with serve(knobs=knobs) as room:
        await trio.sleep(600)
        assert room.persona.asked == []
        assert room.log.bodies() == []
