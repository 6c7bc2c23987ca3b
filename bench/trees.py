"""Sets the edges of two trees beside each other: what a viewer costs to let in, to hold, and to keep.

    git archive 13f3946 | tar x -C /tmp/before
    python -m bench.trees /tmp/before . [--viewers 2000] [--idle-s 30]

Each edge runs alone, against the scripted actor, with a core of its own. For who changes the edge: no part of `make
bench`. The fan-out of a tree is told by `python -m bench.fanout --tree`.
"""

import argparse
import time
from contextlib import ExitStack
from pathlib import Path

from bench import platform
from bench.crowd import Crowd
from bench.proc import pss_kb

FIRST = 50
"""Viewers who come before anything is measured: what they bring along is no later one's."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.trees", description="Edges of trees.")
    parser.add_argument("trees", type=Path, nargs="+")
    parser.add_argument("--viewers", type=int, default=2_000)
    parser.add_argument("--idle-s", type=float, default=30.0)
    given = parser.parse_args()
    with platform.stores() as stores:
        for tree in given.trees:
            row = measure(stores, tree.resolve(), given.viewers, given.idle_s)
            print(" | ".join(f"{name} {value:.4g}" for name, value in row.items()), "|", tree, flush=True)


def measure(stores: platform.Stores, tree: Path, viewers: int, idle_s: float) -> dict[str, float]:
    """One edge, from its first viewers to the end."""
    with ExitStack() as stack:
        actor = stack.enter_context(platform.scripted_actor())
        edge = stack.enter_context(platform.edge(stores, actor.address, tree=tree))
        crowd = stack.enter_context(Crowd(edge.port, cpu=platform.CROWD_CPU))
        crowd.connect(FIRST, group="first")
        time.sleep(1.0)
        before_kb, before_s = pss_kb(edge.pid), edge.cpu_s()
        came = crowd.connect(viewers)
        connected_s = edge.cpu_s()
        time.sleep(1.0)
        after_kb, idle_from_s = pss_kb(edge.pid), edge.cpu_s()
        time.sleep(idle_s)
        return {
            "KB a viewer, kernel's not counted": (after_kb - before_kb) / viewers,
            "CPU to let one in, us": (connected_s - before_s) / viewers * 1e6,
            "let in a second": came["per_s"],
            "idle CPU a viewer and second, us": (edge.cpu_s() - idle_from_s) / idle_s / viewers * 1e6,
        }


if __name__ == "__main__":
    main()
