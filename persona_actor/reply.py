"""Owns one reply from request to `Finished`: seed, fence, order of the branches. Knows no wire and no pace: all comes
out as it is made."""

import secrets
import zlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import cast

from persona_actor.errors import ModelUnavailable, PersonaUnknown, ReplyBroken, TooBusy
from persona_actor.graph import ReplyGraph, Turn
from persona_actor.order import Order, Said
from persona_actor.recall import Recall
from persona_actor.request import WITHOUT_LINES, Event, Finished, ReplyRequest, Started
from persona_actor.voices import Voice
from personas.pack import Pack
from store.ids import PersonaId


class Speaker:
    """Speaks for all personas of the process, many replies at a time. Lives on the asyncio side."""

    def __init__(self, packs: Mapping[PersonaId, Pack], recall: Recall, voice: Voice) -> None:
        self.packs = packs
        self.voice = voice
        self._graph = ReplyGraph(voice, recall)

    def pack(self, persona: PersonaId) -> Pack:
        """Raises PersonaUnknown."""
        try:
            return self.packs[persona]
        except KeyError as exc:
            raise PersonaUnknown(f"persona: none of that id here, known are {', '.join(self.packs)}") from exc

    async def reply(self, request: ReplyRequest) -> AsyncGenerator[Event, None]:
        """Started, then deltas and cues, then Finished with the deltas joined. Closing it stops the generation.

        Raises PersonaUnknown; ModelUnavailable or TooBusy when nothing was said; ReplyBroken after the first words.
        """
        pack = self.pack(request.persona)
        yield Started(pack.id, self.voice.name, self.voice.model(pack))
        order = Order([""] if request.mode in WITHOUT_LINES else [line.id for line in request.lines])
        turn = Turn(request=request, pack=pack, seed=seed_of(request), fence=secrets.token_hex(6))
        said_by_branches = cast(AsyncGenerator[tuple[int, Said], None], self._graph.run(turn))
        try:
            async with aclosing(said_by_branches):
                async for branch, said in said_by_branches:
                    for event in order.put(branch, said):
                        yield event
        except (ModelUnavailable, TooBusy) as exc:
            if order.text:
                raise ReplyBroken(f"the reply broke off after {len(order.text)} characters: {exc}") from exc
            raise
        yield Finished(order.text, self.voice.name, order.reason)


def seed_of(request: ReplyRequest) -> int:
    """The same for the same turn on every machine, so that a turn spoken again is spoken alike."""
    name = request.turn_id or "\n".join(line.id for line in request.lines)
    return zlib.crc32(name.encode())
