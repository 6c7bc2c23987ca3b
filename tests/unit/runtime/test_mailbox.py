"""The queue in front of an actor: bounded, in order, and nothing lost by a cancelled reader."""

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from runtime.errors import MailboxClosed
from runtime.mailbox import Mailbox, WhenFull


async def test_items_come_out_in_the_order_they_went_in() -> None:
    mailbox: Mailbox[int] = Mailbox(10)
    assert [mailbox.put_nowait(n) for n in range(5)] == [True] * 5
    assert await mailbox.take_all() == [0, 1, 2, 3, 4]
    assert len(mailbox) == 0


async def test_a_reader_takes_at_most_what_it_asks_for_and_the_rest_waits() -> None:
    mailbox: Mailbox[int] = Mailbox(10)
    for n in range(5):
        mailbox.put_nowait(n)
    assert await mailbox.take_all(2) == [0, 1]
    assert await mailbox.take_all(3) == [2, 3, 4]


async def test_a_full_mailbox_refuses_the_new_item_and_counts_it() -> None:
    mailbox: Mailbox[int] = Mailbox(2)
    assert [mailbox.put_nowait(n) for n in range(4)] == [True, True, False, False]
    assert mailbox.dropped == 2
    assert await mailbox.take_all() == [0, 1]


async def test_a_full_mailbox_gives_up_the_oldest_item_when_it_was_told_to() -> None:
    mailbox: Mailbox[int] = Mailbox(2, WhenFull.DROP_OLDEST)
    assert [mailbox.put_nowait(n) for n in range(4)] == [True] * 4
    assert mailbox.dropped == 2
    assert await mailbox.take_all() == [2, 3]


async def test_a_waiting_reader_gets_the_next_item() -> None:
    mailbox: Mailbox[str] = Mailbox(2)
    taken: list[str] = []

    async def read() -> None:
        taken.extend(await mailbox.take_all())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read)
        await wait_all_tasks_blocked()
        assert taken == []
        mailbox.put_nowait("first")
        mailbox.put_nowait("second")
    assert taken == ["first", "second"]


async def test_a_cancelled_reader_takes_nothing_with_it() -> None:
    mailbox: Mailbox[str] = Mailbox(2)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(mailbox.take_all)
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
        mailbox.put_nowait("kept")
    assert await mailbox.take_all() == ["kept"]


async def test_a_closed_mailbox_hands_out_what_waits_and_then_says_so() -> None:
    mailbox: Mailbox[str] = Mailbox(2)
    mailbox.put_nowait("last")
    mailbox.close()
    assert mailbox.is_closed
    with pytest.raises(MailboxClosed):
        mailbox.put_nowait("too late")
    assert await mailbox.take_all() == ["last"]
    with pytest.raises(MailboxClosed):
        await mailbox.take_all()


async def test_closing_wakes_the_reader_that_waits() -> None:
    mailbox: Mailbox[str] = Mailbox(2)
    ended = False

    async def read() -> None:
        nonlocal ended
        with pytest.raises(MailboxClosed):
            await mailbox.take_all()
        ended = True

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read)
        await wait_all_tasks_blocked()
        mailbox.close()
    assert ended


@pytest.mark.parametrize("limit", [0, -1])
def test_a_mailbox_without_room_is_a_mistake(limit: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Mailbox(limit)
