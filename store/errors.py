"""Owns the store's errors. Adapters translate the libraries' exceptions into these and keep the cause."""

from collections.abc import Iterable

from runtime.errors import LovelmError
from store.ids import RoomId


class StoreUnavailable(LovelmError):
    """PostgreSQL did not answer, or the connection broke. A write may or may not have happened: read back."""

    code = 1100
    retryable = True


class VolatileUnavailable(LovelmError):
    """Redis did not answer in time. Nothing durable depends on it."""

    code = 1101
    retryable = True


class SchemaOutdated(LovelmError):
    """The database lacks migrations that this version needs: run `lovelm migrate`."""

    code = 1102


class DuplicateMessage(LovelmError):
    """An append held a message (room, author, client id) that stands elsewhere in the log, or twice. Nothing was
    stored. A bug of the caller, who answers for idempotency. rooms: those it happened in."""

    code = 1103

    def __init__(self, rooms: Iterable[RoomId]) -> None:
        self.rooms = frozenset(rooms)
        super().__init__(
            f"the same message (author, client id) a second time in {', '.join(sorted(self.rooms))}"
        )


class SeqTaken(LovelmError):
    """An append held a seq that stands already under another fence, or twice in one batch. Nothing was stored. A
    bug of the caller: it did not read the last seq after its claim."""

    code = 1104


class TextRefused(LovelmError):
    """A text that PostgreSQL cannot keep: it holds U+0000 or half of a surrogate pair. Nothing was stored. A bug of
    the caller, whose door checks let it through."""

    code = 1105


class UnknownPersona(LovelmError):
    """A room named a persona that was never put. Nothing was stored."""

    code = 1106


class MigrationEdited(LovelmError):
    """A migration file differs from what was applied. Released migrations are never edited: add a new one."""

    code = 1107


class StoryWaits(LovelmError):
    """A viewer told a story in a room where another story of theirs still waits. Nothing was stored."""

    code = 1108


class UnknownRoom(LovelmError):
    """A story was told in a room that does not exist. Nothing was stored. A bug of the caller, who looks first."""

    code = 1109
