"""Group commit: one transaction for what waits in all rooms; nobody is told that something is stored before it is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import trio
from room_cases import AWAY, OTHER_ROOM, ROOM, START_MS, MemoryLog, chat
from trio.testing import MockClock, wait_all_tasks_blocked

from room_actor.bodies import to_body
from room_actor.committer import BATCH_MOST, Committer
from store.ids import Fence, RoomId, Seq, ViewerId
from store.ports import Author, Checkpoint, Entry

FIRST = Fence(1)


@dataclass
class ScriptedRoom:
    """Numbers entries, and notes what the committer tells it."""

    committer: Committer
    room: RoomId = ROOM
    fence: Fence = FIRST
    last_seq: int = 0
    told: list[object] = field(default_factory=list)
    heard: trio.Event = field(default_factory=trio.Event)

    def write(self, count: int = 1, *, author: str = "", has_checkpoint: bool = False) -> None:
        entries = [entry(self.last_seq + n) for n in range(1, count + 1)]
        self.last_seq += count
        authors = [Author(ViewerId(author), "민")] if author else []
        checkpoint = Checkpoint(Seq(self.last_seq), {"at": self.last_seq}) if has_checkpoint else None
        self.committer.submit(self.room, self.fence, self, entries, authors, checkpoint)

    def stored(self, upto: Seq) -> None:
        self.told.append(upto)
        self.heard.set()

    def fenced(self) -> None:
        self.told.append("fenced")

    def refused(self, reason: Exception) -> None:
        self.told.append(type(reason).__name__)


def entry(seq: int) -> Entry:
    return Entry(Seq(seq), START_MS, to_body(chat(f"{seq}"), START_MS))


@asynccontextmanager
async def running(log: MemoryLog) -> AsyncIterator[Committer]:
    committer = Committer(log)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(committer.run)
        yield committer
        nursery.cancel_scope.cancel()


def sizes(log: MemoryLog) -> list[dict[RoomId, int]]:
    """Entries per room of every append."""
    return [{batch.room: len(batch.entries) for batch in batches} for batches in log.appends]


async def test_what_waits_while_a_commit_is_under_way_goes_into_the_next_one_together() -> None:
    log = MemoryLog()
    log.hold()
    async with running(log) as committer:
        one, other = ScriptedRoom(committer), ScriptedRoom(committer, OTHER_ROOM)
        one.write()
        await wait_all_tasks_blocked()
        for _ in range(3):
            one.write(2)
            other.write()
        await wait_all_tasks_blocked()
        assert one.told == []
        log.let_go()
        await wait_all_tasks_blocked()
    assert sizes(log) == [{ROOM: 1}, {ROOM: 6, OTHER_ROOM: 3}]
    assert one.told == [1, 7]
    assert other.told == [3]


async def test_authors_are_stored_with_their_words() -> None:
    log = MemoryLog()
    async with running(log) as committer:
        room = ScriptedRoom(committer)
        room.write(author="v_min")
        room.write(author="v_jun")
        await wait_all_tasks_blocked()
    assert [author.viewer for author in log.appends[0][0].authors] == ["v_min", "v_jun"]


async def test_a_room_that_piled_up_is_stored_in_several_commits_without_a_gap() -> None:
    log = MemoryLog()
    async with running(log) as committer:
        room = ScriptedRoom(committer)
        room.write(2 * BATCH_MOST + 1)
        await wait_all_tasks_blocked()
    assert sizes(log) == [{ROOM: BATCH_MOST}, {ROOM: BATCH_MOST}, {ROOM: 1}]
    assert room.told == [BATCH_MOST, 2 * BATCH_MOST, 2 * BATCH_MOST + 1]


async def test_a_checkpoint_goes_with_its_events_or_after_them_and_the_newest_wins() -> None:
    log = MemoryLog()
    log.hold()
    async with running(log) as committer:
        room = ScriptedRoom(committer)
        room.write()
        await wait_all_tasks_blocked()
        room.write(2, has_checkpoint=True)
        room.write(3, has_checkpoint=True)
        room.write()
        await wait_all_tasks_blocked()
        log.let_go()
        await wait_all_tasks_blocked()
        room.write()
        await wait_all_tasks_blocked()
    kept = [batches[0].checkpoint for batches in log.appends]
    assert kept == [None, Checkpoint(Seq(6), {"at": 6}), None]


async def test_of_a_room_that_piled_up_the_checkpoint_goes_with_the_last_part() -> None:
    log = MemoryLog()
    async with running(log) as committer:
        room = ScriptedRoom(committer)
        room.write(2 * BATCH_MOST + 1, has_checkpoint=True)
        await wait_all_tasks_blocked()
    assert [batches[0].checkpoint is not None for batches in log.appends] == [False, False, True]


async def test_while_the_store_is_away_the_very_same_entries_are_sent_again(
    autojump_clock: MockClock,
) -> None:
    log = MemoryLog()
    log.failures = [AWAY] * 20
    async with running(log) as committer:
        room = ScriptedRoom(committer)
        room.write(2)
        with trio.fail_after(60):
            await room.heard.wait()
    assert room.told == [2]
    assert len(log.appends) == 21
    assert all(batches == log.appends[0] for batches in log.appends)


async def test_a_room_that_lost_its_place_is_told_and_the_others_are_stored() -> None:
    log = MemoryLog()
    log.fences[ROOM] = Fence(2)
    async with running(log) as committer:
        deposed, other = ScriptedRoom(committer), ScriptedRoom(committer, OTHER_ROOM)
        deposed.write()
        other.write()
        await wait_all_tasks_blocked()
    assert deposed.told == ["fenced"]
    assert other.told == [1]
    assert log.bodies(ROOM) == []


async def test_one_bad_room_does_not_hurt_the_others() -> None:
    log = MemoryLog()
    log.poisoned.add(ROOM)
    async with running(log) as committer:
        bad, other = ScriptedRoom(committer), ScriptedRoom(committer, OTHER_ROOM)
        bad.write()
        other.write()
        await wait_all_tasks_blocked()
        other.write()
        await wait_all_tasks_blocked()
    assert bad.told == ["ValueError"]
    assert other.told == [1, 2]


async def test_nothing_is_stored_behind_what_was_refused() -> None:
    log = MemoryLog()
    log.hold()
    log.failures = [ValueError("refused")]
    async with running(log) as committer:
        room = ScriptedRoom(committer)
        room.write()
        await wait_all_tasks_blocked()
        room.write()  # numbered after the one that will be refused
        log.let_go()
        await wait_all_tasks_blocked()
    assert room.told == ["ValueError"]
    assert log.bodies() == []
    assert len(log.appends) == 1


async def test_a_room_that_is_gone_is_not_stored_any_more() -> None:
    log = MemoryLog()
    async with running(log) as committer:
        await wait_all_tasks_blocked()
        gone, other = ScriptedRoom(committer), ScriptedRoom(committer, OTHER_ROOM)
        gone.write()
        committer.forget(ROOM, Fence(1))
        await wait_all_tasks_blocked()
        assert log.appends == []
        other.write()
        await wait_all_tasks_blocked()
    assert sizes(log) == [{OTHER_ROOM: 1}]
    assert gone.told == []


async def test_forgetting_an_old_claim_leaves_the_new_one_alone() -> None:
    log = MemoryLog()
    async with running(log) as committer:
        new = ScriptedRoom(committer, fence=Fence(2))
        new.write()
        committer.forget(ROOM, Fence(1))
        await wait_all_tasks_blocked()
    assert new.told == [1]
