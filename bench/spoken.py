"""Owns one run of viewers who speak on the whole platform, and what came of it as columns of a row."""

import time

from bench import platform
from bench.crowd import Crowd, faults
from bench.orders import Json
from bench.results import Row

LINE_BYTES = 100
"""Of what is said; with all that is around it, a push of some 250."""


def speak(crowd: Crowd, running: platform.Whole, *, lines_per_s: float, seconds: float, speakers: int) -> Row:
    """Said at an even rate, however the answers come. Rates are those until the last answer, of what had come by then:
    a persona goes on speaking. Latencies and faults are of all lines, when everybody has them."""
    crowd.settle(within_s=10, events_only=True)
    crowd.figures(reset=True)
    began_s, before_s = time.monotonic(), used_s(running)
    waited_s = platform.waited_s(running.pids["edge-1"])
    talked = crowd.talk(lines_per_s=lines_per_s, seconds=seconds, speakers=speakers, size_bytes=LINE_BYTES)
    so_far = crowd.figures()
    took_s, after_s = time.monotonic() - began_s, used_s(running)
    waited_s = platform.waited_s(running.pids["edge-1"]) - waited_s
    crowd.settle(within_s=10, events_only=True)
    figures = crowd.figures()
    ack = figures["ack_ms"]
    return {
        "said": talked["said"],
        "acked": figures["acked"],
        "refused": sum(figures["ack_errors"].values()),
        "unanswered": talked["unanswered"],
        **{f"ack_{name}_ms": ack.get(name) for name in ("p50", "p99", "p999")},
        **delivered(so_far, took_s, figures),
        "said_late_ms": figures["talk_late_ms"],
        "edge_waited_percent": 100 * waited_s / took_s,
        **{f"{name}_cpu_percent": 100 * (after_s[name] - before_s[name]) / took_s for name in before_s},
    }


def used_s(running: platform.Whole) -> dict[str, float]:
    """CPU seconds of each process so far, by a name that may stand in a key."""
    return {
        name.removesuffix("-1").replace("-", "_"): running.cpu_s(name)
        for name in running.pids
        if name != "redis"
    }


def delivered(so_far: Json, took_s: float, in_the_end: Json) -> Row:
    """What viewers got: rates of so far, latencies and faults of in the end."""
    latency = in_the_end["latency_ms"]
    return {
        "events_per_s": round(so_far["events"] / took_s),
        "frames_per_s": round(so_far["frames"] / took_s),
        "pushes_a_frame": (so_far["events"] + so_far["fleeting"]) / max(1, so_far["frames"]),
        **{f"{name}_ms": latency.get(name) for name in ("p50", "p99", "p999")},
        "faults": faults(in_the_end),
        "closed": sum(in_the_end["closes"].values()),
    }
