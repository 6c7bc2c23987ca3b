"""What a Log promises of checkpoints, in every implementation."""

import pytest
import trio
from store_cases import A, B, Served, claim, open_transaction, said, told, until_somebody_waits

from store.errors import SeqTaken, TextRefused
from store.ids import RoomId, Seq
from store.ports import Batch, Checkpoint
from store.postgres.log import PostgresLog
from store.postgres.rooms import PostgresRooms

STATE = {
    "phase": "chatting",
    "waiting": [{"seq": 1, "text": '"사랑" 🐈 \\u0000 줄\n바꿈'}],
    "ratio": 0.25,
    "of": None,
}


def at(seq: int, **state: object) -> Checkpoint:
    return Checkpoint(Seq(seq), state or STATE)


async def test_a_room_has_no_checkpoint_before_the_first(served: Served) -> None:
    fence = await claim(served.rooms, A)
    await served.log.append([Batch(A, fence, [told(1)])])

    assert await served.log.checkpoint(A) is None
    assert await served.log.checkpoint(RoomId("nowhere")) is None


async def test_a_checkpoint_comes_with_its_entries_and_is_read_as_it_was(served: Served) -> None:
    fence_a, fence_b = await claim(served.rooms, A), await claim(served.rooms, B)

    await served.log.append(
        [
            Batch(A, fence_a, [said(1), told(2)], checkpoint=at(2)),
            Batch(B, fence_b, [told(1)]),
        ]
    )

    assert await served.log.checkpoint(A) == at(2)
    assert await served.log.checkpoint(B) is None
    assert await served.log.read(A, after=Seq(0), limit=9) == [said(1), told(2)]


async def test_a_newer_checkpoint_takes_the_place_of_the_older(served: Served) -> None:
    fence = await claim(served.rooms, A)
    await served.log.append([Batch(A, fence, [told(1)], checkpoint=at(1, n=1))])
    newer = await claim(served.rooms, A, "two", over=fence)

    await served.log.append([Batch(A, newer, [told(2), told(3)], checkpoint=at(3, n=3))])

    assert await served.log.checkpoint(A) == at(3, n=3)


async def test_a_checkpoint_never_takes_the_place_of_one_at_a_higher_seq(served: Served) -> None:
    fence = await claim(served.rooms, A)
    await served.log.append([Batch(A, fence, [told(1), told(2)], checkpoint=at(2, n=2))])

    assert await served.log.append([Batch(A, fence, [told(3)], checkpoint=at(1, n=1))]) == frozenset()

    assert await served.log.checkpoint(A) == at(2, n=2)
    assert len(await served.log.read(A, after=Seq(0), limit=9)) == 3


async def test_the_same_append_again_leaves_the_checkpoint_as_it_is(served: Served) -> None:
    fence = await claim(served.rooms, A)
    batch = Batch(A, fence, [told(1)], checkpoint=at(1))

    for _ in range(3):
        assert await served.log.append([batch]) == frozenset()

    assert await served.log.checkpoint(A) == at(1)


async def test_a_fenced_room_keeps_no_checkpoint_and_the_others_theirs(served: Served) -> None:
    old = await claim(served.rooms, A)
    await claim(served.rooms, A, "two", over=old)
    fence = await claim(served.rooms, B)

    fenced = await served.log.append(
        [Batch(A, old, [told(1)], checkpoint=at(1)), Batch(B, fence, [told(1)], checkpoint=at(1))]
    )

    assert fenced == {A}
    assert await served.log.checkpoint(A) is None
    assert await served.log.checkpoint(B) == at(1)


async def test_an_append_that_is_refused_keeps_no_checkpoint(served: Served) -> None:
    old = await claim(served.rooms, A)
    await served.log.append([Batch(A, old, [told(1)])])
    fence = await claim(served.rooms, A, "two", over=old)

    with pytest.raises(SeqTaken):
        await served.log.append([Batch(A, fence, [told(1), told(2)], checkpoint=at(2))])

    assert await served.log.checkpoint(A) is None


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
async def test_a_checkpoint_that_jsonb_cannot_keep_stores_nothing(
    rooms: PostgresRooms, log: PostgresLog, text: str
) -> None:
    fence = await claim(rooms, A)

    with pytest.raises(TextRefused):
        await log.append([Batch(A, fence, [told(1)], checkpoint=at(1, text=text))])

    assert await log.read(A, after=Seq(0), limit=9) == []


async def test_a_new_owner_sees_the_checkpoint_of_an_append_it_waited_for(
    rooms: PostgresRooms, log: PostgresLog, database_url: str
) -> None:
    old = await claim(rooms, A)
    seen: list[Checkpoint | None] = []

    async def take_over() -> None:
        await claim(rooms, A, "two", over=old)
        seen.append(await log.checkpoint(A))

    async with open_transaction(database_url) as held, trio.open_nursery() as nursery:
        await held.append([Batch(A, old, [told(1)], checkpoint=at(1))])
        assert await log.checkpoint(A) is None
        nursery.start_soon(take_over)
        await until_somebody_waits(database_url)
        await held.commit()

    assert seen == [at(1)]
