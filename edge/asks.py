"""Owns carrying out what viewers ask by rpc besides `say`: each to the room or the store that can. Knows no frame."""

from functools import partial
from typing import Any, assert_never

from edge import wire
from edge.asker import Asker
from edge.commands import Command
from edge.letters import Letters
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
from runtime.refusal import Code, Refused
from store.ports import Memories, Memory


class Asks:
    """What an edge does for its viewers."""

    def __init__(self, rooms: EdgeRooms, letters: Letters, memories: Memories) -> None:
        self._rooms = rooms
        self._letters = letters
        self._memories = memories

    def take(self, asker: Asker, command: Command, asking: Asking) -> None:
        """Answers now or later."""
        letters = self._letters
        match asking:
            case React():
                self._react(asker, command, asking)
            case CastVote(room, poll, choice):
                vote = wire.Vote(asker.viewer, poll, choice)
                self._rooms.open(room).ask(vote, partial(asker.settle, command))
            case Tell():
                asker.beside(command, partial(letters.tell, asker, command, asking))
            case ListStories():
                asker.beside(command, partial(letters.list_own, asker, command, asking))
            case Withdraw():
                asker.beside(command, partial(letters.withdraw, asker, command, asking))
            case Consent():
                asker.beside(command, partial(self._consent, asker, command, asking))
            case ListMemories():
                asker.beside(command, partial(self._list_memories, asker, command))
            case Forget():
                asker.beside(command, partial(self._forget, asker, command, asking))
            case _:
                assert_never(asking)

    def _react(self, asker: Asker, command: Command, react: React) -> None:
        room = self._rooms.open(react.room)
        if room.mirror is None:  # who watches it is past this
            asker.refuse(command, Refused(Code.INTERNAL, "the room is not here yet"))
        elif room.mirror.is_over:
            asker.refuse(command, Refused(Code.ROOM_OVER))
        else:
            room.react(react.kind)
            _answer(asker, command)

    async def _consent(self, asker: Asker, command: Command, consent: Consent) -> None:
        await self._memories.consent(asker.viewer, consent.on)
        _answer(asker, command, consent=consent.on)

    async def _list_memories(self, asker: Asker, command: Command) -> None:
        consent = await self._memories.has_consent(asker.viewer)
        memories = await self._memories.list_of(asker.viewer)
        _answer(asker, command, consent=consent, memories=[_described(memory) for memory in memories])

    async def _forget(self, asker: Asker, command: Command, forget: Forget) -> None:
        forgotten = await self._memories.forget(asker.viewer, memory=forget.memory, persona=forget.persona)
        _answer(asker, command, forgotten=forgotten)


def _answer(asker: Asker, command: Command, **data: Any) -> None:
    asker.reply(command, "rpc", {"data": data})


def _described(memory: Memory) -> dict[str, Any]:
    return {
        "memory": memory.id,
        "persona": memory.persona,
        "kind": memory.kind,
        "text": memory.text,
        "at_ms": memory.at_ms,
        "expires_ms": memory.expires_ms,
    }
