"""Owns what the tests of the show share: rooms in a given state, and the events that lead there."""

from collections.abc import Iterable

from room_actor.bodies import from_body, to_body
from room_actor.events import (
    ChatSaid,
    DonationReceived,
    Event,
    Numbered,
    PhaseSet,
    StoryOpened,
    TurnAsked,
    TurnKind,
    TurnReplied,
)
from room_actor.knobs import Knobs
from room_actor.show import Happening, after
from room_actor.state import RoomState, apply, new_state
from store.ids import ClientId, LogEpoch, PersonaId, RoomId, Seq, StoryId, TurnId, ViewerId

ROOM = RoomId("oh-yul")
YUL, CHUNGI = PersonaId("oh-yul"), PersonaId("kim-chungi")
MIN, JUN = ViewerId("v_min"), ViewerId("v_jun")
EPOCH = LogEpoch("log-1")
START_MS = 1_800_000_000_000
QUIET = Knobs(opening=False, idle_after_s=0, notice_every_s=0, pace=0)
NAMES = {YUL: "오율", CHUNGI: "김춘기"}
STORY = StoryId("s_1")


def room(
    *events: Event,
    knobs: Knobs = QUIET,
    personas: tuple[PersonaId, ...] = (YUL, CHUNGI),
    starts_at_ms: int | None = None,
    at_ms: int = START_MS,
) -> RoomState:
    """A room after these events, one a millisecond. Each went through the log on its way."""
    state = new_state(ROOM, "연애 상담", personas, EPOCH, names=NAMES, knobs=knobs, starts_at_ms=starts_at_ms)
    happen(state, *events, at_ms=at_ms)
    return state


def numbered(*events: Event, first: int = 1, at_ms: int = START_MS) -> list[Numbered]:
    """The events in a row of places."""
    return [Numbered(Seq(first + n), at_ms, event) for n, event in enumerate(events)]


def happen(state: RoomState, *events: Event, at_ms: int = START_MS) -> None:
    """The next events."""
    for event in events:
        read = from_body(to_body(event, at_ms))
        assert read == event
        apply(state, Numbered(Seq(state.last_seq + 1), at_ms, read))


def chat(text: str = "안녕하세요", client_id: str = "c1", viewer: ViewerId = MIN) -> ChatSaid:
    nick = {MIN: "민", JUN: "준"}.get(viewer, "누구")
    return ChatSaid(viewer, nick, ClientId(client_id), text)


def moves(state: RoomState, happening: Happening) -> PhaseSet:
    """What leads to the next phase."""
    phase = after(state.phase, happening)
    assert phase is not None, f"{happening} may not happen in {state.phase}"
    return PhaseSet(phase, state.phase, "auto")


def donation(amount: int = 10_000, text: str = "힘내세요", viewer: ViewerId = JUN) -> DonationReceived:
    return DonationReceived(f"d_{amount}_{text}", viewer, "준", amount, "KRW", text)


def story(story_id: StoryId = STORY, *, panel: bool = False) -> StoryOpened:
    return StoryOpened(
        story_id, "읽씹 사흘째", "사흘 전부터 답이 없어요. 기다려야 할까요?", "", True, "some", panel
    )


def said(
    persona: PersonaId,
    kind: TurnKind,
    text: str = "그랬군요.",
    *,
    turn: str = "",
    answers: Iterable[int] = (),
    story_id: StoryId | None = None,
    cut: str | None = None,
) -> tuple[TurnAsked, TurnReplied]:
    """A whole turn."""
    name = TurnId(turn or f"t_{persona}_{kind}_{text}")
    asked = TurnAsked(name, persona, tuple(Seq(a) for a in answers), kind, kind, story=story_id)
    return asked, TurnReplied(name, persona, text, (), "builtin", cut, kind)
