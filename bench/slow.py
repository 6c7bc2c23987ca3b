"""Owns what slow viewers cost the others, and what they themselves still get.

    python -m bench.slow [--viewers 1000] [--slow 100] [--seconds 8] [--quick]

900 quick viewers are in a room of the real platform; 100 more come in and are, one condition after the other: quick
(what the rest is compared with), on a line of 20 KB/s, on one of 4 KB/s, frozen (they read nothing more), quick again
(how far two equal runs differ). Then a burst of 300 long lines/s, first with all quick, then with half of the 100 on
20 KB/s and half frozen. Lines are said at an even rate and the persona answers, so that a reply streams beside them. At
the end of each condition the slow ones' line becomes quick, and they catch up: from their outbox, or after a close 3008
by position. The burst is more than an outbox holds, and less than the 1,000 events that one recovery may bring.

Two rows a condition: the 900 others (latency from say to screen, and its change against quick), and the slow ones (what
they had when the last line was said; then whether anything was missing or doubled in the end).
"""

import time
from dataclasses import dataclass

from bench import results
from bench.crowd import Crowd, faults
from bench.orders import Json
from bench.platform import CROWD_CPU, Whole, whole
from bench.storm import allow_files
from bench.waiting import wait_abreast

EDGE = "edge-1"
SLOW_BYTES_PER_S = 20_000.0
VERY_SLOW_BYTES_PER_S = 4_000.0
LINES_PER_S = 30.0
MANY_LINES_PER_S = 300.0
MANY_LINES = 800
LONG_LINE_BYTES = 300
LINE_BYTES = 100
WARM_UP_LINES = 30
CATCH_UP_S = 10.0
QUICK = "quick"


@dataclass(frozen=True, slots=True)
class Some:
    """Viewers of one kind. bytes_per_s: how fast they read; None: at once; 0: never."""

    kind: str
    share: float
    bytes_per_s: float | None


@dataclass(frozen=True, slots=True)
class Condition:
    """Who comes in beside the others."""

    name: str
    lines_per_s: float
    them: tuple[Some, ...]


CONDITIONS = (
    Condition(QUICK, LINES_PER_S, (Some(QUICK, 1, None),)),
    Condition("20 KB/s", LINES_PER_S, (Some("20 KB/s", 1, SLOW_BYTES_PER_S),)),
    Condition("4 KB/s", LINES_PER_S, (Some("4 KB/s", 1, VERY_SLOW_BYTES_PER_S),)),
    Condition("frozen", LINES_PER_S, (Some("frozen", 1, 0.0),)),
    Condition("quick again", LINES_PER_S, (Some(QUICK, 1, None),)),
    Condition(QUICK, MANY_LINES_PER_S, (Some(QUICK, 1, None),)),
    Condition(
        "half 20 KB/s, half frozen",
        MANY_LINES_PER_S,
        (Some("20 KB/s", 0.5, SLOW_BYTES_PER_S), Some("frozen", 0.5, 0.0)),
    ),
)


class Slow:
    """The conditions on one platform."""

    def __init__(self, part: results.Part, platform: Whole, crowd: Crowd, seconds: float) -> None:
        self._part = part
        self._platform = platform
        self._crowd = crowd
        self._seconds = seconds
        self._quick: dict[float, Json] = {}
        """The others' latencies with nobody slow, by lines/s."""
        self._them: list[results.Row] = []

    def run(self, condition: Condition, viewers: int) -> None:
        """Rows of one condition. viewers: who come in beside the others."""
        crowd = self._crowd
        groups = []
        for some in condition.them:
            group = f"{condition.name} at {condition.lines_per_s:g}: {some.kind}"
            groups.append((group, some))
            crowd.connect(
                round(viewers * some.share),
                group=group,
                samples=0,
                bytes_per_s=None if some.bytes_per_s is None else some.bytes_per_s or SLOW_BYTES_PER_S,
                recovers=True,
            )
            if some.bytes_per_s == 0.0:
                crowd.pace(0.0, group=group)
        is_burst = condition.lines_per_s == MANY_LINES_PER_S
        seconds = min(self._seconds, MANY_LINES / MANY_LINES_PER_S) if is_burst else self._seconds
        crowd.talk(  # the pipes are warm
            lines_per_s=condition.lines_per_s, seconds=WARM_UP_LINES / condition.lines_per_s, group="others"
        )
        wait_abreast(crowd, group="others", within_s=3.0)
        for group in ("others", *(group for group, _ in groups)):
            crowd.figures(group=group, reset=True)
        cpu_s, began = self._platform.cpu_s(EDGE), time.monotonic()
        crowd.talk(
            lines_per_s=condition.lines_per_s,
            seconds=seconds,
            group="others",
            size_bytes=LONG_LINE_BYTES if is_burst else LINE_BYTES,
        )
        cpu_s, took_s = self._platform.cpu_s(EDGE) - cpu_s, time.monotonic() - began
        had = {group: crowd.figures(group=group) for group, _ in groups}
        wait_abreast(crowd, group="others", within_s=3.0)
        others = crowd.figures(group="others")
        self._tell_others(condition, others, 100 * cpu_s / took_s)
        for group, some in groups:
            if some.bytes_per_s is not None:
                crowd.pace(None, group=group)
            wait_abreast(crowd, group=group, within_s=CATCH_UP_S)
            then, others_then = crowd.figures(group=group), crowd.figures(group="others")
            self._note_them(condition, some, had[group], then, others, others_then)
            crowd.cut(group=group)

    def _tell_others(self, condition: Condition, others: Json, edge_cpu_pct: float) -> None:
        latency = others["latency_ms"]
        quick = self._quick.setdefault(condition.lines_per_s, latency)
        self._part.add(
            beside=condition.name,
            lines_per_s=condition.lines_per_s,
            who="the others",
            viewers=int(others["open"]),
            p50_ms=latency.get("p50"),
            p99_ms=latency.get("p99"),
            p999_ms=latency.get("p999"),
            p50_change_pct=_change_pct(quick, latency, "p50"),
            p99_change_pct=_change_pct(quick, latency, "p99"),
            events_each=others["events_most"],
            faults=faults(others),
            closed=sum(others["closes"].values()),
            edge_cpu_pct=edge_cpu_pct,
        )

    def tell_them(self) -> None:
        """The slow ones' rows, which belong together."""
        for row in self._them:
            self._part.add(**row)

    def _note_them(
        self, condition: Condition, some: Some, had: Json, then: Json, others: Json, others_then: Json
    ) -> None:
        """had, others: when the last line was said. then, others_then: after they had caught up."""
        viewers = max(1, int(then["viewers"]))
        self._them.append(
            {
                "beside": condition.name,
                "lines_per_s": condition.lines_per_s,
                "who": some.kind,
                "viewers": viewers,
                "had_events_pct": _share_pct(had, others, "events"),
                "had_fleeting_pct": _share_pct(had, others, "fleeting"),
                "in_the_end_fleeting_pct": _share_pct(then, others_then, "fleeting"),
                "in_the_end_missing": int(then["missing"]),
                "in_the_end_doubled": int(then["doubled"]) + int(then["out_of_order"]),
                "in_the_end_behind": int(then["behind"]),
                "in_the_end_away": viewers - int(then["open"]),
                "closed_3008": int(then["closes"].get("3008", 0)),
                "closed_otherwise": sum(n for code, n in then["closes"].items() if code != "3008"),
                "recovered": int(then["recovered"].get("recovered", 0)),
                "not_recovered": int(then["recovered"].get("not recovered", 0)),
            }
        )


def _share_pct(them: Json, others: Json, kind: str) -> float | None:
    """What one of them got of what one of the others got; None when there was nothing."""
    whole = others[kind] / max(1, others["viewers"])
    return 100 * them[kind] / max(1, them["viewers"]) / whole if whole else None


def _change_pct(quick: Json, now: Json, at: str) -> float | None:
    return 100 * (now[at] / quick[at] - 1) if quick.get(at) and at in now else None


def main() -> None:
    parser = results.arguments("slow", "Slow viewers among the quick.")
    parser.add_argument("--viewers", type=int, default=1_000)
    parser.add_argument("--slow", type=int, default=100, help="of these")
    parser.add_argument("--seconds", type=float, default=8.0, help="of talk, for each condition")
    given = parser.parse_args()
    conditions = CONDITIONS
    if given.quick:
        given.viewers, given.slow, given.seconds = 100, 20, 1.0
        conditions = (CONDITIONS[0], CONDITIONS[-1])
    allow_files(given.viewers)
    part = results.part_of("slow", given)
    with whole("--no-envoy") as platform, Crowd(platform.port, cpu=CROWD_CPU) as crowd:
        crowd.connect(given.viewers - given.slow, group="others", samples=200)
        slow = Slow(part, platform, crowd, given.seconds)
        for condition in conditions:
            slow.run(condition, given.slow)
        slow.tell_them()
    part.note(
        "Latency: from the stamp in the line's text until the kernel had it for the viewer, 200 viewers sampled."
    )
    part.note(
        "had_: when the last line was said, of what one of the others had; in_the_end_: after the slow ones' line had"
        " become quick. Who was frozen counts what came before the counting began, too: above 100."
    )
    part.note(
        "What the kernel holds for a viewer, both ends together, is beyond the edge's outbox: it is neither shed nor"
        " merged, and is why a frozen viewer has fleeting events in the end."
    )
    part.save()


if __name__ == "__main__":
    main()
