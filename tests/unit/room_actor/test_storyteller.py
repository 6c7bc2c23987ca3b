"""Stories: out of the queue onto the air once, whoever dies or is away meanwhile; taken back at any time."""

from dataclasses import replace
from typing import Any

import trio
from memory_stores import Stores, request
from room_cases import AWAY, QUIET, ROOM, YUL, Edge, MemoryLog, serve
from trio.testing import MockClock

from room_actor.commands import Move, Withdraw
from room_actor.directing import OpenTold
from room_actor.show import Happening
from room_actor.storyteller import LOOK_S, TELL_S
from runtime.refusal import Code, Refused
from store.ids import ViewerId

NEXT = OpenTold(None, panel=False)
TELLER = ViewerId("v_teller")


def told(*stories: str, **how: Any) -> Stores:
    stores = Stores()
    for story in stories:
        stores.stories.put(story, ROOM, **how)
    return stores


def queues(edge: Edge) -> list[tuple[int, int]]:
    return [(body["stories"], body["lines"]) for body in edge.of("queue")]


async def test_the_story_that_waits_longest_comes_on_air_and_the_store_knows(
    autojump_clock: MockClock,
) -> None:
    stores = told("s1", "s2")
    async with serve(None, ["사연을 읽어 볼게요."], stores=stores) as room:
        edge = room.edge(viewers=1)
        assert await room.actor.direct(request("r1"), NEXT) == 1
        reply = await edge.until("reply")
        await trio.sleep(5)
        await edge.settle()
        story = edge.of("story")[0]
        assert (story["story"], story["nick"], story["panel"]) == ("s1", "사연자", False)
        assert reply["kind"] == "story"
        assert [stores.stories.status(s) for s in stores.stories.told] == ["opened", "waiting"]
        asked = room.persona.asked[0]
        assert (asked.kind, asked.lines[0].title) == ("story", story["title"])
        assert [body["phase"] for body in edge.of("show") if body["what"] == "phase"] == ["story", "chatting"]


async def test_who_tells_anonymously_has_no_name_on_air(autojump_clock: MockClock) -> None:
    async with serve(stores=told("s1", anonymous=True)) as room:
        edge = room.edge(viewers=1)
        await room.actor.direct(request("r1"), NEXT)
        assert (await edge.until("story"))["nick"] == ""
        await edge.until("reply")
    assert room.persona.asked[0].lines[0].nick == ""


async def test_a_certain_story_can_be_opened_out_of_turn_and_none_that_does_not_wait(
    autojump_clock: MockClock,
) -> None:
    stores = told("s1", "s2")
    async with serve(stores=stores) as room:
        edge = room.edge()
        await room.actor.direct(request("r1"), OpenTold(next(reversed(stores.stories.told)), panel=False))
        assert (await edge.until("story"))["story"] == "s2"
        outcome = await room.actor.direct(
            request("r2"), OpenTold(next(reversed(stores.stories.told)), panel=False)
        )
        assert isinstance(outcome, Refused)
        assert outcome.code is Code.NOT_AVAILABLE


async def test_the_same_request_again_opens_no_other_story(autojump_clock: MockClock) -> None:
    stores = told("s1", "s2")
    async with serve(stores=stores) as room:
        edge = room.edge(viewers=1)
        first = await room.actor.direct(request("r1"), NEXT)
        await edge.until("reply")
        await trio.sleep(5)
        assert await room.actor.direct(request("r1"), NEXT) == first
        await edge.settle()
    assert [body["story"] for body in edge.of("story")] == ["s1"]


async def test_a_double_click_on_the_only_story_is_one_act_and_no_refusal(autojump_clock: MockClock) -> None:
    async with serve() as room:
        room.stores.stories.put("s_1", ROOM)
        outcomes = []

        async def click() -> None:
            outcomes.append(await room.actor.direct(request("o1"), OpenTold(None, panel=False)))

        async with trio.open_nursery() as nursery:
            for _ in range(4):
                nursery.start_soon(click)
        assert outcomes == [1] * 4


async def test_a_story_that_may_not_be_opened_now_waits_on_in_its_place(autojump_clock: MockClock) -> None:
    stores = told("s1", "s2")
    async with serve(stores=stores) as room:
        await room.actor.direct(request("r1"), Move(Happening.PAUSED, "operator"))
        outcome = await room.actor.direct(request("r2"), NEXT)
        assert isinstance(outcome, Refused)
        await trio.sleep(1)
        assert {stores.stories.status(s) for s in stores.stories.told} == {"waiting"}


async def test_while_the_store_is_away_the_story_is_on_air_and_noted_later(autojump_clock: MockClock) -> None:
    stores = told("s1")
    async with serve(stores=stores) as room:
        edge = room.edge(viewers=1)
        await edge.settle()
        await room.actor.direct(request("r1"), NEXT)
        stores.stories.failures = [AWAY] * 5
        await edge.until("reply")
        await trio.sleep(10)
        assert [stores.stories.status(s) for s in stores.stories.told] == ["opened"]


async def test_a_new_owner_tells_the_store_of_the_story_that_it_finds_on_air(
    autojump_clock: MockClock,
) -> None:
    log, stores = MemoryLog(), told("s1")
    async with serve(log, [600.0], stores=stores) as room:
        await room.edge(viewers=1).settle()
        stores.stories.failures = []
        await room.actor.direct(request("r1"), NEXT)
    (story,) = stores.stories.told
    stores.stories.told[story] = replace(
        stores.stories.told[story], status="claimed"
    )  # as if nobody had said so
    async with serve(log, stores=stores) as room:
        edge = await room.edge().settle()
        assert stores.stories.status(story) == "opened"
        assert edge.snapshot["story"]["story"] == story


async def test_a_story_that_is_withdrawn_on_air_is_taken_back_and_its_turn_ends(
    autojump_clock: MockClock,
) -> None:
    stores = told("s1")
    async with serve(None, ["가" * 600], stores=stores, knobs=replace(QUIET, pace=1.0)) as room:
        edge = room.edge(viewers=1)
        await room.actor.direct(request("r1"), NEXT)
        await edge.until("delta", 3)
        (story,) = stores.stories.told
        assert await stores.stories.withdraw(TELLER, story) == "opened"
        edge.give(Withdraw(story), 5)
        reply = await edge.until("reply")
        assert reply["cut"] == "withdrawn"
        assert len(reply["text"]) < 10
        assert edge.of("retract") == [
            {"t": "retract", "of": 1, "by": "teller", "ts": edge.of("retract")[0]["ts"]}
        ]
        assert isinstance(edge.verdicts[5], int)
        late = await room.edge("late").settle()
        assert late.snapshot["story"] is None
        assert late.snapshot["phase"] == "chatting"


async def test_a_story_that_was_withdrawn_while_it_was_opened_is_taken_back(
    autojump_clock: MockClock,
) -> None:
    stores = told("s1")
    async with serve(None, ["가" * 600], stores=stores, knobs=replace(QUIET, pace=1.0)) as room:
        edge = room.edge(viewers=1)
        await edge.settle()
        stores.stories.failures = []
        room.log.hold()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(room.actor.direct, request("r1"), NEXT)
            await trio.sleep(0.1)
            (story,) = stores.stories.told
            assert await stores.stories.withdraw(TELLER, story) == "claimed"
            room.log.let_go()
        assert (await edge.until("retract"))["by"] == "teller"


async def test_a_new_owner_takes_nothing_back_that_was_taken_back(autojump_clock: MockClock) -> None:
    log, stores = MemoryLog(), told("s1")
    async with serve(log, stores=stores) as room:
        edge = room.edge(viewers=1)
        await room.actor.direct(request("r1"), NEXT)
        await edge.settle()
        (story,) = stores.stories.told
        await stores.stories.withdraw(TELLER, story)
        edge.give(Withdraw(story))
        await edge.until("retract")
        await edge.settle()
    stored = len(log.bodies())
    async with serve(log, stores=stores) as room:
        await trio.sleep(60)
    assert len(log.bodies()) == stored


async def test_stories_open_by_themselves_when_that_is_wished_for(autojump_clock: MockClock) -> None:
    stores = told("s1", "s2")
    knobs = replace(QUIET, stories_every_s=300)
    async with serve(None, ["사연이에요."], stores=stores, knobs=knobs) as room:
        edge = room.edge(viewers=1)
        await edge.until("story", 2)
        at_ms = [body["ts"] for body in edge.of("story")]
        assert at_ms[1] - at_ms[0] >= 300_000
        await trio.sleep(1_000)
        await edge.settle()
        assert len(edge.of("story")) == 2
        assert stores.stories.calls < 1_000, "nobody asks without end for what is not there"


async def test_how_many_wait_is_told_now_and_then(autojump_clock: MockClock) -> None:
    stores = told("s1")
    async with serve(stores=stores) as room:
        edge = room.edge(viewers=1)
        await edge.until("queue")
        assert queues(edge) == [(1, 0)]
        for n in range(2, 12):
            stores.stories.put(f"s{n}", ROOM, viewer=f"v_{n}")
            room.actor.look_for_stories()
            await trio.sleep(0.5)
        await trio.sleep(10)
        await edge.settle()
        assert queues(edge)[-1][0] == 11
        assert len(queues(edge)) <= 3 + 5 / TELL_S
        late = await room.edge("late").settle()
        assert late.snapshot["stories_waiting"] == 11


async def test_a_story_that_nobody_spoke_of_is_found_in_time(autojump_clock: MockClock) -> None:
    stores = Stores()
    async with serve(stores=stores) as room:
        edge = room.edge(viewers=1)
        await edge.settle()
        stores.stories.failures = [AWAY]
        stores.stories.put("s1", ROOM)
        await trio.sleep(2 * LOOK_S + 1)
        await edge.settle()
    assert queues(edge) == [(1, 0)]


async def test_a_panel_asks_every_persona_in_turn_and_each_knows_what_the_others_said(
    autojump_clock: MockClock,
) -> None:
    others = ("hong-sehyeon", "kim-chungi", "kang-sihyeon")
    personas = (YUL, *(type(YUL)(other) for other in others))
    scripts: list[list[Any]] = [[f"의견 {n}."] for n in range(4)] + [[f"한마디 {n}."] for n in range(4)]
    knobs = replace(QUIET, vote_s=30)
    async with serve(
        None, *scripts, ["결과예요."], personas=personas, stores=told("s1"), knobs=knobs
    ) as room:
        edge = room.edge(viewers=1)
        await room.actor.direct(request("r1"), OpenTold(None, panel=True))
        while not (polls := [body for body in edge.of("show") if body["what"] == "poll_opened"]):
            await edge.until("show", len(edge.of("show")) + 1)
        (opened,) = polls
        assert len(opened["options"]) == 4
        room.actor.vote(edge.link, 9, viewer=TELLER, poll=opened["poll"], choice=2)
        result = await edge.until("reply", 9)
    kinds = [asked.kind for asked in room.persona.asked]
    assert kinds == ["panel"] * 4 + ["reaction"] * 4 + ["result"]
    assert [len(asked.views) for asked in room.persona.asked[:4]] == [0, 1, 2, 3]
    assert all(len(asked.views) == 4 for asked in room.persona.asked[4:8])
    assert result["persona"] == room.persona.asked[2].persona, "told by whom most voted for"
    assert "1표" in room.persona.asked[8].lines[0].text
