"""Owns talking to a load generator: starts `bench.viewers` and gives it orders, one blocking method each.

    with Crowd(port) as crowd:
        crowd.connect(1_000)
        crowd.talk(lines_per_s=30, seconds=5)
        crowd.settle()
        figures = crowd.figures()

Viewers belong to groups ("all" when nothing is said), which are counted apart: slow ones beside the others, one room
beside another.
"""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parent.parent
ALL = "all"
ROOM = "oh-yul"


class CrowdFailed(Exception):
    """The generator could not do it, or is gone."""


class Crowd:
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
        self._numbers = itertools.count()
        self._answers: dict[int, Json] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.viewers", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    @property
    def pid(self) -> int:
        return self._process.pid

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
            "connect",
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
        return self.order("join", group=group, room=room, per_s=per_s, within_s=within_s)

    def slow(self, n: int, bytes_per_s: float, *, group: str = "slow", recovers: bool = True) -> Json:
        """n viewers on a slow line, as `connect`."""
        return self.connect(n, group=group, samples=0, bytes_per_s=bytes_per_s, recovers=recovers)

    def pace(self, bytes_per_s: float | None, *, group: str = ALL) -> None:
        """The group reads at that rate from now on; None: at once."""
        self.order("pace", group=group, bytes_per_s=bytes_per_s)

    def freeze(self, n: int, *, group: str = "frozen", recovers: bool = False) -> Json:
        """n viewers who come in and then read nothing more."""
        figures = self.connect(n, group=group, samples=0, bytes_per_s=1e6, recovers=recovers)
        self.pace(0.0, group=group)
        return figures

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
            "talk",
            group=group,
            lines_per_s=lines_per_s,
            seconds=seconds,
            speakers=speakers,
            size_bytes=size_bytes,
        )

    def wait_events(self, events: int, *, group: str = ALL, within_s: float = 30.0) -> Json:
        """Until each of the group who is in has had so many since the last reset. Returns least, took_s, reached."""
        return self.order("wait", group=group, events=events, within_s=within_s)

    def settle(self, *, group: str = ALL, quiet_s: float = 0.3, within_s: float = 20.0) -> Json:
        """Until nothing has come for a while and all of the group have the same. Returns settled, took_s."""
        return self.order("settle", group=group, quiet_s=quiet_s, within_s=within_s)

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
        return self.order("figures", group=group, reset=reset)

    def cut(self, *, group: str = ALL, returns: bool = False) -> Json:
        """Ends the group's connections with a reset. returns: they come back at once, each with its position."""
        return self.order("cut", group=group, returns=returns)

    def close(self) -> None:
        """Ends the generator, and all its connections by a reset."""
        if self._process.poll() is None:
            try:
                self.order("end")
            except (CrowdFailed, OSError):
                self._process.kill()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def order(self, do: str, **details: Any) -> Json:
        """Gives an order and waits for its answer. Raises CrowdFailed."""
        return self.wait_for(self.begin(do, **details))

    def begin(self, do: str, **details: Any) -> int:
        """Gives an order. Returns its number, for `wait_for`."""
        number = next(self._numbers)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"number": number, "do": do, **details}) + "\n")
        self._process.stdin.flush()
        return number

    def wait_for(self, number: int) -> Json:
        """The answer to an order. Raises CrowdFailed."""
        assert self._process.stdout is not None
        while number not in self._answers:
            line = self._process.stdout.readline()
            if not line:
                raise CrowdFailed(f"the generator has ended with status {self._process.wait()}")
            answer = json.loads(line)
            self._answers[answer["to"]] = answer
        answer = self._answers.pop(number)
        if "failed" in answer:
            raise CrowdFailed(answer["failed"])
        done: Json = answer["ok"]
        return done


def faults(figures: Json) -> int:
    """How many deliveries went wrong: missing, doubled, swapped, altered, misplaced, or not there in the end."""
    kinds = ("missing", "doubled", "out_of_order", "garbled", "misplaced", "behind")
    return sum(int(figures[kind]) for kind in kinds)
