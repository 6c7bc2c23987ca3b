"""What Stories promises to those who meet: claims, tellings, withdrawals of the same stories at once, on the real
server."""

import pytest
import trio
from store_cases import JUN, MIN, A, Held, ask, claim, open_transaction, story_of, until_somebody_waits

from store.errors import StoryWaits
from store.ids import StoryId, ViewerId
from store.ports import Story, StoryStatus
from store.postgres.rooms import PostgresRooms
from store.postgres.stories import PostgresStories


def on(held: Held) -> PostgresStories:
    return PostgresStories(held)  # it asks for `fetch` alone


async def test_a_claim_passes_over_what_another_one_is_taking(
    rooms: PostgresRooms, stories: PostgresStories, database_url: str
) -> None:
    fence = await claim(rooms, A)
    first, second = [await stories.tell(story_of(viewer)) for viewer in (MIN, JUN)]

    async with open_transaction(database_url) as held:
        taken = await on(held).claim(A, fence, story=None)
        other = await stories.claim(A, fence, story=None)
        none = await stories.claim(A, fence, story=first.id)
        await held.commit()

    assert taken is not None
    assert other is not None
    assert (taken.id, other.id, none) == (first.id, second.id, None)


async def test_of_many_claims_at_once_no_two_get_the_same_story(
    rooms: PostgresRooms, stories: PostgresStories
) -> None:
    fence = await claim(rooms, A)
    told = {(await stories.tell(story_of(ViewerId(f"v_{number}")))).id for number in range(24)}
    got: list[StoryId] = []

    async def take_all() -> None:
        while (story := await stories.claim(A, fence, story=None)) is not None:
            got.append(story.id)

    async with trio.open_nursery() as nursery:
        for _ in range(8):
            nursery.start_soon(take_all)
    # A claim that finds the rest locked goes home early; what is left is taken here.
    await take_all()

    assert len(got) == 24
    assert set(got) == told


async def test_a_claim_behind_a_new_owner_gets_nothing(
    rooms: PostgresRooms, stories: PostgresStories, database_url: str
) -> None:
    old = await claim(rooms, A)
    await stories.tell(story_of(MIN))
    got: list[Story | None] = []

    async def take() -> None:
        got.append(await stories.claim(A, old, story=None))

    async with open_transaction(database_url) as held, trio.open_nursery() as nursery:
        await held.claim(A, over=old)
        nursery.start_soon(take)
        await until_somebody_waits(database_url)
        assert got == []
        await held.commit()

    assert got == [None]
    assert await stories.count(A) == 1


async def test_a_story_that_is_being_withdrawn_is_not_claimed(
    rooms: PostgresRooms, stories: PostgresStories, database_url: str
) -> None:
    fence = await claim(rooms, A)
    story = await stories.tell(story_of(MIN))

    async with open_transaction(database_url) as held:
        assert await on(held).withdraw(MIN, story.id) == "waiting"
        assert await stories.claim(A, fence, story=None) is None
        await held.commit()

    assert await stories.claim(A, fence, story=None) is None


async def test_a_withdrawal_behind_a_claim_learns_of_it(
    rooms: PostgresRooms, stories: PostgresStories, database_url: str
) -> None:
    fence = await claim(rooms, A)
    story = await stories.tell(story_of(MIN))
    before: list[StoryStatus | None] = []

    async def withdraw() -> None:
        before.append(await stories.withdraw(MIN, story.id))

    async with open_transaction(database_url) as held, trio.open_nursery() as nursery:
        assert await on(held).claim(A, fence, story=None)
        nursery.start_soon(withdraw)
        await until_somebody_waits(database_url)
        await held.commit()

    assert before == ["claimed"]
    assert not await stories.opened(story.id)


async def test_withdrawals_and_claims_at_once_end_in_one_truth(
    rooms: PostgresRooms, stories: PostgresStories
) -> None:
    """Whoever hears `waiting` knows that no owner has the story, and whoever claimed it that its teller heard so."""
    fence = await claim(rooms, A)
    told = [await stories.tell(story_of(ViewerId(f"v_{number}"))) for number in range(30)]
    claimed: set[StoryId] = set()
    before: dict[StoryId, StoryStatus | None] = {}

    async def take(story: StoryId) -> None:
        if await stories.claim(A, fence, story=story) is not None:
            claimed.add(story)

    async def withdraw(story: Story) -> None:
        before[story.id] = await stories.withdraw(story.viewer, story.id)

    async with trio.open_nursery() as nursery:
        for number, story in enumerate(told):
            # Either comes first as often as the other.
            if number % 2:
                nursery.start_soon(take, story.id)
                nursery.start_soon(withdraw, story)
            else:
                nursery.start_soon(withdraw, story)
                nursery.start_soon(take, story.id)

    assert {story for story, status in before.items() if status == "claimed"} == claimed
    assert {story for story, status in before.items() if status == "waiting"} == set(before) - claimed
    assert len(before) == 30
    assert await stories.count(A) == 0


async def test_a_story_told_twice_at_once_is_one_story(
    rooms: PostgresRooms, stories: PostgresStories, database_url: str
) -> None:
    told: list[Story] = []

    async def tell() -> None:
        told.append(await stories.tell(story_of(MIN)))

    async with open_transaction(database_url) as held, trio.open_nursery() as nursery:
        first = await on(held).tell(story_of(MIN))
        nursery.start_soon(tell)
        await until_somebody_waits(database_url)
        await held.commit()

    assert told == [first]
    assert await stories.count(A) == 1


async def test_of_two_stories_of_a_viewer_at_once_one_waits(
    rooms: PostgresRooms, stories: PostgresStories, database_url: str
) -> None:
    outcomes: list[str] = []

    async def tell(client_id: str) -> None:
        try:
            await stories.tell(story_of(MIN, client_id))
        except StoryWaits:
            outcomes.append("refused")
        else:
            outcomes.append("told")

    async with trio.open_nursery() as nursery:
        for number in range(6):
            nursery.start_soon(tell, f"c{number}")

    assert sorted(outcomes) == ["refused"] * 5 + ["told"]
    assert len(await ask(database_url, "SELECT 1 FROM stories")) == 1


async def test_a_story_behind_another_that_came_to_nothing_is_told(
    rooms: PostgresRooms, stories: PostgresStories, database_url: str
) -> None:
    told: list[Story] = []

    async def tell() -> None:
        told.append(await stories.tell(story_of(MIN, "c2")))

    async with open_transaction(database_url) as held, trio.open_nursery() as nursery:
        await on(held).tell(story_of(MIN))
        nursery.start_soon(tell)
        await until_somebody_waits(database_url)
        await held.roll_back()

    assert [(story.status, story.place) for story in told] == [("waiting", 1)]


@pytest.mark.parametrize("call", ["claim", "withdraw", "opened"])
async def test_a_cancelled_call_leaves_one_truth(
    rooms: PostgresRooms, stories: PostgresStories, call: str
) -> None:
    fence = await claim(rooms, A)
    story = await stories.tell(story_of(MIN))
    calls = {
        "claim": lambda: stories.claim(A, fence, story=None),
        "withdraw": lambda: stories.withdraw(MIN, story.id),
        "opened": lambda: stories.opened(story.id),
    }
    for deadline_s in (0, 0.0005, 0.001, 0.002):
        with trio.move_on_after(deadline_s):
            await calls[call]()

    newer = await claim(rooms, A, "two", over=fence)
    again = await stories.claim(A, newer, story=None)
    (now,) = await stories.of_viewer(MIN, A)

    assert (again is not None) == (now.status == "claimed")
    assert await stories.count(A) == 0
