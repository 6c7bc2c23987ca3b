"""What Votes promises, in every implementation; and what only the real server can show."""

import pytest
import trio
from store_cases import JUN, MIN, A, B, Served, claim, open_transaction, until_somebody_waits

from store.errors import TextRefused
from store.ids import Fence, RoomId, ViewerId
from store.postgres.pool import Database
from store.postgres.rooms import PostgresRooms
from store.postgres.votes import PostgresVotes

POLL = "p_1"


async def test_votes_are_counted_by_option_and_poll_and_room(served: Served) -> None:
    fence_a, fence_b = await claim(served.rooms, A), await claim(served.rooms, B)
    crowd = {ViewerId(f"v_{number}"): 2 for number in range(5)}

    assert await served.votes.cast(A, fence_a, POLL, {MIN: 0, JUN: 2, **crowd})
    assert await served.votes.cast(A, fence_a, "p_2", {MIN: 1})
    assert await served.votes.cast(B, fence_b, POLL, {JUN: 1})

    assert await served.votes.tally(A, POLL, 4) == [1, 0, 6, 0]
    assert await served.votes.tally(A, "p_2", 2) == [0, 1]
    assert await served.votes.tally(B, POLL, 2) == [0, 1]
    assert await served.votes.tally(B, "p_3", 2) == [0, 0]
    assert await served.votes.tally(A, POLL, 2) == [1, 0]


async def test_a_viewer_has_one_vote_the_last_one(served: Served) -> None:
    fence = await claim(served.rooms, A)

    for choice in (0, 1, 1, 2):
        assert await served.votes.cast(A, fence, POLL, {MIN: choice, JUN: 0})

    assert await served.votes.tally(A, POLL, 3) == [1, 0, 1]


async def test_a_deposed_owner_casts_nothing(served: Served) -> None:
    old = await claim(served.rooms, A)
    fence = await claim(served.rooms, A, "two", over=old)

    assert not await served.votes.cast(A, old, POLL, {MIN: 0})
    assert not await served.votes.cast(A, Fence(fence + 1), POLL, {MIN: 0})
    assert not await served.votes.cast(RoomId("nowhere"), fence, POLL, {MIN: 0})
    assert not await served.votes.cast(A, old, POLL, {})

    assert await served.votes.cast(A, fence, POLL, {})
    assert await served.votes.tally(A, POLL, 1) == [0]


async def test_votes_behind_a_new_owner_are_not_stored(
    rooms: PostgresRooms, database: Database, database_url: str
) -> None:
    votes = PostgresVotes(database)
    old = await claim(rooms, A)
    stored: list[bool] = []

    async def cast() -> None:
        stored.append(await votes.cast(A, old, POLL, {MIN: 0}))

    async with open_transaction(database_url) as held, trio.open_nursery() as nursery:
        await held.claim(A, over=old)
        nursery.start_soon(cast)
        await until_somebody_waits(database_url)
        await held.commit()

    assert stored == [False]
    assert await votes.tally(A, POLL, 1) == [0]


@pytest.mark.parametrize("viewer", ["a\0b", "\ud800"])
async def test_a_viewer_that_text_cannot_keep_stores_no_votes(
    rooms: PostgresRooms, database: Database, viewer: str
) -> None:
    votes = PostgresVotes(database)
    fence = await claim(rooms, A)

    with pytest.raises(TextRefused):
        await votes.cast(A, fence, POLL, {MIN: 0, ViewerId(viewer): 0})

    assert await votes.tally(A, POLL, 1) == [0]
