"""Owns which rooms go where so that every actor has about as many. Pure: asks nobody, moves nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from store.ids import RoomId


@dataclass(frozen=True, slots=True)
class Move:
    """One room that shall change hands. Addresses are host:port."""

    room: RoomId
    source: str
    target: str


def even_out(rooms: Mapping[str, Sequence[RoomId]]) -> list[Move]:
    """The fewest moves after which no actor has two rooms more than another. rooms: by the address of each actor that
    takes rooms, those it serves, the ones to move first in front."""
    if not rooms:
        return []
    fair, over = divmod(sum(len(served) for served in rooms.values()), len(rooms))
    # Who has most keeps the odd ones: that moves fewest.
    by_load = sorted(rooms, key=lambda address: (-len(rooms[address]), address))
    goal = {address: fair + (place < over) for place, address in enumerate(by_load)}
    leaving = [
        (room, address)
        for address in by_load
        for room in rooms[address][: max(0, len(rooms[address]) - goal[address])]
    ]
    places = [
        address for address in by_load for _ in range(goal[address] - min(len(rooms[address]), goal[address]))
    ]
    return [Move(room, source, target) for (room, source), target in zip(leaving, places, strict=True)]


def empty(source: str, rooms: Sequence[RoomId], others: Mapping[str, int]) -> list[Move]:
    """Where the rooms of one actor go when it shall have none. others: how many each of the others serves."""
    load = dict(others)
    moves = []
    for room in rooms:
        target = min(load, key=lambda address: (load[address], address))
        load[target] += 1
        moves.append(Move(room, source, target))
    return moves
