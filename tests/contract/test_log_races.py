"""What a Log and Rooms promise to owners who race: claims, appends and renewals of the same rooms at once."""

import pytest
import trio
from store_cases import MIN, A, B, ask, claim, open_transaction, said, told, until_somebody_waits

from store.ids import Fence, RoomId, Seq
from store.ports import Author, Batch, Claimed
from store.postgres.log import PostgresLog
from store.postgres.rooms import PostgresRooms


async def test_a_claim_waits_for_an_append_in_flight_and_sees_what_it_stored(
    rooms: PostgresRooms, database_url: str, log: PostgresLog
) -> None:
    old = await claim(rooms, A)
    won: list[Claimed] = []

    async def steal() -> None:
        claimed = await rooms.claim(A, owner="two", owner_addr="two:1", lease_s=60, over=old)
        assert isinstance(claimed, Claimed)
        won.append(claimed)

    async with open_transaction(database_url) as held, trio.open_nursery() as nursery:
        assert await held.append([Batch(A, old, [told(1), told(2)])]) == frozenset()
        nursery.start_soon(steal)
        await until_somebody_waits(database_url)
        assert won == []
        await held.commit()

    assert [claimed.room.last_seq for claimed in won] == [2]
    assert await log.append([Batch(A, old, [told(3)])]) == {A}


async def test_an_append_behind_a_claim_in_flight_stores_nothing(
    rooms: PostgresRooms, database_url: str, log: PostgresLog
) -> None:
    old = await claim(rooms, A)
    fence_b = await claim(rooms, B)
    fenced: list[frozenset[RoomId]] = []

    async def append() -> None:
        fenced.append(await log.append([Batch(A, old, [told(1)]), Batch(B, fence_b, [told(1)])]))

    async with open_transaction(database_url) as held, trio.open_nursery() as nursery:
        await held.claim(A, over=old)
        nursery.start_soon(append)
        await until_somebody_waits(database_url)
        assert fenced == []
        await held.commit()

    assert fenced == [{A}]
    assert await log.read(A, after=Seq(0), limit=9) == []
    assert await log.read(B, after=Seq(0), limit=9) == [told(1)]


async def test_an_append_behind_a_claim_that_came_to_nothing_is_stored(
    rooms: PostgresRooms, database_url: str, log: PostgresLog
) -> None:
    fence = await claim(rooms, A)
    fenced: list[frozenset[RoomId]] = []

    async def append() -> None:
        fenced.append(await log.append([Batch(A, fence, [told(1)])]))

    async with open_transaction(database_url) as held, trio.open_nursery() as nursery:
        await held.claim(A, over=fence)
        nursery.start_soon(append)
        await until_somebody_waits(database_url)
        await held.roll_back()

    assert fenced == [frozenset()]
    assert await log.read(A, after=Seq(0), limit=9) == [told(1)]


async def test_racing_owners_leave_a_log_without_gaps_or_doubles(
    rooms: PostgresRooms, log: PostgresLog
) -> None:
    """Each owner writes until it is fenced off, then steals the room back: 60 appends among three of them."""
    written: list[tuple[Fence, int]] = []
    fences: list[Fence] = [await claim(rooms, A, "first")]

    async def own(name: str) -> None:
        while len(written) < 60:
            claimed = await rooms.claim(A, owner=name, owner_addr=name, lease_s=60, over=fences[-1])
            if not isinstance(claimed, Claimed):
                continue
            fences.append(claimed.fence)
            seq = claimed.room.last_seq
            for _ in range(4):
                if await log.append([Batch(A, claimed.fence, [told(seq + 1)])]):
                    break
                seq += 1
                written.append((claimed.fence, seq))

    async with trio.open_nursery() as nursery:
        for name in ("one", "two", "three"):
            nursery.start_soon(own, name)

    stored = [entry.seq for entry in await log.read(A, after=Seq(0), limit=1000)]
    assert stored == list(range(1, len(written) + 1))
    assert sorted(seq for _, seq in written) == stored
    assert len({fence for fence, _ in written}) > 3


async def test_appends_claims_and_renewals_of_the_same_rooms_never_deadlock(
    rooms: PostgresRooms, log: PostgresLog
) -> None:
    fences = {A: await claim(rooms, A), B: await claim(rooms, B)}
    done = 0

    async def append() -> None:
        nonlocal done
        for seq in range(1, 31):
            batches = [Batch(room, fences[room], [said(seq)], [Author(MIN, f"민{seq}")]) for room in (B, A)]
            assert await log.append(batches) == frozenset()
            done += 1

    async def renew(order: tuple[RoomId, ...]) -> None:
        for _ in range(30):
            held = [(room, fences[room]) for room in order]
            assert await rooms.renew(owner="one", held=held, lease_s=60) == {A, B}

    async with trio.open_nursery() as nursery:
        nursery.start_soon(append)
        nursery.start_soon(renew, (B, A))
        nursery.start_soon(renew, (A, B))

    assert done == 30


@pytest.mark.parametrize("call", ["append", "renew", "release"])
async def test_rooms_are_locked_in_order_of_ids_whatever_the_order_asked(
    rooms: PostgresRooms, log: PostgresLog, database_url: str, call: str
) -> None:
    """Two calls that lock the same rooms in the same order cannot deadlock."""
    held = [(B, await claim(rooms, B)), (A, await claim(rooms, A))]
    calls = {
        "append": lambda: log.append([Batch(room, fence, [told(1)]) for room, fence in held]),
        "renew": lambda: rooms.renew(owner="one", held=held, lease_s=60),
        "release": lambda: rooms.release(owner="one", held=held),
    }

    async with open_transaction(database_url) as first, trio.open_nursery() as nursery:
        await first.claim(A, over=dict(held)[A])
        nursery.start_soon(calls[call])
        await until_somebody_waits(database_url)
        unlocked = await ask(
            database_url, "SELECT id FROM rooms WHERE id IN ('a', 'b') FOR UPDATE SKIP LOCKED"
        )
        await first.roll_back()

    assert [row["id"] for row in unlocked] == [B]


async def test_a_cancelled_append_can_be_said_again(rooms: PostgresRooms, log: PostgresLog) -> None:
    fence = await claim(rooms, A)
    batch = Batch(A, fence, [said(1), said(2)], [Author(MIN, "민")])
    for deadline_s in (0, 0.0005, 0.001, 0.002):
        with trio.move_on_after(deadline_s):
            await log.append([batch])

    assert await log.append([batch]) == frozenset()

    assert await log.read(A, after=Seq(0), limit=9) == batch.entries
