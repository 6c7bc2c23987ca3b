"""Owns what every store promises: order, atomicity, loss. Knows no SQL and no Redis command.

All methods raise StoreUnavailable (durable ports) or VolatileUnavailable (volatile ports) when the server is away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from store.ids import ClientId, Fence, LogEpoch, PersonaId, RoomId, Seq, StoryId, ViewerId

Body = Mapping[str, Any]
"""JSON object of an event, as the viewer protocol shows it: its type stands under "t"."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room as the lobby and its owner know it. starts_at_ms: when its show shall begin, in milliseconds since 1970;
    None: it is on from its creation."""

    id: RoomId
    title: str
    personas: tuple[PersonaId, ...]
    log_epoch: LogEpoch
    last_seq: Seq
    is_over: bool
    starts_at_ms: int | None = None


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
class Checkpoint:
    """What a room had become with the event at `seq`: as good as all entries up to there."""

    seq: Seq
    body: Body


@dataclass(frozen=True, slots=True)
class Batch:
    """What one room appends: entries in order, numbered without gaps from the last one committed. checkpoint: at the
    last of these entries or before it."""

    room: RoomId
    fence: Fence
    entries: Sequence[Entry]
    authors: Sequence[Author] = ()
    checkpoint: Checkpoint | None = None


class Log(Protocol):
    """The rooms' events. What `append` returned as stored is on disk."""

    async def append(self, batches: Sequence[Batch]) -> frozenset[RoomId]:
        """Appends all batches in one transaction. Returns the rooms that were fenced off: nothing of them was
        stored, everything of the others was. At most one batch a room. An entry that stands already with the same
        room, seq and fence is taken as stored (a retry after an unknown outcome). A checkpoint becomes the room's only
        one in the same transaction, unless there is one at the same or a higher seq: then nothing is changed, and
        nothing said.

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

    async def checkpoint(self, room: RoomId) -> Checkpoint | None:
        """The room's newest checkpoint. None: there is none, and the log is to be read from its start."""
        ...

    async def find_said(
        self, ids: Sequence[tuple[RoomId, ViewerId, ClientId]]
    ) -> dict[tuple[RoomId, ViewerId, ClientId], Seq]:
        """Which of these messages stand in the log already, and where. One query however many."""
        ...


class Rooms(Protocol):
    """Who owns which room. Truth for ownership: no clock of ours decides it alone."""

    async def create(
        self, room: RoomId, title: str, personas: Sequence[PersonaId], *, starts_at_ms: int | None = None
    ) -> bool:
        """Makes the room with an empty log of a new epoch. starts_at_ms: see Room. False when it exists: nothing is
        changed then. Raises UnknownPersona for one that was never put: call `Personas.put` before."""
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


StoryStatus = Literal["waiting", "claimed", "opened", "withdrawn", "declined"]
"""waiting -> claimed (by the room's owner) -> opened (it stands in the log); claimed -> waiting when it is given back.
withdrawn: by its teller, from any other. declined: put aside by hand. Only the withdrawal of what was opened follows
`opened`; nothing follows `withdrawn`."""


@dataclass(frozen=True, slots=True)
class NewStory:
    """A story as it is told. client_id: the client's own name of it; with room and viewer it names one story for
    ever."""

    room: RoomId
    viewer: ViewerId
    client_id: ClientId
    nick: str
    title: str
    text: str
    stage: str
    anonymous: bool
    may_clip: bool
    age_band: str


@dataclass(frozen=True, slots=True)
class Story:
    """A story that was told. place: 1 is the next one, in the order of telling; 0 when it does not wait. nick, title
    and text are empty once it is withdrawn."""

    id: StoryId
    room: RoomId
    viewer: ViewerId
    nick: str
    title: str
    text: str
    stage: str
    anonymous: bool
    may_clip: bool
    age_band: str
    status: StoryStatus
    told_at_ms: int
    place: int


class Stories(Protocol):
    """The stories that viewers tell, and which of them waits. One waits at a time of each viewer in each room.

    What was told is on disk. That a story was opened is true in the room's log first and noted here afterwards: before
    a room's owner claims, it must have said `opened` or `give_back` of all that its log or its memory knows, or it will
    get the same story again."""

    async def tell(self, story: NewStory) -> Story:
        """Puts a story at the end of its room's queue. The same client id again: the story as it is now, whatever the
        other fields say. Raises StoryWaits when another one of this viewer is waiting or claimed there, UnknownRoom,
        TextRefused; nothing is stored then. Cancelled or StoreUnavailable: it may be stored; tell it again."""
        ...

    async def claim(self, room: RoomId, fence: Fence, *, story: StoryId | None) -> Story | None:
        """Takes the story that waits longest, or that one. Those that an older fence has claimed wait for this, and so
        do those claimed under this fence more than a minute ago: the answer to that claim was lost. Two claims
        at once never get the same story. None: nothing to take, or the fence is no longer the room's. Cancelled or
        StoreUnavailable: one may be claimed; see above."""
        ...

    async def opened(self, story: StoryId) -> bool:
        """Notes that the story stands in the log. Again, it does nothing. False: its teller has withdrawn it in the
        meantime, and the room must take it back; or there is no such story."""
        ...

    async def give_back(self, story: StoryId, fence: Fence) -> None:
        """Lets a story that is claimed under this fence wait again, in the place that it had. Otherwise nothing."""
        ...

    async def withdraw(self, viewer: ViewerId, story: StoryId) -> StoryStatus | None:
        """Takes a story of this viewer back, for ever; its nick, title and text are erased here. Returns what it was
        before. Anything but `waiting`: it may stand in the log, so the room must hear of it. None: no such story, or
        somebody else's. Again, it does nothing and returns `withdrawn`."""
        ...

    async def of_viewer(self, viewer: ViewerId, room: RoomId) -> list[Story]:
        """What a viewer has told in a room, in order of telling: the newest 20."""
        ...

    async def waiting(self, room: RoomId, limit: int) -> list[Story]:
        """The next `limit` stories that wait, in order; of those that are claimed, only what an owner before today's
        claimed and never opened."""
        ...

    async def count(self, room: RoomId) -> int:
        """How many wait, as `waiting` has it."""
        ...


class Votes(Protocol):
    """Who voted for what, in the polls of the rooms. One vote a viewer and poll, the last one."""

    async def cast(self, room: RoomId, fence: Fence, poll: str, votes: Mapping[ViewerId, int]) -> bool:
        """Stores all votes (place of the option, from 0), or none; each replaces the viewer's former one. False: the
        fence is no longer the room's, and nothing was stored. Raises TextRefused. Cancelled or StoreUnavailable: all
        of it may have been stored, or nothing; the same call again is safe."""
        ...

    async def tally(self, room: RoomId, poll: str, options: int) -> list[int]:
        """How many votes each option has, in order, from 0 to options - 1. Votes for another are not counted."""
        ...


MemoryKind = Literal["fact", "counsel"]
"""fact: what the viewer told of themselves; counsel: what the persona said to it."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What a persona remembers of a viewer. id: the caller's unique name of it, for ever. at_ms, expires_ms:
    milliseconds since 1970."""

    id: str
    viewer: ViewerId
    persona: PersonaId
    kind: MemoryKind
    text: str
    at_ms: int
    expires_ms: int


class Memories(Protocol):
    """What the personas remember of viewers who consented, until it expires, is forgotten, or gives way."""

    async def consent(self, viewer: ViewerId, given: bool) -> None:
        """Notes that a viewer wants to be remembered, or no longer: then all memories go in the same transaction, and
        what is noted at the same moment goes too or is not stored. Again, it does nothing."""
        ...

    async def has_consent(self, viewer: ViewerId) -> bool: ...

    async def note(self, memories: Sequence[Memory]) -> None:
        """Stores, all in one transaction, those of viewers who consented, of what was after that and after they forgot
        something last; an id that stands already is left as it is. Afterwards the oldest above 50 a viewer and persona
        go. Raises TextRefused; nothing is stored then. Cancelled or StoreUnavailable: they may be stored; the same call
        again is safe."""
        ...

    async def recall(self, persona: PersonaId, viewers: Sequence[ViewerId]) -> dict[ViewerId, list[Memory]]:
        """What this persona remembers of each: the newest 6 that have not expired, newest last. One query however many
        viewers; those without memories are absent."""
        ...

    async def list_of(self, viewer: ViewerId) -> list[Memory]:
        """All that is remembered of a viewer and has not expired, newest last."""
        ...

    async def forget(self, viewer: ViewerId, *, memory: str | None, persona: PersonaId | None) -> int:
        """Deletes that memory of this viewer, or those of that persona, or all (both None); with both given, what both
        name. It does not come back: what was until now is noted no longer. Returns how many there were."""
        ...

    async def expire(self, now_ms: int) -> int:
        """Deletes memories that have expired, at most 10,000. Returns how many."""
        ...


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
