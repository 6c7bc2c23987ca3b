"""Pages of a room's log: every combination, checked against the plain definition, wherever memory begins."""

import itertools

import pytest

from edge import history
from edge.history import RECOVER_MOST, History
from edge.mirror import Publication, RoomMirror, Welcome
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
    return RoomMirror(Welcome(Position(LogEpoch("e1"), Seq(newest)), {"viewers": 0}, False, tail))


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
    pages, checked = History(ScriptedLog()), 0  # type: ignore[arg-type]  # what a page needs of a log
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
    pages = History(log)  # type: ignore[arg-type]  # as above
    await pages.page(ROOM, mirror_with(3), since=5, limit=-1, reverse=False)
    await pages.page(ROOM, mirror_with(3), since=None, limit=3, reverse=True)
    assert await pages.missed(ROOM, mirror_with(3), 5) is not None

    assert log.reads == 0


@pytest.mark.parametrize("kept", [0, 1, 3, NEWEST])
@pytest.mark.parametrize("offset", [-1, *range(NEWEST + 3), 10**30])
async def test_what_was_missed_is_all_of_it_or_nothing(kept: int, offset: int) -> None:
    missed = await History(ScriptedLog()).missed(ROOM, mirror_with(kept), offset)  # type: ignore[arg-type]  # as above

    if 0 <= offset <= NEWEST:
        assert missed is not None
        assert [one.offset for one in missed] == list(range(offset + 1, NEWEST + 1))
    else:
        assert missed is None


@pytest.mark.parametrize(("behind", "is_recovered"), [(RECOVER_MOST, True), (RECOVER_MOST + 1, False)])
async def test_more_than_a_recovery_may_bring_is_not_even_read(behind: int, is_recovered: bool) -> None:
    log = ScriptedLog(newest=1_500)
    missed = await History(log).missed(ROOM, mirror_with(5, newest=1_500), 1_500 - behind)  # type: ignore[arg-type]  # as above

    assert (missed is not None) is is_recovered
    assert log.reads == int(is_recovered)


async def test_a_log_that_lost_its_tail_recovers_nobody() -> None:
    missed = await History(ScriptedLog(newest=4)).missed(ROOM, mirror_with(2), 1)  # type: ignore[arg-type]  # as above

    assert missed is None
