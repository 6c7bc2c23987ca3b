"""Owns what is remembered of an evening for the personas' prompts: the newest answers, in a few words each. Pure, and
extractive: nothing is put into anybody's mouth. Nobody's nick stands in it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from room_actor.events import StoryOpened, TurnReplied
from room_actor.waiting import Line
from store.ids import PersonaId, Seq

GIST_MOST_CHARS = 80

_SENTENCE_END = re.compile(r"(?<=[.?!…~])\s+")


@dataclass(frozen=True, slots=True)
class Answered:
    """What was asked, and how the answer began. of: where the line or the story stands."""

    persona: PersonaId
    question: str
    answer: str
    of: Seq


def answered(lines: Sequence[Line], reply: TurnReplied) -> list[Answered]:
    """What a turn leaves behind, for each line. None of what was never said."""
    # Answers to several lines are parted by a line break; when their number differs the reply was cut, or no batch.
    answers = reply.text.split("\n", maxsplit=max(len(lines) - 1, 0))
    return [
        Answered(reply.persona, gist(line.text), gist(answer), line.seq)
        for line, answer in zip(lines, answers, strict=False)
        if answer.strip()
    ]


def answered_story(story: StoryOpened, at: Seq, reply: TurnReplied) -> list[Answered]:
    """What a turn leaves behind that answered the story which was opened at `at`."""
    return [Answered(reply.persona, gist(story.title), gist(reply.text), at)] if reply.text.strip() else []


def gist(text: str, most_chars: int = GIST_MOST_CHARS) -> str:
    """The first sentence, or as much of it as fits."""
    first = _SENTENCE_END.split(text.strip(), maxsplit=1)[0]
    return first if len(first) <= most_chars else first[: most_chars - 1].rstrip() + "…"


def summary(recent: Sequence[Answered], names: Mapping[PersonaId, str]) -> str:
    """For a prompt: a line for each answer, the oldest first."""
    return "\n".join(
        f"- 질문: {one.question} / {names.get(one.persona, one.persona)}: {one.answer}" for one in recent
    )
