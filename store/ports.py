"""Owns what every store promises: order, atomicity, loss. Knows no SQL and no Redis command.

All methods raise StoreUnavailable (durable ports) or VolatileUnavailable (volatile ports) when the server is away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from store.ids import ClientId, Fence, LogEpoch, PersonaId, RoomId, Seq, ViewerId

Body = Mapping[str, Any]
"""JSON object of an event, as the viewer protocol shows it: its type stands under "t"."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room as the lobby and its owner know it."""

    id: RoomId
    title: str
    personas: tuple[PersonaId, ...]
    log_epoch: LogEpoch
    last_seq: Seq
    is_over: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """The room is ours under `fence`; every append of an older fence has either happened or never will."""

    room: Room
    fence: Fence


@dataclass(frozen=True, slots=True)
class Taken:
    """Somebody else holds the room."""

    owner: str
    owner_addr: str
    fence: Fence


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who holds a room. lease_left_s: seconds until anybody may claim it; below 0 when that time has passed."""

    room: RoomId
    owner: str
    owner_addr: str
    fence: Fence
    lease_left_s: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in its place. at_ms: milliseconds since 1970. author and client_id: only of what a viewer said."""

    seq: Seq
    at_ms: int
    body: Body
    author: ViewerId | None = None
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """A viewer who spoke: kept in the same transaction as the words."""

    viewer: ViewerId
    nick: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What one room appends: entries in order, numbered without gaps from the last one committed."""

    room: RoomId
    fence: Fence
    entries: Sequence[Entry]
    authors: Sequence[Author] = ()


class Log(Protocol):
    """The rooms' events. What `append` returned as stored is on disk."""

    async def append(self, batches: Sequence[Batch]) -> frozenset[RoomId]:
        """Appends all batches in one transaction. Returns the rooms that were fenced off: nothing of them was
        stored, everything of the others was. At most one batch a room. An entry that stands already with the same
        room, seq and fence is taken as stored (a retry after an unknown outcome).

        Bugs of the caller store nothing of any room and raise: DuplicateMessage (the message stands at another seq, or
        comes twice), SeqTaken (the seq stands under another fence, or comes twice), TextRefused (U+0000, lone
        surrogates: the room actor strips them at its door), ValueError (two batches for a room).
        Cancelled or StoreUnavailable: all of it may have been stored, or nothing; the same call again is safe."""
        ...

    async def read(self, room: RoomId, *, after: Seq, limit: int) -> list[Entry]:
        """Entries with seq > after, ascending, at most `limit`, without gaps."""
        ...

    async def read_back(self, room: RoomId, *, before: Seq | None, limit: int) -> list[Entry]:
        """The last `limit` entries with seq < before (None: from the end), ascending."""
        ...

    async def find_said(
        self, ids: Sequence[tuple[RoomId, ViewerId, ClientId]]
    ) -> dict[tuple[RoomId, ViewerId, ClientId], Seq]:
        """Which of these messages stand in the log already, and where. One query however many."""
        ...


class Rooms(Protocol):
    """Who owns which room. Truth for ownership: no clock of ours decides it alone."""

    async def create(self, room: RoomId, title: str, personas: Sequence[PersonaId]) -> bool:
        """Makes the room with an empty log of a new epoch. False when it exists: nothing is changed then. Raises
        UnknownPersona for one that was never put: call `Personas.put` before."""
        ...

    async def find(self, room: RoomId) -> Room | None: ...

    async def list_all(self) -> list[Room]:
        """Every room, in order of creation."""
        ...

    async def owners(self) -> list[Ownership]:
        """Who holds what, by room; rooms that nobody holds are left out. The holder may have died since."""
        ...

    async def claim(
        self, room: RoomId, *, owner: str, owner_addr: str, lease_s: float, over: Fence | None
    ) -> Claimed | Taken | None:
        """Takes the room when nobody holds it, when the lease has passed, or when its fence is still `over` (the
        caller saw that holder and judged it dead). Raises the fence. None: no such room. Waits for appends in
        flight."""
        ...

    async def renew(
        self, *, owner: str, held: Sequence[tuple[RoomId, Fence]], lease_s: float
    ) -> frozenset[RoomId]:
        """Prolongs all leases in one statement. Returns the rooms that are still ours."""
        ...

    async def release(self, *, owner: str, held: Sequence[tuple[RoomId, Fence]]) -> None:
        """Gives the rooms up, each only if it is still ours under that fence. The fence stays."""
        ...

    async def mark_over(self, room: RoomId, *, fence: Fence) -> None:
        """Notes for the lobby that the show is over. Does nothing under an older fence."""
        ...


class Viewers(Protocol):
    """People who have spoken. Written by `Log.append`."""

    async def find(self, viewer: ViewerId) -> Author | None: ...


class Personas(Protocol):
    """The personas that rooms may name; a copy of the packs for foreign keys and reports."""

    async def put(self, personas: Sequence[tuple[PersonaId, str, Mapping[str, Any]]]) -> None:
        """Inserts or replaces (id, name, card)."""
        ...

    async def list_all(self) -> list[tuple[PersonaId, str]]: ...


@dataclass(frozen=True, slots=True)
class Count:
    """How many are there. connections: open sockets; viewers: distinct people."""

    connections: int
    viewers: int


class Presence(Protocol):
    """How many watch, edge by edge. Lost with Redis, and made anew by the next report."""

    async def report(self, edge: str, counts: Mapping[RoomId, Count], *, ttl_s: float) -> None:
        """Replaces all that this edge said before. Forgotten after `ttl_s` seconds."""
        ...

    async def counts(self) -> dict[RoomId, Count]:
        """Sums over the edges that live."""
        ...


class RateLimits(Protocol):
    """Limits over all edges."""

    async def may_pass(self, key: str, *, burst: int, per_s: float) -> bool:
        """Token bucket named `key`: holds at most `burst`, refilled with `per_s` tokens a second; takes one. Raises
        ValueError unless burst >= 1 and per_s > 0."""
        ...


class Lobby(Protocol):
    """The list of rooms, made at most once in a while for all edges."""

    async def get(self) -> bytes | None:
        """The listing (JSON), or None when it has expired."""
        ...

    async def put(self, listing: bytes, *, ttl_s: float) -> None: ...
