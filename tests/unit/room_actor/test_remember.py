"""What personas remember: read in time or not at all, kept once, and never a reason to wait."""

from dataclasses import replace

import trio
from memory_stores import MemoryMemories, Stores
from room_cases import AWAY, MIN, ROOM, START_MS, YUL, MemoryLog, MockedTime, chat, serve
from trio.testing import MockClock

from room_actor.events import TurnAsked, TurnReplied
from room_actor.expiry import EXPIRE_EVERY_S, expire
from room_actor.memory_notes import (
    COUNSEL_MOST_CHARS,
    FACT_MOST_CHARS,
    counsel,
    fact,
    last_notes,
    notes,
    split_by_line,
)
from room_actor.on_air import Turn
from room_actor.remember import OWN_MARK, RECALL_DEADLINE_S, WAITING_MOST, Remember
from room_actor.waiting import Line
from store.errors import TextRefused
from store.ids import Seq, TurnId, ViewerId
from store.ports import Memory

TOLD = "남자친구가 연락을 안 해요"
TURN = TurnId("t_1")


def memory(n: int, viewer: ViewerId = MIN) -> Memory:
    return Memory(f"m{n}", viewer, YUL, "fact", f"이야기 {n}", START_MS, START_MS + 1)


def line(seq: int, text: str = TOLD, viewer: ViewerId = MIN) -> Line:
    return Line(Seq(seq), viewer, "민", text, START_MS)


def turn(*lines: Line) -> Turn:
    return Turn(TURN, YUL, lines, tuple(one.seq for one in lines), "talk", Seq(9))


# -- in a room ------------------------------------------------------------------------------------------


async def test_a_persona_is_told_what_it_remembers_of_each_viewer(autojump_clock: MockClock) -> None:
    stores = Stores()
    await stores.memories.note([memory(1), memory(2)])
    async with serve(stores=stores) as room:
        edge = room.edge(viewers=1)
        edge.say(TOLD)
        await edge.until("reply")
    assert room.persona.asked[0].lines[0].memory == ("이야기 1", "이야기 2")


async def test_an_evening_with_restarts_is_remembered(autojump_clock: MockClock) -> None:
    log, stores = MemoryLog(), Stores()
    async with serve(log, [("먼저 물어봐요. 기다리지 말고요.", "1")], stores=stores) as room:
        edge = room.edge(viewers=1)
        edge.say(TOLD)
        await edge.until("reply")
        await trio.sleep(1)
    async with serve(log, stores=stores) as room:
        edge = room.edge(viewers=1)
        edge.say("물어봤더니 바빴대요", "c2")
        await edge.until("reply")
    assert room.persona.asked[0].lines[0].memory == (TOLD, f"{OWN_MARK}먼저 물어봐요. 기다리지 말고요.")


async def test_a_slow_store_keeps_nobody_waiting(autojump_clock: MockClock) -> None:
    stores = Stores(memories=MemoryMemories(slow_s=60))
    await stores.memories.note([memory(1)])
    async with serve(stores=stores) as room:
        edge = room.edge(viewers=1)
        edge.say(TOLD)
        began_s = trio.current_time()
        await edge.until("reply")
        assert trio.current_time() - began_s <= RECALL_DEADLINE_S + 0.1
    assert room.persona.asked[0].lines[0].memory == ()


async def test_without_the_store_nobody_is_remembered_and_all_is_noted_later(
    autojump_clock: MockClock,
) -> None:
    stores = Stores()
    stores.memories.failures = [AWAY] * 4
    async with serve(None, [("그랬군요.", "1")], stores=stores) as room:
        edge = room.edge(viewers=1)
        edge.say(TOLD)
        await edge.until("reply")
        await trio.sleep(10)
    assert room.persona.asked[0].lines[0].memory == ()
    assert {m.kind for m in stores.memories.kept.values()} == {"fact", "counsel"}


async def test_a_new_owner_notes_the_last_reply_again_under_the_same_names(autojump_clock: MockClock) -> None:
    log, stores = MemoryLog(), Stores()
    log.put(
        chat(TOLD),
        TurnAsked(TURN, YUL, (Seq(1),), "talk"),
        TurnReplied(TURN, YUL, "그랬군요.", (), "builtin"),
    )
    for _ in range(2):
        async with serve(log, stores=stores) as room:
            await trio.sleep(1)
            assert room.persona.asked == []
    assert sorted(stores.memories.kept) == ["t_1/1/counsel", "t_1/1/fact"]


async def test_a_new_owner_notes_nothing_of_a_reply_that_was_skipped(autojump_clock: MockClock) -> None:
    log, stores = MemoryLog(), Stores()
    log.put(
        chat(TOLD),
        TurnAsked(TURN, YUL, (Seq(1),), "talk"),
        TurnReplied(TURN, YUL, "그랬군요.", (), "builtin", "skipped"),
    )
    async with serve(log, stores=stores):
        await trio.sleep(1)
    assert stores.memories.kept == {}


async def test_what_waits_too_long_for_the_store_gives_way_to_what_is_newer(
    autojump_clock: MockClock,
) -> None:
    memories = MemoryMemories(failures=[AWAY] * 3)
    remember = Remember(ROOM, memories)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(remember.run)
        for n in range(WAITING_MOST + 10):
            remember.note([memory(n)])
        await trio.sleep(60)
        nursery.cancel_scope.cancel()
    assert len(memories.kept) == WAITING_MOST
    assert "m9" not in memories.kept


async def test_one_that_cannot_be_kept_keeps_the_others_from_nothing(autojump_clock: MockClock) -> None:
    memories = MemoryMemories(failures=[TextRefused("U+0000")])
    remember = Remember(ROOM, memories)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(remember.run)
        remember.note([memory(1)])
        await trio.sleep(1)
        remember.note([memory(2)])
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert list(memories.kept) == ["m2"]


# -- what is worth keeping ------------------------------------------------------------------------------


async def test_what_has_expired_is_deleted_even_when_the_store_was_away(autojump_clock: MockClock) -> None:
    memories = MemoryMemories(failures=[AWAY])
    await trio.sleep(1)
    memories.kept = {one.id: one for one in (memory(1), replace(memory(2), expires_ms=2 * START_MS))}
    async with trio.open_nursery() as nursery:
        nursery.start_soon(expire, memories, MockedTime())
        await trio.sleep(EXPIRE_EVERY_S + 1)
        assert list(memories.kept) == ["m2"]
        assert memories.calls == 3
        nursery.cancel_scope.cancel()


def test_a_note_says_what_was_asked_and_how_the_answer_began() -> None:
    kept = notes(turn(line(1)), {Seq(1): "그랬군요. 먼저 물어봐요. 그리고 쉬어요."}, now_ms=START_MS)
    assert [(m.kind, m.text) for m in kept] == [("fact", TOLD), ("counsel", "그랬군요. 먼저 물어봐요.")]
    assert {m.viewer for m in kept} == {MIN}
    assert all(m.expires_ms > START_MS for m in kept)


def test_nothing_is_noted_of_a_line_that_got_no_answer_or_says_too_little() -> None:
    said = {Seq(1): "네."}
    assert notes(turn(line(2)), said, now_ms=0) == []
    assert notes(turn(line(1, "ㅋㅋㅋㅋ")), said, now_ms=0) == []
    assert notes(turn(line(1, viewer=ViewerId(""))), said, now_ms=0) == []


def test_no_personal_data_is_kept() -> None:
    assert fact("제 번호는 010-1234-5678 이에요") == "제 번호는 [전화번호] 이에요"
    assert "010" not in counsel("010-1234-5678 로 전화하지 마요.")


def test_notes_are_short() -> None:
    assert len(fact("가나다 " * 200)) <= FACT_MOST_CHARS
    assert len(counsel("가나다 " * 200)) <= COUNSEL_MOST_CHARS
    assert counsel("가" * 150 + ". " + "나" * 150 + ".") == "가" * 150 + "."


def test_the_answers_of_a_whole_reply_are_told_apart_only_when_that_is_certain() -> None:
    assert split_by_line("하나.\n둘.", [Seq(1), Seq(2)]) == {1: "하나.", 2: "둘."}
    assert split_by_line("하나.\n더.", [Seq(1)]) == {1: "하나.\n더."}
    assert split_by_line("하나.", [Seq(1), Seq(2)]) == {}


def test_of_a_log_that_ends_without_an_answer_nothing_is_noted() -> None:
    assert last_notes([], {}) == []
