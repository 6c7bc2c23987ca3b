"""Owns what the load generator knows of one viewer and of viewers that are counted together. Knows no loop."""

import socket
from collections import Counter
from collections.abc import Callable, Sequence

from bench.checker import Counts, Reading, Reference


class Viewer(Reading):
    """One connection. bytes_per_s: how fast it reads; None: at once."""

    __slots__ = (
        "allowance", "asked", "began_s", "bytes_per_s", "epoch", "fd", "group", "head", "is_cut", "is_in", "is_open",
        "read", "received", "recovers", "room", "sock", "takes_time",
    )  # fmt: skip

    sock: socket.socket
    fd: int
    read: Callable[[int], bytes]
    head: bytes
    """Before it is in: what has come of an answer, behind one byte that says that it was greeted."""
    began_s: float

    def __init__(self, reference: Reference, group: "Group", room: str) -> None:
        super().__init__(reference)
        self.group = group
        self.room = room
        self.epoch = ""
        self.received = 0
        self.asked: dict[int, tuple[int, int]] = {}
        self.bytes_per_s: float | None = None
        self.allowance = 0.0
        self.recovers = False
        self.takes_time = False
        self.is_in = self.is_open = self.is_cut = False


class Group:
    """Viewers that are counted together."""

    def __init__(self) -> None:
        self.viewers: list[Viewer] = []
        self.closes: Counter[str] = Counter()
        self.refused = 0
        self.entries_s: list[float] = []
        self.recovered: Counter[str] = Counter()
        self.lags_ns: list[int] = []
        self.acks_ns: list[int] = []
        self.ack_errors: Counter[str] = Counter()
        self.acked: dict[tuple[str, int], int] = {}
        self.said = 0
        self.late_s = 0.0

    def forget(self) -> None:
        """Counts from zero. Who is in stays in."""
        for viewer in self.viewers:
            viewer.settle()
            viewer.counts = Counts()
            viewer.received = 0
            if viewer.latencies_ns is not None:
                viewer.latencies_ns = []
        for column in (
            self.lags_ns,
            self.acks_ns,
            self.entries_s,
            self.closes,
            self.ack_errors,
            self.recovered,
        ):
            column.clear()
        self.acked.clear()
        self.said = self.refused = 0
        self.late_s = 0.0


def percentiles(values_ns: Sequence[float]) -> dict[str, float]:
    """In ms."""
    if not values_ns:
        return {"count": 0}
    ordered = sorted(values_ns)

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1e6

    return {
        "count": len(ordered),
        "p50": at(0.5),
        "p90": at(0.9),
        "p95": at(0.95),
        "p99": at(0.99),
        "p999": at(0.999),
        "max": ordered[-1] / 1e6,
    }
