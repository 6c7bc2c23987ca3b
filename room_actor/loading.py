"""Owns bringing a room's state to the end of its log: from its newest checkpoint and what came after. Knows nothing of
what a state means.
"""

from collections.abc import Iterable

from room_actor.bodies import from_body
from room_actor.checkpoint import restore
from room_actor.events import Key, Numbered
from room_actor.state import LINES_KEPT, RoomState, load
from store.ids import Seq
from store.ports import Entry, Log

TAIL_MOST = 20_000
"""Entries read at most: of a room whose log is longer and has no checkpoint that we can read, the beginning is lost."""


async def read(store: Log, state: RoomState) -> list[Numbered]:
    """Brings a fresh state to the end of its log. Returns the newest entries: LINES_KEPT of them and all after the
    checkpoint. Raises StoreUnavailable."""
    checkpoint = await store.checkpoint(state.room)
    if checkpoint is not None:
        restore(state, checkpoint.body, checkpoint.seq)
    tail: list[Numbered] = []
    while True:
        before = tail[0].seq if tail else None
        entries = await store.read_back(state.room, before=before, limit=LINES_KEPT)
        tail = [_numbered(entry) for entry in entries] + tail
        is_enough = bool(tail) and tail[0].seq <= state.last_seq + 1
        if is_enough or len(entries) < LINES_KEPT or len(tail) >= TAIL_MOST:
            break
    load(state, tail)
    return tail


async def find_said(store: Log, state: RoomState, keys: Iterable[Key]) -> dict[Key, Seq]:
    """Which of these are in the part of the log that is not in memory, and where: one query. Raises
    StoreUnavailable."""
    ids = [(state.room, *key) for key in keys]
    if not ids or state.said_is_complete:
        return {}
    found = await store.find_said(ids)
    return {(viewer, client_id): seq for (_, viewer, client_id), seq in found.items()}


def _numbered(entry: Entry) -> Numbered:
    key = (entry.author, entry.client_id) if entry.author and entry.client_id else None
    return Numbered(entry.seq, entry.at_ms, from_body(entry.body), key)
