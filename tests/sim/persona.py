"""Owns the simulated persona actor: replies in pieces with pauses, failures before or after words, silence."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

import trio

from room_actor.errors import PersonaUnavailable
from room_actor.events import Cue
from room_actor.speaker import Asked, OnText, Said
from store.ids import TurnId

WORDS = (
    "네, ",
    "그랬군요. ",
    "마음이 ",
    "많이 ",
    "쓰였겠어요. ",
    "천천히 ",
    "생각해 봐요. ",
    "응원할게요! ",
    "💛 ",
)

SILENCE_S = 15.0
"""A hanging persona actor is given up by keepalive."""

IDLE_MOST = 4
"""Of what a persona can say by itself."""


@dataclass(slots=True)
class Mood:
    """What goes wrong now. Chances of each call."""

    fails: float = 0.0
    hangs: float = 0.0


@dataclass
class SimPersonas:
    """Every persona of the show."""

    seed: str
    mood: Mood = field(default_factory=Mood)
    tries: dict[TurnId, int] = field(default_factory=dict)
    failures: int = 0

    async def reply(
        self,
        asked: Asked,
        on_text: OnText,
        on_cue: Callable[[Cue], None],
        thawed: Callable[[], Awaitable[None]],
    ) -> Said:
        number = self.tries[asked.turn] = self.tries.get(asked.turn, 0) + 1
        rng = Random(f"{self.seed}/{asked.turn}/{number}")
        if asked.kind == "idle" and len(asked.said) >= IDLE_MOST:
            return Said("builtin", "nothing_new")
        pieces = rng.randint(1, 9)
        breaks_at = rng.randint(0, pieces) if rng.random() < self.mood.fails else -1
        hangs_at = rng.randint(0, pieces) if rng.random() < self.mood.hangs else -1
        said = 0
        for place in range(pieces + 1):
            await trio.sleep(rng.choice((0.0, 0.01, 0.05, 0.05, 0.4)))
            await thawed()
            if place == hangs_at:
                await trio.sleep(SILENCE_S)
            if place in (breaks_at, hangs_at):
                self.failures += 1
                raise PersonaUnavailable("broke off")
            if place < pieces:
                word = rng.choice(WORDS)
                if rng.random() < 0.3:
                    on_cue(Cue(rng.choice(("nod", "smile")), said))
                on_text(word)
                said += len(word)
        return Said("builtin", "stop")


class PersonaLine:
    """`room_actor.speaker.Persona` as one process calls it."""

    def __init__(self, personas: SimPersonas, thawed: Callable[[], Awaitable[None]]) -> None:
        self._personas = personas
        self._thawed = thawed

    async def reply(
        self,
        asked: Asked,
        on_text: OnText,
        on_cue: Callable[[Cue], None],
        *,
        deadline_s: float,
    ) -> Said:
        with trio.move_on_after(deadline_s):
            return await self._personas.reply(asked, on_text, on_cue, self._thawed)
        raise PersonaUnavailable("no end in time")
