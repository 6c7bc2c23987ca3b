"""Owns the picture of a show that an operator needs: `ShowView` of docs/viewer-protocol.md's studio part. Pure."""

from dataclasses import asdict
from typing import Any

import msgspec

from room_actor.bodies import asked_body, pinned_body, poll_body, story_body
from room_actor.choose import outlook
from room_actor.events import TurnAsked
from room_actor.published import Published
from room_actor.state import RoomState
from room_actor.waiting import PAID

SHOWN = 100
"""Waiting lines that are shown, the next ones first."""

_encode = msgspec.json.Encoder().encode


def view(state: RoomState, published: Published, *, viewers: int, now_ms: int) -> bytes:
    """The show as it is decided now; what is not on disk yet is in it. offset: of the last event that is on disk."""
    waiting = outlook(state.waiting, knobs=state.knobs, now_ms=now_ms)
    shown: dict[str, Any] = {
        "room": state.room,
        "title": state.title,
        "phase": state.phase.value,
        "show": state.phase.show,
        "personas": list(state.personas),
        "on_air": list(state.on_air),
        "viewers": viewers,
        "slow": {"seconds": state.slow_s, "automatic": not state.slow_is_fixed},
        "knobs": asdict(state.knobs),
        "turn": _turn(state),
        "waiting": [
            {
                "of": one.line.seq,
                "nick": one.line.nick,
                "text": one.line.text,
                "why": one.why,
                "waited_s": one.waited_s,
                "people": one.people,
                "within_turns": one.within_turns or None,
            }
            for one in waiting[:SHOWN]
        ],
        "waiting_total": len(state.waiting),
        "paid_waiting": sum(item.why == PAID for item in state.waiting.items.values()),
        "wishes": [
            {"wish": wish.wish, "kind": wish.kind, "persona": wish.persona, "text": wish.text, "of": wish.of}
            for wish in state.wishes
        ],
        "poll": {**poll_body(state.poll.opened), "votes": published.votes}
        if state.poll is not None
        else None,
        "pinned": pinned_body(state.pinned) if state.pinned is not None else None,
        "story": story_body(state.story.opened) if state.story is not None else None,
        "stories_waiting": published.stories_waiting,
        "offset": published.offset,
    }
    return _encode(shown)


def _turn(state: RoomState) -> dict[str, Any] | None:
    turn = state.turn
    if turn is None:
        return None
    story = turn.story.story if turn.story is not None else None
    asked = TurnAsked(turn.turn, turn.persona, turn.answers, turn.why, turn.kind, turn.reasons, story)
    return {name: value for name, value in asked_body(asked).items() if name != "t"}
