"""Owns what a persona is told when it is asked to speak: the lines, who said what before, the evening so far. Pure."""

from collections.abc import Mapping

from room_actor.on_air import Turn
from room_actor.question import is_question
from room_actor.speaker import Asked, AskedLine, View
from room_actor.state import RoomState
from room_actor.summary import summary
from store.ids import ViewerId

VIEW_MOST_CHARS = 4_000
SAID_MOST_CHARS = 1_000
SUMMARY_MOST_CHARS = 4_000
"""As persona.proto has them."""


def brief(state: RoomState, turn: Turn, memory: Mapping[ViewerId, tuple[str, ...]]) -> Asked:
    """What to ask for a turn. memory: what the persona remembers of the viewers whose lines it answers."""
    lines = _lines(turn, memory)
    views = tuple(
        View(said.persona, state.names.get(said.persona, said.persona), said.text[:VIEW_MOST_CHARS])
        for said in turn.views
        if said.text
    )
    said = state.idle_said.get(turn.persona, []) if turn.kind == "idle" else []
    return Asked(
        persona=turn.persona,
        turn=turn.turn,
        room=state.room,
        kind=turn.kind,
        lines=lines,
        views=views,
        summary=summary(state.recent, state.names)[-SUMMARY_MOST_CHARS:],
        said=tuple(text[:SAID_MOST_CHARS] for text in said),
        is_thanks=_is_thanks(turn),
    )


def _lines(turn: Turn, memory: Mapping[ViewerId, tuple[str, ...]]) -> tuple[AskedLine, ...]:
    match turn.kind:
        case "answers":
            return tuple(
                AskedLine(str(line.seq), line.nick, line.text, memory=memory.get(line.viewer, ()))
                for line in turn.lines
            )
        case "story" | "panel" | "reaction" if turn.story is not None:
            story = turn.story
            return (AskedLine(story.story, story.nick, story.text, title=story.title),)
        case "result":
            return (AskedLine("result", "", turn.text),)
        case _:
            return ()


def _is_thanks(turn: Turn) -> bool:
    """Whether this answers one donation that asks nothing."""
    if turn.kind != "answers" or len(turn.lines) != 1:
        return False
    line = turn.lines[0]
    return line.amount > 0 and not is_question(line.text)
