"""Owns all viewers' connections of this edge: their pings, what each person may do how often, and the goodbye."""

import random
from collections.abc import Mapping
from functools import partial
from typing import Any

import structlog
import trio
from prometheus_client import Gauge

from edge.connection import PING_S, Connection
from edge.rate import Allowance, TokenBucket
from runtime.timers import Timers
from store.ids import ViewerId

log = structlog.get_logger()

CONNECTIONS = Gauge("lovelm_edge_connections", "Viewers' WebSockets")

GOODBYE_BATCH = 100

RETURNS_PER_S = 2_000
"""Viewers who are sent away come back to other edges no faster."""

RETURN_LEAST_S = 0.5
"""A few viewers come back within this."""


def return_window_s(viewers: int) -> float:
    """Over which so many viewers are to come back."""
    return max(RETURN_LEAST_S, viewers / RETURNS_PER_S)


class Viewers:
    """The open connections."""

    def __init__(self, timers: Timers, *, say_rate: float, say_burst: int) -> None:
        self._timers = timers
        self._say_rate = say_rate
        self._say_burst = say_burst
        self._connections: dict[Connection, None] = {}
        self._allowances: dict[ViewerId, Allowance] = {}
        self._gone = trio.Event()
        self._is_leaving = False

    def __len__(self) -> int:
        return len(self._connections)

    def allowance_of(self, viewer: ViewerId) -> Allowance:
        """One for all connections of a viewer."""
        allowance = self._allowances.get(viewer)
        if allowance is None:
            bucket = TokenBucket(self._say_rate, self._say_burst)
            allowance = self._allowances[viewer] = Allowance(bucket)
        return allowance

    def tell(self, viewer: ViewerId, data: Mapping[str, Any]) -> None:
        """A message for this viewer alone, on every connection. Looks at all who are here: nothing for every line."""
        for connection in [*self._connections]:
            if connection.identity is not None and connection.viewer == viewer:
                connection.tell(data)

    def add(self, connection: Connection) -> None:
        self._connections[connection] = None
        self._ping_after(PING_S * random.uniform(0.5, 1.0), connection)  # a storm's pings are spread out
        CONNECTIONS.set(len(self._connections))
        if self._is_leaving:  # it was at the door when the end began
            self._send_away(connection, return_window_s(len(self._connections)))

    def remove(self, connection: Connection) -> None:
        self._connections.pop(connection, None)
        self._gone.set()
        CONNECTIONS.set(len(self._connections))
        self._forget_allowances()

    def _ping_after(self, delay_s: float, connection: Connection) -> None:
        self._timers.after(delay_s, partial(self._ping, connection))

    def _ping(self, connection: Connection) -> None:
        if connection in self._connections:
            connection.ping()
            self._ping_after(PING_S, connection)

    async def say_goodbye(self, *, within_s: float) -> None:
        """Sends everybody away in paced batches, the last one within so many seconds, each with a moment to be back at;
        waits until all have left. Who comes in later is sent away at once."""
        self._is_leaving = True
        here = list(self._connections)
        window_s = return_window_s(len(here))
        pause_s = GOODBYE_BATCH / max(RETURNS_PER_S, len(here) / within_s)
        log.info("viewers_sent_away", viewers=len(here), window_s=round(window_s, 3))
        for number, connection in enumerate(here, start=1):
            self._send_away(connection, window_s)
            if number % GOODBYE_BATCH == 0:
                await trio.sleep(pause_s)
        while self._connections:
            self._gone = trio.Event()
            await self._gone.wait()

    def _send_away(self, connection: Connection, window_s: float) -> None:
        connection.go_away(round(random.uniform(0, window_s) * 1_000))

    def _forget_allowances(self) -> None:
        # A bucket that has had the time to fill again holds nothing worth remembering.
        if len(self._allowances) > 4 * len(self._connections) + 1_000:
            here = {connection.viewer for connection in self._connections if connection.identity is not None}
            self._allowances = {
                viewer: allowance for viewer, allowance in self._allowances.items() if viewer in here
            }
