"""Owns that the benchmark measures what it says: its floor, its scripted actor, and an edge between actor and viewers.

Figures are not looked at; that every delivery was right is.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import floor
from bench.crowd import Crowd, faults
from bench.orders import ROOT, OrderFailed
from bench.profile import self_times
from cli.ports import private_ports

DEADLINE_S = 100


def test_every_viewer_of_the_floor_gets_every_event_it_sends() -> None:
    port = next(private_ports())
    with (
        floor.running(port, viewers=40, events=25, payload_bytes=200) as bottom,
        Crowd(port, dialect="plain") as crowd,
    ):
        assert crowd.connect(40)["connected"] == 40
        for run in (1, 2):
            told = bottom.go()
            assert crowd.wait_events(run * 25)["reached"]
            assert told["deliveries"] == 40 * 25
        figures = crowd.figures()
    assert (figures["events"], figures["frames"], faults(figures)) == (2_000, 2_000, 0)
    assert figures["bytes"] >= 2_000 * 204
    assert figures["latency_ms"]["count"] > 0


def test_viewers_whom_nobody_answers_are_refused_and_told_so() -> None:
    with Crowd(next(private_ports())) as crowd:
        entered = crowd.connect(3, within_s=5)
        assert (entered["connected"], entered["refused"]) == (0, 3)
        with pytest.raises(OrderFailed, match="nobody is in"):
            crowd.talk(lines_per_s=1, seconds=1)


def test_the_fan_out_of_an_edge_is_measured_beside_the_floor_without_a_fault(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.fanout", "--quick", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    assert done.returncode == 0, done.stderr
    written = json.loads((tmp_path / "fanout.json").read_text())
    rows = {row["kind"]: row for row in written["rows"]}
    assert set(rows) == {"unpaced", "paced"}
    assert all(row["faults"] == 0 for row in rows.values())
    assert rows["unpaced"]["ratio_cpu"] > 0
    assert rows["paced"]["p99_ms"] > 0
    assert written["part"] == "fanout"


def test_self_times_count_the_function_at_the_top_of_each_stack() -> None:
    raw = (
        f"run (main.py:3);send ({ROOT}/edge/fanout.py:40) 7\n"
        "run (main.py:4) 2\n"
        f"run (main.py:5);send ({ROOT}/edge/fanout.py:9) 1\n"
    )
    counts, total = self_times(raw)
    assert counts == {"send (edge/fanout.py)": 8, "run (main.py)": 2}
    assert total == 10
