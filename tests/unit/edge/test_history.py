"""Pages of a room's log: every combination, checked against the plain definition, wherever memory begins."""

import itertools

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from edge import history
from edge.history import RECOVER_MOST, History
from edge.mirror import Publication, RoomMirror, Welcome
from store.errors import StoreUnavailable
from store.ids import LogEpoch, Position, RoomId, Seq
from store.ports import Entry

ROOM = RoomId("a")
NEWEST = 8


class ScriptedLog:
    """The log as it is by now: two entries more than the mirror has seen. reads: how often it was asked."""

    def __init__(self, newest: int = NEWEST + 2) -> None:
        self.entries = [Entry(Seq(n), n, {"t": "chat", "n": n}) for n in range(1, newest + 1)]
        self.reads = 0

    async def read(self, room: RoomId, *, after: Seq, limit: int) -> list[Entry]:
        assert room == ROOM
        assert after >= 0
        assert limit >= 1
        self.reads += 1
        return [entry for entry in self.entries if entry.seq > after][:limit]


def mirror_with(kept: int, newest: int = NEWEST) -> RoomMirror:
    """It holds the last so many."""
    tail = tuple(
        Publication(Seq(n), b'{"t":"chat","n":%d}' % n) for n in range(newest - kept + 1, newest + 1)
    )
    return RoomMirror(
        Welcome(
            Position(LogEpoch("e1"), Seq(newest)), {"show": "live", "viewers": 0, "reply": None}, False, tail
        )
    )


def expected(since: int | None, limit: int, reverse: bool, most: int) -> list[int]:
    """By definition: filter, turn around, cut off."""
    offsets = [n for n in range(1, NEWEST + 1) if since is None or (n < since if reverse else n > since)]
    if reverse:
        offsets.reverse()
    return offsets[: most if limit < 0 else min(limit, most)]


@pytest.mark.parametrize("kept", [0, 1, 3, NEWEST])
@pytest.mark.parametrize("most", [1_000, 3])
async def test_every_page_is_what_its_definition_says(
    kept: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PAGE_MOST", most)
    pages, checked = History(ScriptedLog()), 0
    positions = [None, -(10**30), -5, -1, *range(NEWEST + 4), 10**30]
    limits = [-(10**30), -1, 0, 1, 2, 3, NEWEST, NEWEST + 1, 10**30]
    for since, limit, reverse in itertools.product(positions, limits, (False, True)):
        page = await pages.page(ROOM, mirror_with(kept), since=since, limit=limit, reverse=reverse)
        assert [one.offset for one in page] == expected(since, limit, reverse, most), (since, limit, reverse)
        assert [one.data for one in page] == [b'{"t":"chat","n":%d}' % one.offset for one in page]
        checked += 1

    assert checked == 17 * 9 * 2


async def test_what_memory_holds_costs_no_read() -> None:
    log = ScriptedLog()
    pages = History(log)
    await pages.page(ROOM, mirror_with(3), since=5, limit=-1, reverse=False)
    await pages.page(ROOM, mirror_with(3), since=None, limit=3, reverse=True)
    assert await pages.missed(ROOM, mirror_with(3), 5) is not None

    assert log.reads == 0


@pytest.mark.parametrize("kept", [0, 1, 3, NEWEST])
@pytest.mark.parametrize("offset", [-1, *range(NEWEST + 3), 10**30])
async def test_what_was_missed_is_all_of_it_or_nothing(kept: int, offset: int) -> None:
    missed = await History(ScriptedLog()).missed(ROOM, mirror_with(kept), offset)

    if 0 <= offset <= NEWEST:
        assert missed is not None
        assert [one.offset for one in missed] == list(range(offset + 1, NEWEST + 1))
    else:
        assert missed is None


@pytest.mark.parametrize(("behind", "is_recovered"), [(RECOVER_MOST, True), (RECOVER_MOST + 1, False)])
async def test_more_than_a_recovery_may_bring_is_not_even_read(behind: int, is_recovered: bool) -> None:
    log = ScriptedLog(newest=1_500)
    missed = await History(log).missed(ROOM, mirror_with(5, newest=1_500), 1_500 - behind)

    assert (missed is not None) is is_recovered
    assert log.reads == int(is_recovered)


async def test_a_log_that_lost_its_tail_recovers_nobody() -> None:
    missed = await History(ScriptedLog(newest=4)).missed(ROOM, mirror_with(2), 1)

    assert missed is None


class HeldLog(ScriptedLog):
    """Answers when it is let; asked: what was read, (after, limit)."""

    def __init__(self, newest: int) -> None:
        super().__init__(newest)
        self.asked: list[tuple[int, int]] = []
        self.let = trio.Event()
        self.is_away = False

    async def read(self, room: RoomId, *, after: Seq, limit: int) -> list[Entry]:
        self.asked.append((after, limit))
        await self.let.wait()
        if self.is_away:
            raise StoreUnavailable("away")
        return await super().read(room, after=after, limit=limit)


async def test_a_storm_of_viewers_beyond_memory_costs_one_read() -> None:
    log, mirror = HeldLog(900), mirror_with(100, newest=900)
    pages, got = History(log), {}

    async def come_back(viewer: int, offset: int) -> None:
        got[viewer] = await pages.missed(ROOM, mirror, offset)

    async with trio.open_nursery() as nursery:
        for viewer in range(2_000):
            nursery.start_soon(come_back, viewer, viewer % 800)
        await wait_all_tasks_blocked()
        mirror.apply(Publication(Seq(901), b'{"t":"chat","n":901}'))
        nursery.start_soon(come_back, 2_000, 700)  # while the others wait, and the room goes on
        await wait_all_tasks_blocked()
        log.let.set()

    assert len(got) == 2_001
    for viewer, missed in got.items():
        offset = 700 if viewer == 2_000 else viewer % 800
        assert [p.offset for p in missed or ()] == list(range(offset + 1, 902))
    assert log.asked == [(0, 800)]
    assert await pages.missed(ROOM, mirror, 3) is not None
    assert log.reads == 1  # memory has kept it


async def test_memory_takes_of_an_answer_what_it_has_room_for() -> None:
    log, mirror = ScriptedLog(newest=1_500), mirror_with(900, newest=1_500)
    pages = History(log)

    first = await pages.missed(ROOM, mirror, 500)
    again = await pages.missed(ROOM, mirror, 550)

    assert [p.offset for p in first or ()] == list(range(501, 1_501))
    assert [p.offset for p in again or ()] == list(range(551, 1_501))
    assert log.reads == 1
    assert mirror.first_kept == 501


async def test_a_reader_who_leaves_hands_the_reading_to_the_next() -> None:
    log, mirror = HeldLog(20), mirror_with(5, newest=20)
    pages, got = History(log), []

    async def come_back() -> None:
        got.append(await pages.missed(ROOM, mirror, 10))

    async with trio.open_nursery() as nursery:
        async with trio.open_nursery() as first:
            first.start_soon(come_back)
            await wait_all_tasks_blocked()
            nursery.start_soon(come_back)
            nursery.start_soon(come_back)
            await wait_all_tasks_blocked()
            first.cancel_scope.cancel()
        await wait_all_tasks_blocked()
        assert len(log.asked) == 2
        log.let.set()

    assert [[p.offset for p in missed or ()] for missed in got] == [list(range(11, 21))] * 2


async def test_an_error_of_the_store_is_everybodys_who_waited_and_nobody_elses() -> None:
    log, mirror = HeldLog(20), mirror_with(5, newest=20)
    pages, errors = History(log), []
    log.is_away = True

    async def come_back() -> None:
        try:
            await pages.missed(ROOM, mirror, 10)
        except StoreUnavailable as exc:
            errors.append(exc)

    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(come_back)
        await wait_all_tasks_blocked()
        log.let.set()
    assert (len(errors), len(log.asked)) == (5, 1)

    log.is_away = False
    assert len(await pages.missed(ROOM, mirror, 10) or ()) == 10


async def test_whether_the_log_goes_on_beyond_memory_is_asked_of_the_log() -> None:
    pages = History(ScriptedLog(newest=NEWEST + 2))
    assert [await pages.reaches(ROOM, n) for n in (NEWEST, NEWEST + 2, NEWEST + 3, 10**30)] == [
        True, True, False, False,
    ]  # fmt: skip
