"""Owns thousands of viewers' sockets in one process: enters, reads, speaks, and checks what each of them receives.

    python -m bench.viewers --port 8080 [--dialect lovelm|plain|socketio] [--cpu 1]

Driven by JSON lines on stdin, one order each, answered by a line on stdout (`bench.crowd` speaks for you). One thread,
one epoll, next to no Python a read. Latencies are taken from sampled viewers, up to the moment at which the kernel had
the bytes for the viewer: the time that this process took to come round to the socket is not the server's.
"""

import argparse
import gc
import json
import os
import resource
import sys
import time
from collections import deque
from collections.abc import Callable, Generator
from typing import Any

from bench.checker import Counts, Reference
from bench.dialects import DIALECTS, Lovelm, text_of
from bench.group import Group, Viewer, percentiles
from bench.sockets import Sockets

ORDER_BYTES = 65_536
ANSWERS_S = 12.0
"""For the answers to what was said; an edge answers within 10 s, or says that it could not."""

Json = dict[str, Any]
Task = Generator[None, None, Json]


class Viewers:
    """All groups, and what they are told to do. Orders under way take turns with the sockets."""

    def __init__(self, host: str, port: int, dialect: str, path: str | None) -> None:
        self._dialect = DIALECTS[dialect]()
        self._sockets = Sockets((host, port), self._dialect, path, sys.stdin.fileno(), self._take_orders)
        self._groups: dict[str, Group] = {}
        self._references: dict[str, Reference] = {}
        self._tasks: list[tuple[Any, Task]] = []
        self._orders = b""
        self._line = 0
        self._is_over = False

    def run(self) -> None:
        """Until `end`, or until stdin is closed."""
        os.set_blocking(sys.stdin.fileno(), False)
        gc.disable()  # ten thousand viewers in its lists, and nothing here makes cycles
        while not self._is_over:
            self._sockets.step(0.001 if self._tasks else 0.05)
            for task in list(self._tasks):
                self._resume(task)

    def _resume(self, task: tuple[Any, Task]) -> None:
        number, steps = task
        try:
            next(steps)
            return
        except StopIteration as end:
            answer = {"to": number, "ok": end.value}
        except Exception as exc:  # told to whoever gave the order, who fails with it
            answer = {"to": number, "failed": f"{type(exc).__name__}: {exc}"}
        self._tasks.remove(task)
        print(json.dumps(answer), flush=True)

    def _take_orders(self) -> None:
        data = os.read(sys.stdin.fileno(), ORDER_BYTES)
        if not data:
            self._is_over = True
            return
        *lines, self._orders = (self._orders + data).split(b"\n")
        for line in lines:
            order = json.loads(line)
            steps: Callable[..., Task] = getattr(self, f"do_{order.pop('do')}")
            self._tasks.append((order.pop("number"), steps(**order)))

    def do_connect(
        self,
        n: int,
        group: str,
        rooms: list[str],
        per_s: float | None,
        at_once: int,
        samples: int,
        bytes_per_s: float | None,
        recovers: bool,
        tries: int,
        within_s: float,
    ) -> Task:
        """n more viewers, spread over the rooms in turn. per_s: begun at that rate, however the answers come; None: as
        fast as they come, `at_once` on their way at most. samples: how many of them note their latencies."""
        here = self._groups.setdefault(group, Group())
        refused_before, entered_before = here.refused, len(here.entries_s)
        every = max(1, n // samples) if samples else 0
        new = []
        for number in range(n):
            room = rooms[number % len(rooms)]
            reference = self._references.setdefault(room, Reference(self._dialect))
            viewer = Viewer(reference, here, room)
            viewer.bytes_per_s, viewer.recovers = bytes_per_s, recovers
            if samples and (number % every == 0 or number == n - 1):
                viewer.latencies_ns = []
            new.append(viewer)
        here.viewers += new
        began_s = time.monotonic()
        waiting = deque((viewer, 1) for viewer in new)
        trying: list[tuple[Viewer, int]] = []
        started = 0
        while time.monotonic() - began_s < within_s:
            now_s = time.monotonic()
            while (
                waiting
                and self._sockets.entering < at_once
                and (per_s is None or started < per_s * (now_s - began_s))
            ):
                viewer, attempt = waiting.popleft()
                self._sockets.enter(viewer)
                started += 1
                trying.append((viewer, attempt))
                if per_s is None and started % 64 == 0:
                    break  # answers are read in between
            if len(trying) > 512 or not waiting:
                still = [(viewer, attempt) for viewer, attempt in trying if not viewer.is_in]
                if tries > 1:
                    again = [
                        (viewer, attempt)
                        for viewer, attempt in still
                        if not (viewer.is_open or viewer.recovers) and attempt < tries
                    ]
                    waiting.extend((viewer, attempt + 1) for viewer, attempt in again)
                trying = [each for each in still if each[0].is_open or each[0].recovers]
            if not waiting and not trying:
                break
            yield
        took_s = time.monotonic() - began_s
        entered = sum(viewer.is_in for viewer in new)
        return {
            "asked": n,
            "connected": entered,
            "refused": here.refused - refused_before,
            "took_s": took_s,
            "per_s": entered / took_s if took_s else 0.0,
            "enter_ms": percentiles([s * 1e9 for s in here.entries_s[entered_before:]]),
            "closes": dict(here.closes),
        }

    def do_join(self, group: str, room: str, per_s: float | None, within_s: float) -> Task:
        """Subscribes viewers who are only connected."""
        assert isinstance(self._dialect, Lovelm), "only this project's protocol subscribes"
        here = self._groups[group]
        before, began_s = len(here.entries_s), time.monotonic()
        reference = self._references.setdefault(room, Reference(self._dialect))
        waiting = deque(viewer for viewer in here.viewers if viewer.is_in and not viewer.room)
        asked = len(waiting)
        sent = 0
        while time.monotonic() - began_s < within_s:
            now_s = time.monotonic()
            while (
                waiting
                and self._sockets.entering < 512
                and (per_s is None or sent < per_s * (now_s - began_s))
            ):
                viewer = waiting.popleft()
                viewer.go_alone()
                viewer.room, viewer.reference, viewer.began_s = room, reference, now_s
                self._sockets.entering += 1
                self._sockets.say(viewer, self._dialect.join(room))
                sent += 1
            if not waiting and self._sockets.entering <= 0:
                break
            yield
        took_s = time.monotonic() - began_s
        joined = len(here.entries_s) - before
        return {
            "asked": asked,
            "joined": joined,
            "took_s": took_s,
            "per_s": joined / took_s if took_s else 0.0,
            "enter_ms": percentiles([s * 1e9 for s in here.entries_s[before:]]),
        }

    def do_talk(self, group: str, lines_per_s: float, seconds: float, speakers: int, size_bytes: int) -> Task:
        """Lines at an even rate, by so many of the group in turn, however the answers come; then waits for those."""
        assert isinstance(self._dialect, Lovelm), "only this project's protocol says"
        here = self._groups[group]
        most = round(lines_per_s * seconds)
        began_s, said, turn = time.monotonic(), 0, 0
        able = [viewer for viewer in here.viewers if viewer.is_in and viewer.room][:speakers]
        assert able, "nobody is in to speak"
        while said < most:
            now_s = time.monotonic()
            due = min(most, int((now_s - began_s) * lines_per_s) + 1)
            here.late_s = max(here.late_s, now_s - began_s - said / lines_per_s)
            for _ in range(min(due - said, 100)):
                viewer = able[turn % len(able)]
                turn += 1
                said += 1
                if viewer.is_in:
                    self._speak(viewer, size_bytes)
            yield
        talked_s = time.monotonic() - began_s
        deadline_s = time.monotonic() + ANSWERS_S
        while any(viewer.asked for viewer in able) and time.monotonic() < deadline_s:
            yield
        return {"said": said, "took_s": talked_s, "unanswered": sum(len(viewer.asked) for viewer in able)}

    def _speak(self, viewer: Viewer, size_bytes: int) -> None:
        assert isinstance(self._dialect, Lovelm)
        self._line += 1
        text = text_of(self._line, size_bytes)
        sent_ns = int(text.split("t=", 1)[1].split(" ", 1)[0])
        command = self._line + 100
        viewer.asked[command] = (time.time_ns(), sent_ns)
        viewer.group.said += 1
        self._sockets.say(
            viewer, self._dialect.say(command, viewer.room, text, f"b{os.getpid()}-{self._line}")
        )

    def do_wait(self, group: str, events: int, within_s: float) -> Task:
        """Until each of the group who is in has had so many events since the last reset."""
        began_s = time.monotonic()
        viewers = self._groups[group].viewers
        index = 0  # all before it have them
        while index < len(viewers) and time.monotonic() - began_s < within_s:
            viewer = viewers[index]
            viewer.settle()
            if viewer.counts.events >= events or not viewer.is_open:
                index += 1
            else:
                yield
        least = min((viewer.counts.events for viewer in viewers if viewer.is_open), default=0)
        return {
            "reached": index == len(viewers),
            "least": least,
            "took_s": time.monotonic() - began_s,
            "at_ns": time.time_ns(),
        }

    def do_settle(self, group: str, quiet_s: float, within_s: float, events_only: bool) -> Task:
        """Until nothing (events_only: no numbered event) has come for a while and all have the same."""
        began_s = time.monotonic()
        quiet_since, seen = began_s, -1
        while time.monotonic() - began_s < within_s:
            viewers = [viewer for viewer in self._groups[group].viewers if viewer.is_in]
            if events_only:
                received = sum(reference.newest for reference in self._references.values())
            else:
                received = sum(viewer.received for viewer in viewers)
            if received != seen:
                seen, quiet_since = received, time.monotonic()
            elif time.monotonic() - quiet_since >= quiet_s and all(viewer.is_abreast() for viewer in viewers):
                return {"settled": True, "took_s": time.monotonic() - began_s}
            resume_s = time.monotonic() + 0.02
            while time.monotonic() < resume_s:
                yield
        return {"settled": False, "took_s": time.monotonic() - began_s}

    def do_figures(self, group: str, reset: bool) -> Task:
        """What the group has got since the last reset."""
        here = self._groups[group]
        total = Counts()
        latencies: list[int] = []
        least, most = sys.maxsize, 0
        for viewer in here.viewers:
            viewer.settle()
            for name in Counts.__slots__:
                setattr(total, name, getattr(total, name) + getattr(viewer.counts, name))
            least, most = min(least, viewer.counts.events), max(most, viewer.counts.events)
            latencies += viewer.latencies_ns or ()
        answer: Json = {
            "viewers": len(here.viewers),
            "open": sum(viewer.is_in for viewer in here.viewers),
            **{name: getattr(total, name) for name in Counts.__slots__},
            "bytes": sum(viewer.received for viewer in here.viewers),
            "events_least": 0 if least == sys.maxsize else least,
            "events_most": most,
            "behind": sum(viewer.is_in and not viewer.is_abreast() for viewer in here.viewers),
            "alone": sum(viewer.is_in and viewer.is_alone for viewer in here.viewers),
            "closes": dict(here.closes),
            "refused": here.refused,
            "recovered": dict(here.recovered),
            "latency_ms": percentiles(latencies),
            "lag_ms": percentiles(here.lags_ns),
            "said": here.said,
            "acked": len(here.acks_ns),
            "ack_ms": percentiles(here.acks_ns),
            "ack_errors": dict(here.ack_errors),
            "misplaced": self._misplaced(here),
            "talk_late_ms": here.late_s * 1e3,
            "generator_cpu_s": time.process_time(),
        }
        if reset:
            here.forget()
        yield from ()
        return answer

    def _misplaced(self, group: Group) -> int:
        """Accepted lines that stand elsewhere in the room's stream than their answers said."""
        wrong = 0
        for (room, offset), sent_ns in group.acked.items():
            found = self._references[room].sent_ns(offset)
            wrong += found is not None and found != sent_ns
        return wrong

    def do_pace(self, group: str, bytes_per_s: float | None) -> Task:
        """The group reads at that rate from now on. 0: it is frozen; None: at once again."""
        for viewer in self._groups[group].viewers:
            viewer.bytes_per_s = bytes_per_s
            if not viewer.is_in:
                continue
            if bytes_per_s is not None:
                self._sockets.pace(viewer)
            else:
                self._sockets.unpace(viewer)
        yield from ()
        return {}

    def do_cut(self, group: str, returns: bool) -> Task:
        """Ends all of the group's connections with a reset. returns: they come back, each with its position."""
        cut = [viewer for viewer in self._groups[group].viewers if viewer.is_open]
        for viewer in cut:
            self._sockets.cut(viewer, returns=returns)
        yield from ()
        return {"cut": len(cut)}

    def do_end(self) -> Task:
        self._is_over = True
        self._sockets.drop_all()
        yield from ()
        return {}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.viewers", description="Viewers by the thousand.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dialect", choices=sorted(DIALECTS), default="lovelm")
    parser.add_argument("--path", help="where the handshake asks; the dialect's own when absent")
    parser.add_argument("--cpu", type=int, help="the only core it may use")
    given = parser.parse_args()
    if given.cpu is not None:
        os.sched_setaffinity(0, {given.cpu})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    Viewers(given.host, given.port, given.dialect, given.path).run()


if __name__ == "__main__":
    main()
