"""Owns how many viewers an edge lets in at once, and what those notice who are in already.

    python -m bench.connects [--in 1000] [--quick]

1,000 viewers are in a room in which 30 lines/s are said. Then others come, each with handshake, connect, subscribe and
snapshot: at even rates however the answers come, and as fast as they get in. Measured are the connects per second that
were reached, the time from connect() to the snapshot, and the latency from say to screen of those who were in, before
and meanwhile. The edge's own limit of new connections (LOVELM_CONNECT_RATE) is out of the way, but for the last row:
there it is 500/s, and what it refuses does not come again. The newcomers hear the lines too.
"""

import time

from bench import results
from bench.crowd import Crowd
from bench.orders import Json
from bench.platform import CROWD_CPU, Whole, whole
from bench.storm import allow_files
from bench.waiting import figures_abreast

EDGE = "edge-1"
LINES_PER_S = 30.0
STORM_S = 2.0
AT_ONCE = 4_096
"""Connects that may be under way: as long as the queue that the kernel keeps for the edge."""

LIMIT_PER_S = 500
"""In the last row: what an edge with one core to share may be set to. Twice as many are let in at once."""

AFTER_S = 1.5
MOST = 4_000
"""Who comes as fast as they get in."""

SLOWEST_PER_S = 1_000.0
"""Below that, the talk ends before the last one is in."""


def storm(
    part: results.Part,
    platform: Whole,
    crowd: Crowd,
    door: Crowd,
    name: str,
    newcomers: int,
    per_s: float | None,
    steady_s: float,
) -> None:
    """One row. crowd: holds those who are in. door: another process, whose queue they do not wait in."""
    talk_s = 0.5 + steady_s + 1.3 * newcomers / (per_s or SLOWEST_PER_S)
    talk = crowd.begin_talk(lines_per_s=LINES_PER_S, seconds=talk_s, group="in")
    time.sleep(0.5)
    crowd.figures(group="in", reset=True)
    time.sleep(steady_s)
    before = crowd.figures(group="in", reset=True)
    cpu_s, began = platform.cpu_s(EDGE), time.monotonic()
    came = door.connect(
        newcomers, group=name, per_s=per_s, at_once=AT_ONCE if per_s else 256, samples=0, within_s=20.0
    )
    cpu_s, took_s = platform.cpu_s(EDGE) - cpu_s, time.monotonic() - began
    during = crowd.figures(group="in", reset=True)
    crowd.wait_for(talk)
    whole_at_end = figures_abreast(crowd, group="in", within_s=3.0)
    crowd.figures(group="in", reset=True)
    entered = figures_abreast(door, group=name, within_s=1.0)
    door.cut(group=name)
    time.sleep(AFTER_S)
    wrong = _faults(before, during, whole_at_end)
    if wrong:
        part.note(f"{name}: faults among those who were in: {wrong}")
    enter, steady, meanwhile = came["enter_ms"], before["latency_ms"], during["latency_ms"]
    part.add(
        storm=name,
        offered_per_s=per_s,
        newcomers=newcomers,
        entered=int(came["connected"]),
        refused=int(came["refused"]),
        reached_per_s=came["per_s"],
        enter_p50_ms=enter.get("p50"),
        enter_p99_ms=enter.get("p99"),
        enter_max_ms=enter.get("max"),
        edge_cpu_pct=100 * cpu_s / took_s,
        edge_cpu_us_per_connect=1e6 * cpu_s / max(1, came["connected"]),
        in_p50_before_ms=steady.get("p50"),
        in_p50_during_ms=meanwhile.get("p50"),
        in_p99_before_ms=steady.get("p99"),
        in_p99_during_ms=meanwhile.get("p99"),
        in_max_during_ms=meanwhile.get("max"),
        in_closed=sum(during["closes"].values()) + sum(whole_at_end["closes"].values()),
        in_faults=sum(wrong.values()),
        newcomers_faults=sum(_faults(entered).values()),
    )


def _faults(*figures: Json) -> dict[str, int]:
    """By kind, over all of these spans. Who is behind in the middle of the talk is on its way."""
    kinds = ("missing", "doubled", "out_of_order", "garbled", "misplaced")
    counts = {kind: sum(int(each[kind]) for each in figures) for kind in kinds}
    counts["behind"] = int(figures[-1]["behind"])
    return {kind: count for kind, count in counts.items() if count}


def main() -> None:
    parser = results.arguments("connects", "Accept storms, and those who are in already.")
    parser.add_argument("--in", type=int, default=1_000, dest="inside", help="viewers who are in already")
    parser.add_argument("--per-s", type=float, nargs="+", default=[1_000.0, 2_000.0])
    given = parser.parse_args()
    steady_s, storm_s, most = 2.0, STORM_S, MOST
    if given.quick:
        given.inside, given.per_s, steady_s, storm_s, most = 100, [200.0], 0.5, 0.5, 200
    allow_files(given.inside + 2 * MOST)
    part = results.part_of("connects", given)
    with (
        whole("--no-envoy") as platform,
        Crowd(platform.port, cpu=CROWD_CPU) as crowd,
        Crowd(platform.port, cpu=CROWD_CPU) as door,
    ):
        crowd.connect(given.inside, group="in", samples=100)
        for per_s in given.per_s:
            storm(part, platform, crowd, door, f"{per_s:g}/s", int(per_s * storm_s), per_s, steady_s)
        storm(part, platform, crowd, door, "as fast as they get in", most, None, steady_s)
    if not given.quick:
        limit = {"LOVELM_CONNECT_RATE": str(LIMIT_PER_S)}
        with (
            whole("--no-envoy", **limit) as platform,
            Crowd(platform.port, cpu=CROWD_CPU) as crowd,
            Crowd(platform.port, cpu=CROWD_CPU) as door,
        ):
            crowd.connect(given.inside, group="in", samples=100, per_s=LIMIT_PER_S)
            storm(
                part, platform, crowd, door, f"4000/s, limited to {LIMIT_PER_S}/s", 8_000, 4_000.0, steady_s
            )
    part.note(
        "enter: from connect() to the snapshot's last byte, as the generator sees it, its own queue included."
    )
    part.note(
        "The edge has a core. Those who are in, those who come, the actors and the stores share the other one."
    )
    part.save()


if __name__ == "__main__":
    main()
