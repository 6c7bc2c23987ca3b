"""What a Log promises while nobody races: see test_log_races.py for the rest."""

from dataclasses import replace

import pytest
from store_cases import JUN, MIN, A, B, claim, said, told

from store.errors import DuplicateMessage, SeqTaken, TextRefused
from store.ids import ClientId, Fence, RoomId, Seq
from store.ports import Author, Batch
from store.postgres.log import PostgresLog
from store.postgres.pool import Database
from store.postgres.rooms import PostgresRooms
from store.postgres.viewers import PostgresViewers


async def test_what_was_appended_is_read_back_as_it_was(rooms: PostgresRooms, log: PostgresLog) -> None:
    fence = await claim(rooms, A)
    entries = [said(1, '봄날의 "고양이" 🐈 \\u0000 줄\n바꿈'), told(2), said(3, "")]

    assert await log.append([Batch(A, fence, entries, [Author(MIN, "민")])]) == frozenset()

    assert await log.read(A, after=Seq(0), limit=10) == entries


async def test_reading_after_a_place_gives_the_next_ones_in_order(
    rooms: PostgresRooms, log: PostgresLog
) -> None:
    entries = [told(seq) for seq in range(1, 13)]
    await log.append([Batch(A, await claim(rooms, A), entries)])

    assert await log.read(A, after=Seq(4), limit=3) == entries[4:7]
    assert await log.read(A, after=Seq(12), limit=3) == []
    assert await log.read(RoomId("nowhere"), after=Seq(0), limit=3) == []


async def test_reading_back_gives_the_last_ones_in_order(rooms: PostgresRooms, log: PostgresLog) -> None:
    entries = [told(seq) for seq in range(1, 13)]
    await log.append([Batch(A, await claim(rooms, A), entries)])

    assert await log.read_back(A, before=None, limit=3) == entries[9:]
    assert await log.read_back(A, before=Seq(3), limit=9) == entries[:2]
    assert await log.read_back(A, before=Seq(1), limit=9) == []


async def test_a_fenced_room_stores_nothing_and_the_others_everything(
    rooms: PostgresRooms, log: PostgresLog, database: Database
) -> None:
    old = await claim(rooms, A)
    await claim(rooms, A, "two", over=old)
    fence = await claim(rooms, B)
    batches = [
        Batch(A, old, [said(1)], [Author(JUN, "준")]),
        Batch(B, fence, [said(1), told(2)], [Author(MIN, "민")]),
        Batch(RoomId("nowhere"), Fence(1), [told(1)]),
    ]

    assert await log.append(batches) == {A, RoomId("nowhere")}

    assert await log.read(A, after=Seq(0), limit=9) == []
    assert len(await log.read(B, after=Seq(0), limit=9)) == 2
    viewers = PostgresViewers(database)
    assert await viewers.find(JUN) is None
    assert await viewers.find(MIN) == Author(MIN, "민")


async def test_a_fence_from_the_future_stores_nothing(rooms: PostgresRooms, log: PostgresLog) -> None:
    fence = await claim(rooms, A)

    assert await log.append([Batch(A, Fence(fence + 1), [told(1)])]) == {A}

    assert await log.read(A, after=Seq(0), limit=9) == []


async def test_an_append_of_nothing_still_says_who_is_fenced(rooms: PostgresRooms, log: PostgresLog) -> None:
    fence = await claim(rooms, A)

    assert await log.append([]) == frozenset()
    assert await log.append([Batch(A, fence, []), Batch(B, Fence(7), [])]) == {B}


async def test_the_same_append_again_counts_as_stored_and_stores_nothing(
    rooms: PostgresRooms, log: PostgresLog
) -> None:
    fence = await claim(rooms, A)
    batch = Batch(A, fence, [said(1), told(2)], [Author(MIN, "민")])
    await log.append([batch])

    longer = replace(batch, entries=[*batch.entries, said(3)])
    assert await log.append([longer]) == frozenset()

    assert await log.read(A, after=Seq(0), limit=9) == longer.entries


async def test_a_seq_of_an_older_fence_is_never_overwritten(rooms: PostgresRooms, log: PostgresLog) -> None:
    old = await claim(rooms, A)
    await log.append([Batch(A, old, [told(1)])])
    fence = await claim(rooms, A, "two", over=old)

    with pytest.raises(SeqTaken):
        await log.append([Batch(A, fence, [said(1), told(2)]), Batch(B, await claim(rooms, B), [told(1)])])

    assert await log.read(A, after=Seq(0), limit=9) == [told(1)]
    assert await log.read(B, after=Seq(0), limit=9) == []


async def test_a_seq_twice_in_one_batch_stores_nothing(rooms: PostgresRooms, log: PostgresLog) -> None:
    fence = await claim(rooms, A)

    with pytest.raises(SeqTaken):
        await log.append([Batch(A, fence, [told(1), told(1)])])

    assert await log.read(A, after=Seq(0), limit=9) == []


async def test_a_message_said_before_is_refused_by_name_of_its_room_and_nothing_is_stored(
    rooms: PostgresRooms, log: PostgresLog
) -> None:
    fence_a, fence_b = await claim(rooms, A), await claim(rooms, B)
    await log.append([Batch(A, fence_a, [said(1, client_id="x")])])

    with pytest.raises(DuplicateMessage) as caught:
        await log.append(
            [
                Batch(A, fence_a, [said(2), said(3, client_id="x")]),
                Batch(B, fence_b, [said(1, client_id="x")]),
            ]
        )

    assert caught.value.rooms == {A}
    assert [entry.seq for entry in await log.read(A, after=Seq(0), limit=9)] == [1]
    assert await log.read(B, after=Seq(0), limit=9) == []


async def test_a_message_twice_in_one_batch_is_refused(rooms: PostgresRooms, log: PostgresLog) -> None:
    fence = await claim(rooms, A)

    with pytest.raises(DuplicateMessage) as caught:
        await log.append([Batch(A, fence, [said(1, client_id="x"), said(2, client_id="x")])])

    assert caught.value.rooms == {A}


async def test_the_same_client_id_of_two_viewers_is_two_messages(
    rooms: PostgresRooms, log: PostgresLog
) -> None:
    fence = await claim(rooms, A)

    await log.append([Batch(A, fence, [said(1, client_id="x"), said(2, author=JUN, client_id="x")])])

    asked = [
        (A, MIN, ClientId("x")),
        (A, JUN, ClientId("x")),
        (B, MIN, ClientId("x")),
        (A, MIN, ClientId("y")),
    ]
    assert await log.find_said(asked) == {(A, MIN, "x"): 1, (A, JUN, "x"): 2}
    assert await log.find_said([]) == {}


@pytest.mark.parametrize("text", ["a\0b", "\\\0", "\ud800"])
async def test_text_that_jsonb_cannot_keep_is_refused_before_it_is_sent(
    rooms: PostgresRooms, log: PostgresLog, text: str
) -> None:
    fence = await claim(rooms, A)

    with pytest.raises(TextRefused):
        await log.append([Batch(A, fence, [said(1, text)])])

    assert await log.append([Batch(A, fence, [said(1)])]) == frozenset()


@pytest.mark.parametrize("nick", ["a\0b", "\ud800"])
async def test_a_nick_that_text_cannot_keep_is_refused(
    rooms: PostgresRooms, log: PostgresLog, nick: str
) -> None:
    fence = await claim(rooms, A)

    with pytest.raises(TextRefused):
        await log.append([Batch(A, fence, [said(1)], [Author(MIN, nick)])])

    assert await log.read(A, after=Seq(0), limit=9) == []


async def test_two_batches_for_one_room_are_refused(rooms: PostgresRooms, log: PostgresLog) -> None:
    fence = await claim(rooms, A)

    with pytest.raises(ValueError, match="more than one batch"):
        await log.append([Batch(A, fence, [told(1)]), Batch(A, fence, [told(2)])])
