"""What Rooms promises to one owner after another; test_log_races.py holds those who meet."""

import pytest
import trio
from store_cases import A, B, ask, claim, told

from store.errors import UnknownPersona
from store.ids import Fence, PersonaId, RoomId
from store.ports import Batch, Claimed, Room, Taken
from store.postgres.log import PostgresLog
from store.postgres.personas import PostgresPersonas
from store.postgres.pool import Database
from store.postgres.rooms import PostgresRooms

NEW, NOWHERE = RoomId("new"), RoomId("nowhere")
SEHYEON, YUL = PersonaId("hong-sehyeon"), PersonaId("oh-yul")


async def found(rooms: PostgresRooms, room: RoomId) -> Room:
    room_found = await rooms.find(room)
    assert room_found is not None
    return room_found


async def let_lease_pass(database_url: str) -> None:
    await ask(database_url, "UPDATE rooms SET lease_until = now() - interval '1 ms' WHERE owner IS NOT NULL")


async def test_a_new_room_is_empty_and_has_its_personas_in_order(
    rooms: PostgresRooms, database: Database
) -> None:
    await PostgresPersonas(database).put([(SEHYEON, "홍세현", {}), (YUL, "오율", {})])

    assert await rooms.create(NEW, "연애 상담소", [YUL, SEHYEON])

    room = await found(rooms, NEW)
    assert (room.title, room.personas, room.last_seq, room.is_over) == (
        "연애 상담소",
        (YUL, SEHYEON),
        0,
        False,
    )
    assert len(room.log_epoch) == 8


async def test_a_room_keeps_when_its_show_begins(rooms: PostgresRooms) -> None:
    assert await rooms.create(NEW, "연애 상담소", [], starts_at_ms=1_800_000_000_123)

    assert (await found(rooms, NEW)).starts_at_ms == 1_800_000_000_123
    assert (await found(rooms, A)).starts_at_ms is None


async def test_a_room_made_twice_stays_as_it_was(rooms: PostgresRooms) -> None:
    first = await found(rooms, A)

    assert not await rooms.create(A, "another title", [])

    assert await rooms.find(A) == first


async def test_every_room_has_a_log_epoch_of_its_own(rooms: PostgresRooms) -> None:
    assert (await found(rooms, A)).log_epoch != (await found(rooms, B)).log_epoch


async def test_a_room_of_an_unknown_persona_is_not_made(rooms: PostgresRooms) -> None:
    with pytest.raises(UnknownPersona):
        await rooms.create(NEW, "방", [PersonaId("nobody")])

    assert await rooms.find(NEW) is None


async def test_rooms_are_listed_in_order_of_creation_with_their_last_seq(
    rooms: PostgresRooms, log: PostgresLog
) -> None:
    await rooms.create(RoomId("0-created-last"), "방", [])
    await log.append([Batch(B, await claim(rooms, B), [told(1), told(2)])])

    assert [(room.id, room.last_seq) for room in await rooms.list_all()] == [
        ("a", 0),
        ("b", 2),
        ("0-created-last", 0),
    ]


async def test_a_free_room_is_claimed_by_the_first_and_refused_to_the_second(rooms: PostgresRooms) -> None:
    fence = await claim(rooms, A, "one")

    assert await rooms.claim(A, owner="two", owner_addr="two:1", lease_s=9, over=None) == Taken(
        "one", "one:1", fence
    )


async def test_of_many_who_claim_at_once_one_wins_and_the_others_learn_who(rooms: PostgresRooms) -> None:
    outcomes: list[Claimed | Taken | None] = []

    async def try_to(owner: str) -> None:
        outcomes.append(await rooms.claim(A, owner=owner, owner_addr=owner, lease_s=60, over=None))

    async with trio.open_nursery() as nursery:
        for number in range(8):
            nursery.start_soon(try_to, f"owner {number}")

    won = [outcome for outcome in outcomes if isinstance(outcome, Claimed)]
    lost = [outcome for outcome in outcomes if isinstance(outcome, Taken)]
    assert (len(won), len(lost)) == (1, 7)
    assert {outcome.fence for outcome in lost} == {won[0].fence}


async def test_a_room_that_does_not_exist_cannot_be_claimed(rooms: PostgresRooms) -> None:
    assert await rooms.claim(NOWHERE, owner="one", owner_addr="one:1", lease_s=9, over=None) is None
    assert await rooms.find(NOWHERE) is None


async def test_a_holder_judged_dead_is_overruled_only_under_the_fence_that_was_seen(
    rooms: PostgresRooms,
) -> None:
    seen = await claim(rooms, A, "one")
    newer = await claim(rooms, A, "two", over=seen)

    assert newer > seen
    again = await rooms.claim(A, owner="three", owner_addr="three:1", lease_s=9, over=seen)
    assert again == Taken("two", "two:1", newer)


async def test_a_room_whose_lease_has_passed_is_free(rooms: PostgresRooms, database_url: str) -> None:
    old = await claim(rooms, A, "one")
    await let_lease_pass(database_url)

    assert await claim(rooms, A, "two") > old


async def test_a_renewed_lease_holds_and_a_lost_room_is_not_renewed(
    rooms: PostgresRooms, database_url: str
) -> None:
    held = [(A, await claim(rooms, A, "one")), (B, await claim(rooms, B, "one"))]
    await let_lease_pass(database_url)
    await claim(rooms, B, "two")

    assert await rooms.renew(owner="one", held=[*held, (NOWHERE, Fence(1))], lease_s=60) == {A}

    assert isinstance(await rooms.claim(A, owner="two", owner_addr="two:1", lease_s=9, over=None), Taken)
    assert await rooms.renew(owner="one", held=[], lease_s=60) == frozenset()


async def test_a_released_room_is_free_and_keeps_its_fence(rooms: PostgresRooms) -> None:
    old = await claim(rooms, A, "one")

    await rooms.release(owner="one", held=[(A, old)])

    assert await rooms.renew(owner="one", held=[(A, old)], lease_s=60) == frozenset()
    assert await claim(rooms, A, "two") == old + 1


async def test_nobody_releases_a_room_that_is_no_longer_his(rooms: PostgresRooms) -> None:
    old = await claim(rooms, A, "one")
    newer = await claim(rooms, A, "one", over=old)

    await rooms.release(owner="one", held=[(A, old)])
    await rooms.release(owner="two", held=[(A, newer)])

    assert await rooms.claim(A, owner="two", owner_addr="two:1", lease_s=9, over=None) == Taken(
        "one", "one:1", newer
    )


async def test_only_the_newest_owner_marks_a_show_as_over(rooms: PostgresRooms) -> None:
    old = await claim(rooms, A, "one")
    newer = await claim(rooms, A, "two", over=old)

    await rooms.mark_over(A, fence=old)
    assert not (await found(rooms, A)).is_over

    await rooms.mark_over(A, fence=newer)
    assert (await found(rooms, A)).is_over


async def test_who_holds_what_is_listed_with_the_time_that_is_left(
    rooms: PostgresRooms, database_url: str
) -> None:
    assert await rooms.owners() == []
    fence_a, fence_b = await claim(rooms, A, "one"), await claim(rooms, B, "two")

    held = await rooms.owners()
    assert [(o.room, o.owner, o.owner_addr, o.fence) for o in held] == [
        (A, "one", "one:1", fence_a),
        (B, "two", "two:1", fence_b),
    ]
    assert all(0 < ownership.lease_left_s <= 60 for ownership in held)

    await let_lease_pass(database_url)
    await rooms.release(owner="two", held=[(B, fence_b)])
    (late,) = await rooms.owners()
    assert late.room == A
    assert late.lease_left_s < 0
