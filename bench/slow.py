"""Owns what slow viewers cost the others, and what they themselves still get.

    python -m bench.slow [--viewers 1000] [--slow 100] [--seconds 2.5] [--quick]

900 quick viewers are in a room of the real platform, and 100 more. In turns these 100 are quick, too, and slow: on a
line of 20 KB/s, on one of 4 KB/s, or frozen (they read nothing more). So what else the machine does meets both alike;
told are the medians over the turns. Then bursts of 300 long lines/s, where half of the 100 are on 20 KB/s and half
frozen. Lines are said at an even rate and the persona answers, so that a reply streams beside them. At the end of each
turn the slow ones' line becomes quick, and they catch up: from their outbox, or after a close 3008 by position. A burst
is more than an outbox holds, and less than the 1,000 events that one recovery may bring.

Two kinds of rows: the 900 others (latency from say to screen beside quick and beside slow ones), and the slow ones
(what they had when the last line of each turn was said; then whether anything was missing or doubled in the end).
"""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from bench import results
from bench.crowd import Crowd, faults
from bench.orders import Json
from bench.platform import CROWD_CPU, Whole, whole
from bench.storm import allow_files
from bench.waiting import figures_abreast

EDGE = "edge-1"
SMALL_BUFFER_BYTES_PER_S = 1e6
"""Who comes in with any pace at all gets a small receive buffer, as on a slow line: else the kernel hides it."""

LINES_PER_S = 30.0
BURST_LINES_PER_S = 300.0
BURST_LINES = 800
LONG_LINE_BYTES = 300
LINE_BYTES = 100
WARM_UP_LINES = 15
CATCH_UP_S = 10.0


@dataclass(frozen=True, slots=True)
class Some:
    """Viewers of one kind. bytes_per_s: how fast they read; 0: never."""

    kind: str
    share: float
    bytes_per_s: float


@dataclass(frozen=True, slots=True)
class Condition:
    """Who comes in beside the others."""

    name: str
    lines_per_s: float
    turns: int
    them: tuple[Some, ...]

    @property
    def is_burst(self) -> bool:
        return self.lines_per_s == BURST_LINES_PER_S


CONDITIONS = (
    Condition("20 KB/s", LINES_PER_S, 3, (Some("20 KB/s", 1, 20_000.0),)),
    Condition("4 KB/s", LINES_PER_S, 2, (Some("4 KB/s", 1, 4_000.0),)),
    Condition("frozen", LINES_PER_S, 3, (Some("frozen", 1, 0.0),)),
    Condition(
        "half 20 KB/s, half frozen",
        BURST_LINES_PER_S,
        2,
        (Some("20 KB/s", 0.5, 20_000.0), Some("frozen", 0.5, 0.0)),
    ),
)


class Them:
    """What slow viewers of one kind got, summed over the turns."""

    def __init__(self) -> None:
        self.had: Counter[str] = Counter()
        self.then: Counter[str] = Counter()
        self.others_had: Counter[str] = Counter()
        self.others_then: Counter[str] = Counter()
        self.closes: Counter[str] = Counter()
        self.recovered: Counter[str] = Counter()
        self.away = 0

    def add(self, had: Json, others_had: Json, then: Json, others_then: Json) -> None:
        """had, others_had: when the last line was said. then, others_then: after they had caught up."""
        for total, figures in (
            (self.had, had),
            (self.then, then),
            (self.others_had, others_had),
            (self.others_then, others_then),
        ):
            for key in ("events", "fleeting", "missing", "doubled", "out_of_order", "behind"):
                total[key] += figures[key]
        self.closes.update(then["closes"])
        self.recovered.update(then["recovered"])
        self.away += then["viewers"] - then["open"]


class Slow:
    """The conditions on one platform."""

    def __init__(
        self, part: results.Part, platform: Whole, crowd: Crowd, *, others: int, slow: int, seconds: float
    ) -> None:
        self._part = part
        self._platform = platform
        self._crowd = crowd
        self._others = others
        self._slow = slow
        self._seconds = seconds
        self._rows_of_them: list[results.Row] = []

    def run(self, condition: Condition, turns: int) -> None:
        """Rows of one condition."""
        crowd = self._crowd
        groups = {f"{condition.name}: {some.kind}": some for some in condition.them}
        for group, some in groups.items():
            crowd.connect(
                round(self._slow * some.share),
                group=group,
                samples=0,
                bytes_per_s=SMALL_BUFFER_BYTES_PER_S,
                recovers=True,
            )
            crowd.pace(None, group=group)
        kinds = {group: Them() for group in groups}
        quick, beside_slow = [], []
        for _ in range(turns):
            quick.append(self._talk(condition, groups))
            for group, some in groups.items():
                crowd.pace(some.bytes_per_s, group=group)
            beside_slow.append(self._talk(condition, groups))
            had = {group: crowd.figures(group=group) for group in groups}
            others_had = crowd.figures(group="others")
            for group in groups:
                crowd.pace(None, group=group)
            for group, them in kinds.items():
                then = figures_abreast(crowd, group=group, within_s=CATCH_UP_S)
                them.add(had[group], others_had, then, crowd.figures(group="others"))
        for group, some in groups.items():
            crowd.cut(group=group)
            self._note_them(condition, some, kinds[group])
        self._tell_others(condition, quick, beside_slow)

    def _talk(self, condition: Condition, groups: Iterable[str]) -> Json:
        """One turn; everybody is counted from its beginning. Returns the others' figures, and edge_cpu_pct."""
        crowd, lines_per_s = self._crowd, condition.lines_per_s
        crowd.talk(lines_per_s=lines_per_s, seconds=WARM_UP_LINES / lines_per_s, group="others")
        for group in ("others", *groups):
            crowd.figures(group=group, reset=True)
        cpu_s, began = self._platform.cpu_s(EDGE), time.monotonic()
        crowd.talk(
            lines_per_s=lines_per_s,
            seconds=min(self._seconds, BURST_LINES / BURST_LINES_PER_S)
            if condition.is_burst
            else self._seconds,
            group="others",
            size_bytes=LONG_LINE_BYTES if condition.is_burst else LINE_BYTES,
        )
        cpu_s, took_s = self._platform.cpu_s(EDGE) - cpu_s, time.monotonic() - began
        figures = figures_abreast(crowd, group="others", within_s=3.0)
        return {**figures, "edge_cpu_pct": 100 * cpu_s / took_s}

    def _tell_others(self, condition: Condition, quick: list[Json], beside_slow: list[Json]) -> None:
        def of(turns: list[Json], at: str) -> float:
            return median(turn["latency_ms"][at] for turn in turns)

        def cpu(turns: list[Json]) -> float:
            return median(turn["edge_cpu_pct"] for turn in turns)

        self._part.add(
            beside=condition.name,
            lines_per_s=condition.lines_per_s,
            who="the others",
            viewers=self._others,
            turns=len(quick),
            p50_quick_ms=of(quick, "p50"),
            p50_ms=of(beside_slow, "p50"),
            p99_quick_ms=of(quick, "p99"),
            p99_quick_least_ms=min(turn["latency_ms"]["p99"] for turn in quick),
            p99_quick_most_ms=max(turn["latency_ms"]["p99"] for turn in quick),
            p99_ms=of(beside_slow, "p99"),
            p99_change_pct=100 * (of(beside_slow, "p99") / of(quick, "p99") - 1),
            edge_cpu_quick_pct=cpu(quick),
            edge_cpu_pct=cpu(beside_slow),
            faults=sum(faults(turn) for turn in (*quick, *beside_slow)),
            closed=sum(sum(turn["closes"].values()) for turn in (*quick, *beside_slow)),
        )

    def tell_them(self) -> None:
        """The slow ones' rows, which belong together."""
        for row in self._rows_of_them:
            self._part.add(**row)

    def _note_them(self, condition: Condition, some: Some, them: Them) -> None:
        viewers = round(self._slow * some.share)
        ratio = self._others / viewers
        self._rows_of_them.append(
            {
                "beside": condition.name,
                "lines_per_s": condition.lines_per_s,
                "who": some.kind,
                "viewers": viewers,
                "had_events_pct": _share_pct(them.had, them.others_had, "events", ratio),
                "had_fleeting_pct": _share_pct(them.had, them.others_had, "fleeting", ratio),
                "in_the_end_fleeting_pct": _share_pct(them.then, them.others_then, "fleeting", ratio),
                "in_the_end_missing": them.then["missing"],
                "in_the_end_doubled": them.then["doubled"] + them.then["out_of_order"],
                "in_the_end_behind": them.then["behind"],
                "in_the_end_away": them.away,
                "closed_3008": them.closes["3008"],
                "closed_otherwise": them.closes.total() - them.closes["3008"],
                "recovered": them.recovered["recovered"],
                "not_recovered": them.recovered["not recovered"],
            }
        )


def _share_pct(them: Counter[str], others: Counter[str], kind: str, ratio: float) -> float | None:
    """What one of them got of what one of the others got; None when there was nothing. ratio: others to them."""
    return 100 * ratio * them[kind] / others[kind] if others[kind] else None


def main() -> None:
    parser = results.arguments("slow", "Slow viewers among the quick.")
    parser.add_argument("--viewers", type=int, default=1_000)
    parser.add_argument("--slow", type=int, default=100, help="of these")
    parser.add_argument("--seconds", type=float, default=2.5, help="of talk, each turn")
    given = parser.parse_args()
    conditions, turns_most = CONDITIONS, 99
    if given.quick:
        given.viewers, given.slow, given.seconds, turns_most = 100, 20, 1.0, 1
        conditions = (CONDITIONS[0], CONDITIONS[-1])
    allow_files(given.viewers)
    part = results.part_of("slow", given)
    others = given.viewers - given.slow
    with whole("--no-envoy") as platform, Crowd(platform.port, cpu=CROWD_CPU) as crowd:
        crowd.connect(others, group="others", samples=200)
        slow = Slow(part, platform, crowd, others=others, slow=given.slow, seconds=given.seconds)
        for condition in conditions:
            slow.run(condition, min(condition.turns, turns_most))
        slow.tell_them()
    part.note(
        "Latency: from the stamp in the line's text until the kernel had it for the viewer, 200 viewers sampled."
    )
    part.note(
        "had_: when the last line of a turn was said, of what one of the others had; in_the_end_: after the slow ones'"
        " line had become quick. What was under way when the counting began counts, too: a little above 100 is all."
    )
    part.note(
        "What the kernel holds for a viewer, both ends together, is beyond the edge's outbox: it is neither shed nor"
        " merged, and is why a frozen viewer has fleeting events in the end."
    )
    part.save()


if __name__ == "__main__":
    main()
