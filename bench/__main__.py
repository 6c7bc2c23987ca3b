"""Runs every part of the benchmark one after the other, each within its share of 15 minutes, then writes the page.

    python -m bench [--quick] [--only fanout,beside] [--no-report]

A part that fails or overruns is told as failed, and the others go on. Not among them: `bench.historical` (locust),
which takes longer than all of these together, `bench.tries`, which is for who changes the loop, and `bench.rounds`,
`bench.preemption` and `bench.empty_room`, which mostly wait for a slow model.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.peers.environment import NotInstalled, environment
from bench.peers.servers import PEERS_BESIDE
from bench.results import Part, Row

ROOT = Path(__file__).parents[1]
KILL_AFTER_S = 10.0
"""A part that was asked to end has as long to take its servers along."""


@dataclass(frozen=True, slots=True)
class Planned:
    """share_s: of the whole run. What a part leaves of its share goes to those after it; what it overruns, it loses."""

    name: str
    share_s: int
    about: str


PLAN = (
    Planned("profile", 25, "where the time goes"),
    Planned("connects", 50, "all enter at once"),
    Planned("storm", 50, "all cut off at once, and back"),
    Planned("hot_rooms", 65, "1, 10 and 100 rooms on one edge"),
    Planned("slow", 75, "slow viewers among the quick"),
    Planned("memory", 85, "10,000 viewers: KB each, and an idle while"),
    Planned("latency", 95, "from say to screen, and to the acknowledgement"),
    Planned("beside", 225, "ours, the C floor and the peers: the same lines to the same viewers"),
    Planned("fanout", 205, "one edge: 100 to 10,000 viewers, 1 to 300 lines/s"),
)
"""The long ones last: they get what the others leave. All together stay below 15 minutes."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Every part of the benchmark.")
    parser.add_argument("--quick", action="store_true", help="each part for seconds; nothing is kept")
    parser.add_argument("--only", default="", help="names of parts, with commas")
    parser.add_argument("--no-report", action="store_true", help="leave docs/benchmarks.md as it is")
    given = parser.parse_args()
    only = set(filter(None, given.only.split(",")))
    if unknown := only - {each.name for each in PLAN}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    plan = [each for each in PLAN if not only or each.name in only]
    print(f"{len(plan)} parts, at most {sum(each.share_s for each in plan) / 60:.0f} minutes together:")
    for each in plan:
        print(f"  {each.name:<10} {each.share_s:>4} s  {each.about}")

    if any(each.name == "beside" for each in plan):
        prepare_peers()
    record = Part("run", None if given.quick or only else ROOT / "bench" / "results")
    until_s = time.monotonic()
    for each in plan:
        until_s += each.share_s
        bound_s = until_s - time.monotonic()
        print(f"\n== {each.name}: {each.about} ({bound_s:.0f} s at most)", flush=True)
        record.add(**run(each.name, bound_s, ["--quick"] if given.quick else []))
    print()
    record.save()
    if not (given.quick or given.no_report):
        subprocess.run([sys.executable, "-m", "bench.report"], cwd=ROOT, check=True)
    failed = [str(row["part"]) for row in record.rows if row["outcome"] != "done"]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def prepare_peers() -> None:
    """Their environments, made before any time is taken. One that cannot be made is missing from the tables."""
    for folder in dict.fromkeys(peer.folder for peer in PEERS_BESIDE):
        try:
            environment(folder)
        except (NotInstalled, OSError) as exc:
            print(f"{folder} will be missing: {exc}")


def run(part: str, bound_s: float, arguments: list[str]) -> Row:
    """Its outcome is `done`, `failed (its exit status)` or `took too long`."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", f"bench.{part}", *arguments], cwd=ROOT, start_new_session=True
    )
    try:
        status = process.wait(bound_s)
        outcome = "done" if status == 0 else f"failed ({status})"
    except subprocess.TimeoutExpired:
        outcome = "took too long"
        end(process)
    except KeyboardInterrupt:
        end(process)
        raise
    return {
        "part": part,
        "outcome": outcome,
        "took_s": round(time.monotonic() - began, 1),
        "bound_s": round(bound_s, 1),
    }


def end(process: subprocess.Popen[bytes]) -> None:
    """As Ctrl-C would, so that it takes its servers along; by force when it does not."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(KILL_AFTER_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


if __name__ == "__main__":
    main()
