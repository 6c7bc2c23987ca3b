"""Owns what goes down to one attached edge: a bounded queue of items. Knows nothing of gRPC or of the room."""

from dataclasses import dataclass

import msgspec
import trio

from runtime.errors import MailboxClosed
from runtime.mailbox import Mailbox
from runtime.refusal import Refused
from store.ids import Position, Seq

ITEMS_WAITING = 20_000
"""An edge that is further behind is cut off and attaches anew at its position."""

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Publication:
    """An event as viewers get it, encoded once for all edges. offset 0: a fleeting one."""

    offset: Seq
    data: bytes

    @classmethod
    def fleeting(cls, body: dict[str, object]) -> "Publication":
        return cls(Seq(0), _encode(body))


@dataclass(frozen=True, slots=True)
class Welcome:
    """The state at `position`. missed: what the edge lacks (recovered), or the newest of the log."""

    position: Position
    snapshot: bytes
    recovered: bool
    missed: tuple[Publication, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one command: the offset of what was accepted, or why it was not."""

    request: int
    outcome: Seq | Refused


@dataclass(frozen=True, slots=True)
class Moved:
    """The room is served here no longer."""

    owner_addr: str


@dataclass(frozen=True, slots=True)
class PositionTold:
    """Where the room stands: the edge has been sent everything up to here."""

    position: Position


class Inquiry:
    """One who waits for the verdict on a single command, where no link is attached."""

    def __init__(self) -> None:
        self.outcome: Seq | Refused | None = None
        """None: there is none yet, or there will be none."""
        self._ended = trio.Event()

    def send(self, item: Verdict) -> None:
        self.outcome = item.outcome
        self._ended.set()

    def give_up(self) -> None:
        """There will be no verdict."""
        self._ended.set()

    async def wait(self) -> Seq | Refused | None:
        """The verdict; None: there will be none."""
        await self._ended.wait()
        return self.outcome


Item = Welcome | Publication | Verdict | Moved | PositionTold


class Link:
    """One edge that is attached to one room."""

    def __init__(self, edge: str) -> None:
        self.edge = edge
        self.connections = 0
        self.viewers = 0
        self.window_ms = 0
        self._items: Mailbox[Item] = Mailbox(ITEMS_WAITING)

    def send(self, item: Item) -> None:
        """Queues an item. A link that is full closes: its edge attaches anew and loses nothing."""
        if not self._items.is_closed and not self._items.put_nowait(item):
            self._items.close()

    async def take(self, limit: int) -> list[Item]:
        """Waits for items. Raises MailboxClosed after the last one of a closed link."""
        return await self._items.take_all(limit)

    def close(self) -> None:
        """Nothing more is queued; what waits is still sent."""
        self._items.close()


__all__ = [
    "Inquiry",
    "Item",
    "Link",
    "MailboxClosed",
    "Moved",
    "PositionTold",
    "Publication",
    "Verdict",
    "Welcome",
]
