"""What goes down to one edge: in order, and cut off rather than without bound."""

import pytest
from trio.testing import wait_all_tasks_blocked

from room_actor import link as link_module
from room_actor.link import Link, Moved, Publication, Verdict
from runtime.errors import MailboxClosed
from store.ids import Seq


def publication(offset: int) -> Publication:
    return Publication(Seq(offset), b"{}")


async def test_items_keep_their_order() -> None:
    link = Link("edge-1")
    items = [Verdict(1, Seq(1)), publication(1), Moved("")]
    for item in items:
        link.send(item)
    assert await link.take(2) == items[:2]
    assert await link.take(2) == items[2:]


async def test_a_link_that_is_full_closes_after_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "ITEMS_WAITING", 3)
    link = Link("edge-1")
    for offset in range(1, 10):
        link.send(publication(offset))
    taken = await link.take(100)
    assert taken == [publication(1), publication(2), publication(3)]
    with pytest.raises(MailboxClosed):
        await link.take(1)


async def test_what_comes_after_the_end_is_dropped_in_silence() -> None:
    link = Link("edge-1")
    link.close()
    link.send(publication(1))
    await wait_all_tasks_blocked()
    with pytest.raises(MailboxClosed):
        await link.take(1)


def test_a_fleeting_publication_has_no_place_in_the_log() -> None:
    assert Publication.fleeting({"t": "count", "viewers": 3}) == Publication(
        Seq(0), b'{"t":"count","viewers":3}'
    )
