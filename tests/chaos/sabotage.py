"""Owns room actors that break a promise on purpose, to see that chaos catches them. Run in place of `cli room-actor`.

SABOTAGE=acknowledge-early python -m tests.chaos.sabotage     accepted lines are answered before they are stored
SABOTAGE=skip-fence        python -m tests.chaos.sabotage     the store takes what a deposed owner appends
"""

import os
from collections.abc import Callable, Mapping
from typing import Any

from room_actor import main
from room_actor.link import Verdict
from room_actor.record import Record, Waiter
from room_actor.settings import RoomActorSettings
from runtime.settings import read
from store import queries
from store.ports import Entry

FENCE = " AND b.epoch = r.epoch"


def acknowledge_early() -> None:
    number = Record._number

    def eager(self: Record, event: Any, key: Any, waiting: list[tuple[Waiter, int]], now_ms: int) -> Entry:
        entry = number(self, event, key, [], now_ms)
        for link, request in waiting:
            link.send(Verdict(request, entry.seq))
        return entry

    Record._number = eager  # type: ignore[method-assign]


def skip_fence() -> None:
    load = queries.load

    def unfenced(name: str) -> Mapping[str, str]:
        loaded = dict(load(name))
        if name == "log":
            assert FENCE in loaded["append"]
            loaded["append"] = loaded["append"].replace(FENCE, "")
        return loaded

    queries.load = unfenced  # type: ignore[assignment]


KINDS: Mapping[str, Callable[[], None]] = {
    "acknowledge-early": acknowledge_early,
    "skip-fence": skip_fence,
}

if __name__ == "__main__":
    KINDS[os.environ["SABOTAGE"]]()
    main.run(read(RoomActorSettings))
