"""Owns talking to a load generator: starts `bench.viewers` and gives it orders, one blocking method each.

    with Crowd(port) as crowd:
        crowd.connect(1_000)
        crowd.talk(lines_per_s=30, seconds=5)
        crowd.settle()
        figures = crowd.figures()

Viewers belong to groups ("all" when nothing is said), which are counted apart: slow ones beside the others, one room
beside another.
"""

from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from bench.orders import Json, OrderFailed, Worker

ALL = "all"
ROOM = "oh-yul"


class Crowd(Worker):
    """One generator process against one server.

    dialect: "lovelm" (the viewer protocol), "plain" (any text frame with a stamped text is an event), "socketio".
    path: where the handshake asks; None: the dialect's own. cpu: the core it is bound to; None: any.
    """

    def __init__(
        self,
        port: int,
        *,
        host: str = "127.0.0.1",
        dialect: str = "lovelm",
        path: str | None = None,
        cpu: int | None = None,
    ) -> None:
        arguments = ["--host", host, "--port", str(port), "--dialect", dialect]
        if path is not None:
            arguments += ["--path", path]
        if cpu is not None:
            arguments += ["--cpu", str(cpu)]
        super().__init__("bench.viewers", arguments)

    def connect(
        self,
        n: int,
        *,
        group: str = ALL,
        rooms: Sequence[str] = (ROOM,),
        per_s: float | None = None,
        at_once: int = 256,
        samples: int = 64,
        bytes_per_s: float | None = None,
        recovers: bool = False,
        tries: int = 1,
        within_s: float = 120.0,
    ) -> Json:
        """n more viewers, spread over the rooms in turn; returns when all are in, refused, or late.

        rooms: ("",) only connects, without subscribing (`join` does that later). per_s: begun at an even rate,
        however the answers come (set at_once high for a storm); None: `at_once` on their way at most. samples: how many
        of them note latencies. bytes_per_s: they read so slowly, into a small buffer. recovers: they come back with
        their position when they are closed. tries: of each, when it is refused.
        Returns asked, connected, refused, took_s, per_s, enter_ms (percentiles, from connect() to being in), closes.
        """
        return self.order(
            do="connect",
            n=n,
            group=group,
            rooms=list(rooms),
            per_s=per_s,
            at_once=at_once,
            samples=samples,
            bytes_per_s=bytes_per_s,
            recovers=recovers,
            tries=tries,
            within_s=within_s,
        )

    def join(
        self, room: str = ROOM, *, group: str = ALL, per_s: float | None = None, within_s: float = 120.0
    ) -> Json:
        """Subscribes those of the group who are only connected. Returns asked, joined, took_s, per_s, enter_ms."""
        return self.order(do="join", group=group, room=room, per_s=per_s, within_s=within_s)

    def slow(self, n: int, bytes_per_s: float, *, group: str = "slow", recovers: bool = True) -> Json:
        """n viewers on a slow line, as `connect`."""
        return self.connect(n, group=group, samples=0, bytes_per_s=bytes_per_s, recovers=recovers)

    def pace(self, bytes_per_s: float | None, *, group: str = ALL) -> None:
        """The group reads at that rate from now on; None: at once."""
        self.order(do="pace", group=group, bytes_per_s=bytes_per_s)

    def talk(
        self,
        *,
        lines_per_s: float,
        seconds: float,
        group: str = ALL,
        speakers: int = 64,
        size_bytes: int = 100,
    ) -> Json:
        """Lines at an even rate, by so many of the group in turn, however the answers come; waits for the answers (12
        s at most). Returns said, took_s, unanswered."""
        return self.wait_for(
            self.begin_talk(
                lines_per_s=lines_per_s,
                seconds=seconds,
                group=group,
                speakers=speakers,
                size_bytes=size_bytes,
            )
        )

    def begin_talk(
        self,
        *,
        lines_per_s: float,
        seconds: float,
        group: str = ALL,
        speakers: int = 64,
        size_bytes: int = 100,
    ) -> int:
        """As `talk`, but returns at once; `wait_for` gives its result."""
        return self.begin(
            do="talk",
            group=group,
            lines_per_s=lines_per_s,
            seconds=seconds,
            speakers=speakers,
            size_bytes=size_bytes,
        )

    def wait_events(self, events: int, *, group: str = ALL, within_s: float = 30.0) -> Json:
        """Until each of the group who is in has had so many since the last reset. Returns reached, least, took_s,
        at_ns (when it was)."""
        return self.order(do="wait", group=group, events=events, within_s=within_s)

    def settle(
        self,
        *,
        group: str = ALL,
        quiet_s: float = 0.3,
        within_s: float = 20.0,
        events_only: bool = False,
    ) -> Json:
        """Until nothing has come for a while and all of the group have the same. events_only: what has no number may go
        on, such as the words of a persona that speaks. Returns settled, took_s."""
        return self.order(
            do="settle", group=group, quiet_s=quiet_s, within_s=within_s, events_only=events_only
        )

    def figures(self, *, group: str = ALL, reset: bool = False) -> Json:
        """What the group has got since the last reset.

        viewers, open; frames, events (deliveries of numbered events), fleeting (without a number), bytes; missing,
        doubled, out_of_order, garbled (the faults, summed over viewers); behind (who is in, but has not what another
        one has); events_least, events_most (of one viewer); closes (by code; 1006: without a word; at the handshake the
        HTTP status), refused, recovered; latency_ms (percentiles, from the stamp in the text until the kernel had it
        for a sampled viewer), lag_ms (from then until this process read it); said, acked, ack_ms, ack_errors (by code),
        misplaced (accepted lines that stand elsewhere than their answers said), talk_late_ms (most that a line was
        said after its time); generator_cpu_s (since its start).
        """
        return self.order(do="figures", group=group, reset=reset)

    def cut(self, *, group: str = ALL, returns: bool = False) -> Json:
        """Ends the group's connections with a reset. returns: they come back at once, each with its position."""
        return self.order(do="cut", group=group, returns=returns)

    def close(self) -> None:
        """Ends the generator, and all its connections by a reset."""
        with suppress(OrderFailed):
            self.order(do="end")
        self.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def faults(figures: Json) -> int:
    """How many deliveries went wrong: missing, doubled, swapped, altered, misplaced, or not there in the end."""
    kinds = ("missing", "doubled", "out_of_order", "garbled", "misplaced", "behind")
    return sum(int(figures[kind]) for kind in kinds)
