"""What viewers ask by rpc and what becomes of it: in the store, at the room's actor, in their answer."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import trio
from scripted_actors import ROOM, ScriptedActors, ScriptedCall, welcome
from trio.testing import MockClock, wait_all_tasks_blocked

from edge.asks import Asks
from edge.commands import Command, Rpc
from edge.letters import Letters
from edge.pending import Outcome
from edge.rooms import EdgeRooms
from edge.rpcs import (
    Asking,
    CastVote,
    Consent,
    Forget,
    ListMemories,
    ListStories,
    React,
    Tell,
    Withdraw,
)
from edge.tellers import Tellers
from protos.room.v1 import room_pb2 as pb
from runtime.refusal import Refused
from store.errors import StoryWaits, UnknownRoom
from store.ids import ClientId, PersonaId, RoomId, StoryId, ViewerId
from store.ports import Memory, NewStory, Story, StoryStatus

MIN = ViewerId("v_min")
TELL = Tell(
    ROOM, ClientId("c1"), "잊는 법", "한 달이 지났는데 아직도 생각이 나요.", "breakup", True, False, "25-29"
)
TOLD_AT_MS = 1_767_225_600_000


def story(name: str, status: StoryStatus = "waiting", place: int = 1) -> Story:
    return Story(
        id=StoryId(name),
        room=ROOM,
        viewer=MIN,
        nick="민",
        title=TELL.title,
        text=TELL.text,
        stage=TELL.stage,
        anonymous=TELL.anonymous,
        may_clip=TELL.may_clip,
        age_band=TELL.age_band,
        status=status,
        told_at_ms=TOLD_AT_MS,
        place=place,
    )


@dataclass
class ScriptedStore:
    """Stories and Memories in one, as the test says. did: what it was asked, with its arguments."""

    tells: Story | Exception = field(default_factory=lambda: story("st_1"))
    has: list[Story] = field(default_factory=list)
    was: StoryStatus | None = "waiting"
    remembers: list[Memory] = field(default_factory=list)
    did: list[object] = field(default_factory=list)

    async def tell(self, told: NewStory) -> Story:
        self.did.append(told)
        if isinstance(self.tells, Exception):
            raise self.tells
        return self.tells

    async def of_viewer(self, viewer: ViewerId, room: RoomId) -> list[Story]:
        self.did.append((viewer, room))
        return self.has

    async def withdraw(self, viewer: ViewerId, name: StoryId) -> StoryStatus | None:
        self.did.append((viewer, name))
        return self.was

    async def consent(self, viewer: ViewerId, given: bool) -> None:
        self.did.append((viewer, given))

    async def has_consent(self, _viewer: ViewerId) -> bool:
        return True

    async def list_of(self, _viewer: ViewerId) -> list[Memory]:
        return self.remembers

    async def forget(self, viewer: ViewerId, *, memory: str | None, persona: PersonaId | None) -> int:
        self.did.append((viewer, memory, persona))
        return 2


@dataclass
class Viewer:
    """Min, who waits for answers. answers: data, or the number of an error."""

    nursery: trio.Nursery
    viewer: ViewerId = MIN
    nick: str = "민"
    answers: list[dict[str, Any] | int] = field(default_factory=list)

    def reply(self, _command: Command, method: str, result: dict[str, Any]) -> None:
        assert method == "rpc"
        self.answers.append(result["data"])

    def refuse(self, _command: Command, refused: Refused) -> None:
        self.answers.append(int(refused.code))

    def settle(self, command: Command, outcome: Outcome) -> None:
        if isinstance(outcome, Refused):
            self.refuse(command, outcome)
        else:
            self.answers.append({"offset": outcome.offset})

    def beside(self, _command: Command, work: Callable[[], Awaitable[None]]) -> None:
        self.nursery.start_soon(work)


@dataclass
class Stage:
    asks: Asks
    store: ScriptedStore
    tellers: Tellers
    viewer: Viewer
    call: ScriptedCall

    async def ask(self, asking: Asking) -> dict[str, Any] | int | None:
        """The answer, if there is one yet."""
        self.viewer.answers.clear()
        self.asks.take(self.viewer, Command(1, Rpc()), asking)
        await wait_all_tasks_blocked()
        return self.viewer.answers[-1] if self.viewer.answers else None

    def hints(self) -> int:
        return sum(sent.batch.stories_changed for sent in self.call.sent)

    def asked(self) -> list[pb.Command]:
        return [one for sent in self.call.sent for one in sent.batch.commands]

    async def verdict(self, **verdict: Any) -> dict[str, Any] | int | None:
        """Of the actor, to what it was asked last."""
        self.call.tell(pb.Item(verdict=pb.Verdict(request=self.asked()[-1].request, **verdict)))
        await wait_all_tasks_blocked()
        return self.viewer.answers[-1] if self.viewer.answers else None


@pytest.fixture
async def stage(autojump_clock: MockClock) -> AsyncIterator[Stage]:
    """A room attached at offset 3; the clock jumps only when a test waits for time."""
    actors, store, tellers = ScriptedActors(), ScriptedStore(), Tellers()
    rooms = EdgeRooms("edge-1", actors)  # type: ignore[arg-type]  # what a room needs of the actors
    asks = Asks(rooms, Letters(rooms, store, tellers), store)  # type: ignore[arg-type]  # what is asked for here
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rooms.run)
        await wait_all_tasks_blocked()
        rooms.open(ROOM)
        call = await actors.opened(1)
        call.tell(welcome(3, 1, 2, 3))
        await wait_all_tasks_blocked()
        yield Stage(asks, store, tellers, Viewer(nursery), call)
        nursery.cancel_scope.cancel()


# -- stories ------------------------------------------------------------------------------------------


async def test_a_story_is_in_the_store_before_it_is_acknowledged_and_the_actor_hears_of_it(
    stage: Stage,
) -> None:
    assert await stage.ask(TELL) == {"story": "st_1", "status": "waiting", "place": 1}
    assert stage.store.did == [
        NewStory(
            room=ROOM,
            viewer=MIN,
            client_id=TELL.client_id,
            nick="민",
            title=TELL.title,
            text=TELL.text,
            stage=TELL.stage,
            anonymous=True,
            may_clip=False,
            age_band=TELL.age_band,
        )
    ]
    assert stage.hints() == 1
    assert stage.tellers.opened(StoryId("st_1")) == MIN


async def test_a_story_that_was_opened_meanwhile_is_answered_as_it_is(stage: Stage) -> None:
    stage.store.tells = story("st_1", "opened", 0)
    assert await stage.ask(TELL) == {"story": "st_1", "status": "opened", "place": 0}
    assert stage.tellers.opened(StoryId("st_1")) is None


@pytest.mark.parametrize(("failure", "code"), [(StoryWaits("one waits"), 106), (UnknownRoom("gone"), 102)])
async def test_a_story_that_the_store_does_not_take_is_refused(
    stage: Stage, failure: Exception, code: int
) -> None:
    stage.store.tells = failure
    assert await stage.ask(TELL) == code
    assert stage.hints() == 0


async def test_no_story_is_told_after_the_show_and_nobody_reacts(stage: Stage) -> None:
    closed = b'{"t":"show","what":"closed","ts":1}'
    stage.call.tell(pb.Item(publication=pb.Publication(offset=4, data=closed)))
    await wait_all_tasks_blocked()

    assert await stage.ask(TELL) == 404
    assert await stage.ask(React(ROOM, "heart")) == 404
    assert stage.store.did == []


async def test_a_teller_who_comes_back_sees_the_place_and_is_told_when_it_opens(stage: Stage) -> None:
    stage.store.has = [story("st_0", "opened", 0), story("st_1", "waiting", 3)]
    answer = await stage.ask(ListStories(ROOM))

    assert isinstance(answer, dict)
    common = {"title": "잊는 법", "stage": "breakup", "anonymous": True, "ts": TOLD_AT_MS}
    assert answer["stories"] == [
        {"story": "st_0", "status": "opened", "place": 0, **common},
        {"story": "st_1", "status": "waiting", "place": 3, **common},
    ]
    assert stage.store.did == [(MIN, ROOM)]
    assert stage.tellers.opened(StoryId("st_0")) is None
    assert stage.tellers.opened(StoryId("st_1")) == MIN


async def test_a_story_that_waits_is_taken_back_in_the_store_alone(stage: Stage) -> None:
    assert await stage.ask(Withdraw(ROOM, "st_1")) == {"story": "st_1", "status": "withdrawn"}
    assert stage.store.did == [(MIN, "st_1")]
    assert (stage.asked(), stage.hints()) == ([], 1)


async def test_somebody_elses_story_is_not_taken_back(stage: Stage) -> None:
    stage.store.was = None
    assert await stage.ask(Withdraw(ROOM, "st_1")) == 108
    assert (stage.asked(), stage.hints()) == ([], 0)


async def test_a_story_on_air_is_taken_back_when_the_log_says_so(stage: Stage) -> None:
    stage.store.was = "opened"
    assert await stage.ask(Withdraw(ROOM, "st_1")) is None
    assert stage.asked()[-1].withdraw == pb.Withdraw(viewer=MIN, story="st_1")
    assert await stage.verdict(offset=9) == {"story": "st_1", "status": "withdrawn", "offset": 9}


async def test_a_story_that_the_log_has_taken_back_before_has_no_new_place_there(stage: Stage) -> None:
    stage.store.was = "withdrawn"
    assert await stage.ask(Withdraw(ROOM, "st_1")) is None
    assert await stage.verdict(offset=0) == {"story": "st_1", "status": "withdrawn"}


@pytest.mark.parametrize(
    ("was", "code", "answer"),
    [
        ("claimed", 108, {"story": "st_1", "status": "withdrawn"}),
        ("withdrawn", 108, {"story": "st_1", "status": "withdrawn"}),
        ("claimed", 100, 100),
        ("opened", 404, 404),
    ],
)
async def test_what_may_stand_in_the_log_is_settled_by_the_room(
    stage: Stage, was: StoryStatus, code: int, answer: object
) -> None:
    stage.store.was = was
    assert await stage.ask(Withdraw(ROOM, "st_1")) is None
    assert await stage.verdict(refusal=pb.Refusal(code=code)) == answer


# -- votes and reactions ------------------------------------------------------------------------------


async def test_a_vote_is_acknowledged_when_it_is_durable(stage: Stage) -> None:
    assert await stage.ask(CastVote(ROOM, "p1", 1)) is None
    assert stage.asked()[-1].vote == pb.Vote(viewer=MIN, poll="p1", choice=1)
    assert await stage.verdict(offset=3) == {"offset": 3}
    assert await stage.ask(CastVote(ROOM, "p1", 2)) is None
    assert await stage.verdict(refusal=pb.Refusal(code=108)) == 108


async def test_a_reaction_is_counted(stage: Stage) -> None:
    assert await stage.ask(React(ROOM, "heart")) == {}
    assert [dict(sent.batch.reactions) for sent in stage.call.sent if sent.batch.reactions] == [{"heart": 1}]
    assert await stage.ask(React(RoomId("elsewhere"), "heart")) == 100


# -- memories -----------------------------------------------------------------------------------------


async def test_what_is_remembered_is_seen_and_forgotten(stage: Stage) -> None:
    stage.store.remembers = [Memory("t_1/3", MIN, PersonaId("oh-yul"), "fact", "한 달 전 이별", 1, 2)]

    assert await stage.ask(Consent(True)) == {"consent": True}
    assert await stage.ask(ListMemories()) == {
        "consent": True,
        "memories": [
            {
                "memory": "t_1/3",
                "persona": "oh-yul",
                "kind": "fact",
                "text": "한 달 전 이별",
                "at_ms": 1,
                "expires_ms": 2,
            }
        ],
    }
    assert await stage.ask(Forget("t_1/3", None)) == {"forgotten": 2}
    assert stage.store.did == [(MIN, True), (MIN, "t_1/3", None)]
