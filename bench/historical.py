"""Owns the load test of the first system, replayed on this one with locust, at 1, 10 and 50 times its size.

    python -m bench.historical [--times 1 10 50] [--compress F] [--think-s 4] [--hold-s 60] [--processes N] [--envoy]
        [--read-rate R]

Once: 120 viewers enter, 25 a minute, and everybody asks something about every four seconds, which makes the first
system's 30 requests/s when all are in. N times: N times as many viewers who enter N times as fast, so that it takes
4.8 minutes at each scale; then all stay for `--hold-s`. `--compress F` lets them enter F times as fast.

The platform is the real one with its embedded servers, started anew for each scale; slow mode stays on, and viewers
obey it: see `slow_mode_most_s`. The viewer is `bench/locustfile.py`. Everything shares this machine. Percentiles are
locust's: two digits.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import results
from bench.orders import ROOT
from bench.proc import cpu_with_children_s
from bench.storm import allow_files
from tests.launched import Platform, running

USERS = 120
ENTERING_PER_MIN = 25
END_MARGIN_S = 90.0
FAILURE = "failure: "
"""Begins a line of locust's log that tells a kind of failure (`bench/locustfile.py`)."""
LOCUST_SAYS = 40
"""Lines of locust's own log shown when it fails."""

Json = dict[str, Any]


@dataclass
class Load:
    """CPU seconds of the platform's processes and the rooms' positions, at a moment."""

    at_s: float
    cpu_s: dict[str, float]
    offsets: int

    def since(self, before: "Load") -> Json:
        took_s = self.at_s - before.at_s
        cpu = {
            f"cpu_{kind}_pct": round(100 * (self.cpu_s[kind] - before.cpu_s.get(kind, 0.0)) / took_s, 1)
            for kind in self.cpu_s
        }
        return {"events_per_s": round((self.offsets - before.offsets) / took_s, 1), **cpu}


@dataclass
class Watched:
    """Notes the load once a second while locust runs."""

    platform: Platform
    pids: dict[str, list[int]]
    loads: list[Load] = field(default_factory=list)

    def look(self, locust_pid: int) -> None:
        pids = {**self.pids, "locust": [locust_pid]}
        cpu_s = {kind: sum(map(cpu_with_children_s, those)) for kind, those in pids.items()}
        now_s = time.perf_counter()
        try:
            with urllib.request.urlopen(f"{self.platform.url}/api/v1/rooms", timeout=2.0) as answer:
                offsets = sum(room["last_offset"] for room in json.load(answer)["rooms"])
        except OSError:  # an edge too busy to tell; the next second it may
            offsets = self.loads[-1].offsets if self.loads else 0
        self.loads.append(Load(now_s, cpu_s, offsets))


def play(times: int, arguments: argparse.Namespace) -> tuple[Json, list[str]]:
    """One scale, on a platform of its own. Returns its row, and the kinds of failures."""
    users = USERS * times
    per_min = ENTERING_PER_MIN * times * arguments.compress
    enter_s = users / per_min * 60
    settings = {
        "LOVELM_LOG_LEVEL": "warning",
        "LOVELM_MAX_CONNECTIONS": str(max(20_000, 2 * users)),
    }
    if arguments.read_rate is not None:
        settings["LOVELM_READ_RATE"] = f"{arguments.read_rate:g}"
    options = [] if arguments.envoy else ["--no-envoy"]
    with tempfile.TemporaryDirectory() as home, running(Path(home), *options, **settings) as platform:
        pids: dict[str, list[int]] = {}
        for row in platform.ps():
            pids.setdefault(row["kind"].replace("-", "_"), []).append(row["pid"])
        watched = Watched(platform, pids)
        stats, failures = _locust(
            watched, users, per_min / 60, enter_s + arguments.hold_s, arguments, Path(home)
        )
    row = {
        "times": times,
        "users": users,
        "entering_per_min": ENTERING_PER_MIN * times,
        "compress": arguments.compress,
        "think_s": arguments.think_s,
        "hold_s": arguments.hold_s,
        "read_rate": arguments.read_rate,
        "through_envoy": arguments.envoy,
        **_figures(stats),
        **_load(watched.loads, enter_s, arguments.hold_s),
    }
    return row, failures


def _locust(
    watched: Watched, users: int, per_s: float, seconds: float, arguments: argparse.Namespace, home: Path
) -> tuple[list[Json], list[str]]:
    """Runs it; returns its statistics and the kinds of failures. Raises RuntimeError with its last words when it gave
    none."""
    stats, log = home / "locust.json", home / "locust.log"
    command = [
        sys.executable, "-m", "locust", "-f", str(ROOT / "bench" / "locustfile.py"),
        "--headless", "--only-summary", "--host", watched.platform.url, "-u", str(users), "-r", f"{per_s:.6g}",
        "-t", f"{math.ceil(seconds)}s", "--think-s", str(arguments.think_s), "--json-file", str(stats.with_suffix("")),
        "--exit-code-on-error", "0", *(["--processes", str(arguments.processes)] if arguments.processes > 1 else []),
    ]  # fmt: skip
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
    with log.open("wb") as out:
        locust = subprocess.Popen(command, stdout=out, stderr=out, cwd=ROOT, env=surroundings)
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(1.0):
                watched.look(locust.pid)

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            locust.wait(seconds + END_MARGIN_S)
        except subprocess.TimeoutExpired:
            locust.terminate()
            locust.wait(END_MARGIN_S)
        finally:
            ended.set()
            watching.join()
    words = log.read_text().splitlines()
    failures = [line.removeprefix(FAILURE) for line in words if line.startswith(FAILURE)]
    said = "\n".join(words[-LOCUST_SAYS:])
    if arguments.tell:
        print(said, file=sys.stderr)
    if not stats.exists():
        raise RuntimeError(f"locust gave no figures:\n{said}")
    return json.loads(stats.read_text()), failures


def _figures(entries: list[Json]) -> Json:
    by = {(entry["method"], entry["name"]): entry for entry in entries}

    def count(kind: str, name: str) -> int:
        entry = by.get((kind, name))
        return entry["num_requests"] - entry["num_failures"] if entry else 0

    row: Json = {
        "errors": sum(entry["num_failures"] for entry in entries),
        "entered": count("subscribe", "subscribe"),
        "lines": count("say", "ack"),
        "held_back_402": count("refused", "402 slow mode"),
        "first_deltas": count("first delta", "asked"),
        "viewers_without_a_gap": count("stream", "whole"),
        "received_mb": round(by.get(("stream", "whole"), {}).get("total_content_length", 0) / 1e6, 1),
        "slow_mode_most_s": round(
            by.get(("slow mode", "interval"), {}).get("max_response_time", 0) / 1_000, 2
        ),
    }
    for (kind, name), prefix in {
        ("connect", "connect"): "connect",
        ("subscribe", "subscribe"): "subscribe",
        ("say", "ack"): "ack",
        ("first delta", "asked"): "first_delta_after_asked",
        ("first delta", "said"): "first_delta_after_said",
    }.items():
        entry = by.get((kind, name))
        for share in (50, 95, 99):
            row[f"{prefix}_p{share}_ms"] = percentile(entry, share / 100) if entry else None
    return row


def percentile(entry: Json, share: float) -> float | None:
    """Of a histogram of locust's, in ms; None when it is empty."""
    times = sorted((float(ms), number) for ms, number in entry["response_times"].items())
    left = math.ceil(share * sum(number for _, number in times))
    for ms, number in times:
        left -= number
        if left <= 0:
            return ms
    return None


def _load(loads: list[Load], enter_s: float, hold_s: float) -> Json:
    """Over the whole run, and (`held_`) over the time in which all were in."""
    if len(loads) < 2:
        return {}
    whole = loads[-1].since(loads[0])
    held = [load for load in loads if enter_s <= load.at_s - loads[0].at_s <= enter_s + hold_s]
    if len(held) < 2:
        return whole
    return {**whole, **{f"held_{name}": value for name, value in held[-1].since(held[0]).items()}}


def main() -> None:
    parser = results.arguments("historical", "The first system's load test, and many times that.")
    parser.add_argument("--times", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--compress", type=float, default=1.0, help="enter so many times as fast")
    parser.add_argument(
        "--think-s", type=float, default=4.0, help="from line to line of a viewer, on average"
    )
    parser.add_argument("--hold-s", type=float, default=60.0, help="with everybody in")
    parser.add_argument(
        "--processes", type=int, default=1, help="locust's; more only when one core is too few"
    )
    parser.add_argument(
        "--read-rate",
        type=float,
        help="lines/s of a room above which slow mode begins; 0: never; none: as it comes",
    )
    parser.add_argument("--envoy", action="store_true", help="through Envoy")
    parser.add_argument("--tell", action="store_true", help="show locust's own summary")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.times, arguments.compress, arguments.hold_s = [1], 60.0, 6.0
    allow_files(USERS * max(arguments.times))
    part = results.part_of("historical", arguments)
    for times in arguments.times:
        row, failures = play(times, arguments)
        part.add(**row)
        for failure in failures:
            part.note(f"{times} x: {failure}")
    part.save()


if __name__ == "__main__":
    main()
