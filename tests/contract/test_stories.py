"""What Stories promises to viewers and to one owner after another, in every implementation; test_story_races.py holds
those who meet."""

import pytest
from store_cases import JUN, MIN, A, B, Served, claim, story_of

from store.errors import StoryWaits, TextRefused, UnknownRoom
from store.ids import Fence, RoomId, Seq, StoryId, ViewerId
from store.ports import NewStory, Story
from store.postgres.rooms import PostgresRooms
from store.postgres.stories import PostgresStories

SEO = ViewerId("v_seo")
NOWHERE = StoryId("s_nowhere")


async def tell(served: Served, *viewers: ViewerId) -> list[Story]:
    return [await served.stories.tell(story_of(viewer)) for viewer in viewers]


async def places(served: Served) -> list[tuple[str, int]]:
    return [(story.viewer, story.place) for story in await served.stories.waiting(A, 9)]


async def test_a_story_is_kept_as_it_was_told_and_waits_in_its_place(served: Served) -> None:
    new = NewStory(A, JUN, "c9", "준", "제목", '봄 "고양이" 🐈\n둘째 줄', "썸", False, True, "30대")
    await tell(served, MIN)

    story = await served.stories.tell(new)

    assert (story.room, story.viewer, story.nick, story.title, story.text) == (
        A,
        JUN,
        "준",
        new.title,
        new.text,
    )
    assert (story.stage, story.anonymous, story.may_clip, story.age_band) == ("썸", False, True, "30대")
    assert (story.status, story.place) == ("waiting", 2)
    assert abs(story.told_at_ms - served.now_ms()) < 60_000
    assert await served.stories.of_viewer(JUN, A) == [story]
    assert await served.stories.waiting(A, 9) == [(await served.stories.of_viewer(MIN, A))[0], story]


async def test_the_same_story_told_again_is_one_story_whatever_became_of_it(served: Served) -> None:
    (first,) = await tell(served, MIN)
    assert await served.stories.tell(story_of(MIN, text="another text")) == first

    assert await served.stories.opened(first.id)

    again = await served.stories.tell(story_of(MIN))
    assert (again.id, again.status, again.place) == (first.id, "opened", 0)
    assert await served.stories.count(A) == 0


async def test_one_story_of_a_viewer_waits_at_a_time_in_each_room(served: Served) -> None:
    fence = await claim(served.rooms, A)
    (first,) = await tell(served, MIN)
    with pytest.raises(StoryWaits):
        await served.stories.tell(story_of(MIN, "c2"))
    await served.stories.tell(story_of(MIN, "c2", B))

    assert await served.stories.claim(A, fence, story=None)
    with pytest.raises(StoryWaits):
        await served.stories.tell(story_of(MIN, "c2"))

    await served.stories.opened(first.id)
    second = await served.stories.tell(story_of(MIN, "c2"))
    assert (second.place, await served.stories.count(A), await served.stories.count(B)) == (1, 1, 1)
    assert [s.status for s in await served.stories.of_viewer(MIN, A)] == ["opened", "waiting"]


async def test_a_story_for_a_room_that_does_not_exist_is_refused(served: Served) -> None:
    with pytest.raises(UnknownRoom):
        await served.stories.tell(story_of(MIN, room=RoomId("nowhere")))


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
async def test_a_text_that_cannot_be_kept_is_refused(
    rooms: PostgresRooms, stories: PostgresStories, text: str
) -> None:
    with pytest.raises(TextRefused):
        await stories.tell(story_of(MIN, text=text))

    assert await stories.count(A) == 0


async def test_stories_are_claimed_in_the_order_of_telling(served: Served) -> None:
    fence = await claim(served.rooms, A)
    told = await tell(served, MIN, JUN, SEO)

    first = await served.stories.claim(A, fence, story=None)

    assert first is not None
    assert (first.id, first.text, first.status, first.place) == (told[0].id, told[0].text, "claimed", 0)
    assert await places(served) == [(JUN, 1), (SEO, 2)]
    assert await served.stories.count(A) == 2
    claimed = [await served.stories.claim(A, fence, story=None) for _ in range(3)]
    assert [story and story.id for story in claimed] == [told[1].id, told[2].id, None]


async def test_a_named_story_is_claimed_out_of_order_once_and_in_its_own_room(served: Served) -> None:
    fence_a, fence_b = await claim(served.rooms, A), await claim(served.rooms, B)
    _, second = await tell(served, MIN, JUN)
    assert await served.stories.claim(B, fence_b, story=second.id) is None

    claimed = await served.stories.claim(A, fence_a, story=second.id)

    assert claimed is not None
    assert claimed.id == second.id
    assert await served.stories.claim(A, fence_a, story=second.id) is None
    assert await served.stories.claim(A, fence_a, story=NOWHERE) is None
    assert await places(served) == [(MIN, 1)]


async def test_a_deposed_owner_claims_nothing_and_gives_nothing_back(served: Served) -> None:
    old = await claim(served.rooms, A)
    (story,) = await tell(served, MIN)
    newer = await claim(served.rooms, A, "two", over=old)

    assert await served.stories.claim(A, old, story=None) is None
    assert await served.stories.claim(A, Fence(newer + 1), story=None) is None
    assert await served.stories.claim(A, newer, story=None)
    await served.stories.give_back(story.id, old)

    assert await served.stories.count(A) == 0


async def test_what_an_older_owner_claimed_is_claimed_again_in_its_old_place(served: Served) -> None:
    old = await claim(served.rooms, A)
    first, _ = await tell(served, MIN, JUN)
    await served.stories.claim(A, old, story=None)
    assert await served.stories.count(A) == 1
    newer = await claim(served.rooms, A, "two", over=old)
    assert await served.stories.count(A) == 2, "else nobody would claim it"
    assert [story.id for story in await served.stories.waiting(A, 1)] == [first.id]

    again = await served.stories.claim(A, newer, story=None)

    assert again is not None
    assert again.id == first.id


async def test_a_claim_whose_answer_was_lost_is_made_again_after_a_minute(served: Served) -> None:
    fence = await claim(served.rooms, A)
    (story,) = await tell(served, MIN)
    await served.stories.claim(A, fence, story=None)
    assert await served.stories.claim(A, fence, story=None) is None

    await served.pass_time(61)

    again = await served.stories.claim(A, fence, story=None)
    assert again is not None
    assert again.id == story.id


async def test_a_story_that_is_given_back_waits_in_the_place_that_it_had(served: Served) -> None:
    fence = await claim(served.rooms, A)
    first, _ = await tell(served, MIN, JUN)
    await served.stories.claim(A, fence, story=None)

    for _ in range(2):
        await served.stories.give_back(first.id, fence)
        assert await places(served) == [(MIN, 1), (JUN, 2)]

    assert await served.stories.claim(A, fence, story=first.id)


async def test_an_opened_story_stays_opened(served: Served) -> None:
    fence = await claim(served.rooms, A)
    (story,) = await tell(served, MIN)
    await served.stories.claim(A, fence, story=None)

    assert [await served.stories.opened(story.id) for _ in range(2)] == [True, True]
    await served.stories.give_back(story.id, fence)
    await served.pass_time(61)

    assert [s.status for s in await served.stories.of_viewer(MIN, A)] == ["opened"]
    assert await served.stories.claim(A, fence, story=story.id) is None
    assert not await served.stories.opened(NOWHERE)


async def test_a_story_is_withdrawn_by_its_teller_alone_and_its_words_are_gone(served: Served) -> None:
    fence = await claim(served.rooms, A)
    story, _ = await tell(served, MIN, JUN)

    assert await served.stories.withdraw(JUN, story.id) is None
    assert await served.stories.withdraw(MIN, NOWHERE) is None
    assert await served.stories.withdraw(MIN, story.id) == "waiting"
    assert await served.stories.withdraw(MIN, story.id) == "withdrawn"

    (gone,) = await served.stories.of_viewer(MIN, A)
    assert (gone.status, gone.place, gone.nick, gone.title, gone.text) == ("withdrawn", 0, "", "", "")
    assert await places(served) == [(JUN, 1)]
    assert await served.stories.claim(A, fence, story=story.id) is None
    assert (await served.stories.tell(story_of(MIN, "c2"))).place == 2


async def test_a_story_withdrawn_while_it_is_claimed_is_found_out_when_it_opens(served: Served) -> None:
    fence = await claim(served.rooms, A)
    (story,) = await tell(served, MIN)
    await served.stories.claim(A, fence, story=None)

    assert await served.stories.withdraw(MIN, story.id) == "claimed"

    await served.stories.give_back(story.id, fence)
    assert not await served.stories.opened(story.id)
    assert [s.status for s in await served.stories.of_viewer(MIN, A)] == ["withdrawn"]


async def test_a_story_is_withdrawn_even_after_it_was_opened(served: Served) -> None:
    (story,) = await tell(served, MIN)
    await served.stories.opened(story.id)

    assert await served.stories.withdraw(MIN, story.id) == "opened"

    assert [s.status for s in await served.stories.of_viewer(MIN, A)] == ["withdrawn"]


@pytest.mark.parametrize("story", ["a\0b", "\ud800", ""])
async def test_an_id_that_cannot_be_one_names_no_story(
    rooms: PostgresRooms, stories: PostgresStories, story: str
) -> None:
    assert await stories.withdraw(MIN, StoryId(story)) is None
    assert await stories.claim(A, Fence(1), story=StoryId(story)) is None


async def test_of_many_stories_the_next_ones_and_the_newest_of_a_viewer_are_listed(served: Served) -> None:
    for number in range(22):
        story = await served.stories.tell(story_of(MIN, f"c{number}"))
        if number < 21:
            await served.stories.opened(story.id)
    await tell(served, JUN, SEO)

    theirs = await served.stories.of_viewer(MIN, A)
    assert len(theirs) == 20
    assert theirs[-1].id == story.id
    assert [s.viewer for s in await served.stories.waiting(A, 2)] == [MIN, JUN]
    assert await served.stories.count(A) == 3
    assert await served.log.read(A, after=Seq(0), limit=1) == []
