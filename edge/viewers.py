"""Owns all viewers' connections of this edge: their pings, how fast each person speaks, and the goodbye at the end."""

import heapq
import itertools
import random

import structlog
import trio
from prometheus_client import Gauge

from edge.close_codes import Close
from edge.connection import PING_S, Connection
from edge.rate import TokenBucket
from store.ids import ViewerId

log = structlog.get_logger()

CONNECTIONS = Gauge("lovelm_edge_connections", "Viewers' WebSockets")

GOODBYE_BATCH = 100
GOODBYE_PAUSE_S = 0.05
"""2,000 viewers a second come back to other edges."""


class Viewers:
    """The open connections."""

    def __init__(self, *, say_rate: float, say_burst: int) -> None:
        self._say_rate = say_rate
        self._say_burst = say_burst
        self._connections: dict[Connection, None] = {}
        self._buckets: dict[ViewerId, TokenBucket] = {}
        self._pings: list[tuple[float, int, Connection]] = []
        self._numbers = itertools.count()
        self._gone = trio.Event()
        self._is_leaving = False

    def __len__(self) -> int:
        return len(self._connections)

    def bucket_of(self, viewer: ViewerId) -> TokenBucket:
        """One for all connections of a viewer."""
        bucket = self._buckets.get(viewer)
        if bucket is None:
            bucket = self._buckets[viewer] = TokenBucket(self._say_rate, self._say_burst)
        return bucket

    def add(self, connection: Connection) -> None:
        self._connections[connection] = None
        first_s = trio.current_time() + PING_S * random.uniform(0.5, 1.0)  # a storm's pings are spread out
        heapq.heappush(self._pings, (first_s, next(self._numbers), connection))
        CONNECTIONS.set(len(self._connections))
        if self._is_leaving:  # it was at the door when the end began
            connection.close(Close.SHUTDOWN)

    def remove(self, connection: Connection) -> None:
        self._connections.pop(connection, None)
        self._gone.set()
        CONNECTIONS.set(len(self._connections))

    async def run(self) -> None:
        """Pings every connection in its time, and forgets who left; until cancelled."""
        while True:
            await trio.sleep(0.5)
            now_s = trio.current_time()
            while self._pings and self._pings[0][0] <= now_s:
                due_s, number, connection = heapq.heappop(self._pings)
                if connection in self._connections:
                    connection.ping()
                    heapq.heappush(self._pings, (due_s + PING_S, number, connection))
            self._forget_buckets()

    async def say_goodbye(self) -> None:
        """Closes every connection with 3001, in paced batches, and waits until all have left. Who comes in later is
        closed at once."""
        self._is_leaving = True
        for number, connection in enumerate(list(self._connections), start=1):
            connection.close(Close.SHUTDOWN)
            if number % GOODBYE_BATCH == 0:
                await trio.sleep(GOODBYE_PAUSE_S)
        while self._connections:
            self._gone = trio.Event()
            await self._gone.wait()

    def _forget_buckets(self) -> None:
        # A bucket that has had the time to fill again holds nothing worth remembering.
        if len(self._buckets) > 4 * len(self._connections) + 1_000:
            here = {connection.viewer for connection in self._connections if connection.identity is not None}
            self._buckets = {viewer: bucket for viewer, bucket in self._buckets.items() if viewer in here}
