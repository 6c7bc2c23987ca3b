"""Owns measuring many rooms on one edge, and what a hot room costs a small one beside it.

    python -m bench.hot_rooms [--quick] [--out DIRECTORY] [--tree DIRECTORY]

rooms: the same viewers and the same deliveries a second, over 1, 10 and 100 rooms. beside: a small room alone, then the
same beside a hot one.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import platform
from bench.crowd import Crowd, faults
from bench.fanout import enter
from bench.orders import ROOT
from bench.results import Part, arguments, part_of
from bench.spoken import delivered

SMALL, HOT = "small", "hot"


@dataclass(frozen=True, slots=True)
class Sizes:
    """rooms, viewers, lines_per_s (in each room): of the first kind. small, hot: (viewers, lines/s) of the second."""

    rooms: tuple[int, ...]
    viewers: int
    lines_per_s: float
    small: tuple[int, float]
    hot: tuple[tuple[int, float], ...]
    seconds: float


FULL = Sizes((1, 10, 100), 2_000, 10, (50, 20), ((5_000, 30), (5_000, 300)), 4.0)
QUICK = Sizes((1, 5), 50, 10, (5, 20), ((50, 30),), 0.5)


def spread(part: Part, sizes: Sizes, stores: platform.Stores, tree: Path) -> None:
    """Rows `kind: rooms`."""
    for count in sizes.rooms:
        rooms = [f"room-{number}" for number in range(count)]
        with ExitStack() as stack:
            actor = stack.enter_context(platform.scripted_actor())
            edge = stack.enter_context(platform.edge(stores, actor.address, tree=tree))
            crowd = stack.enter_context(Crowd(edge.port, cpu=platform.CROWD_CPU))
            enter(crowd, sizes.viewers, samples=100, rooms=rooms)
            crowd.settle(quiet_s=0.5)
            crowd.figures(reset=True)
            cpu_s, waited_s = edge.cpu_s(), edge.waited_s()
            played = actor.wait_for(
                actor.begin_publishing(rooms, per_s=sizes.lines_per_s, seconds=sizes.seconds)
            )
            crowd.settle(quiet_s=0.2)
            cpu_s, waited_s = edge.cpu_s() - cpu_s, edge.waited_s() - waited_s
            figures = crowd.figures()
            part.add(
                kind="rooms",
                rooms=count,
                viewers=sizes.viewers,
                lines_per_s_each=sizes.lines_per_s,
                **delivered(figures, played["took_s"], figures),
                edge_cpu_percent=100 * cpu_s / played["took_s"],
                edge_waited_percent=100 * waited_s / played["took_s"],
                edge_cpu_us_each=cpu_s * 1e6 / max(1, figures["events"]),
                actor_cpu_percent=100 * played["cpu_s"] / played["took_s"],
            )


def beside(part: Part, sizes: Sizes, stores: platform.Stores, tree: Path) -> None:
    """Rows `kind: beside`: latencies in the small room; hot_viewers 0: it is alone."""
    with ExitStack() as stack:
        actor = stack.enter_context(platform.scripted_actor())
        edge = stack.enter_context(platform.edge(stores, actor.address, tree=tree))
        crowd = stack.enter_context(Crowd(edge.port, cpu=platform.CROWD_CPU))
        viewers, lines_per_s = sizes.small
        enter(crowd, viewers, samples=viewers, rooms=[SMALL], group=SMALL)
        alone_ms: dict[str, float] = {}
        hot_viewers = 0
        for wanted, hot_lines_per_s in ((0, 0.0), *sizes.hot):
            if wanted > hot_viewers:
                enter(crowd, wanted - hot_viewers, samples=64, rooms=[HOT], group=HOT)
                hot_viewers = wanted
            for group in (SMALL, HOT) if hot_viewers else (SMALL,):
                crowd.settle(quiet_s=0.5, group=group)
                crowd.figures(reset=True, group=group)
            cpu_s, waited_s = edge.cpu_s(), edge.waited_s()
            playing = []
            if hot_viewers:
                playing.append(
                    actor.begin_publishing([HOT], per_s=hot_lines_per_s, seconds=sizes.seconds + 0.5)
                )
            small = actor.wait_for(actor.begin_publishing([SMALL], per_s=lines_per_s, seconds=sizes.seconds))
            cpu_s, waited_s = edge.cpu_s() - cpu_s, edge.waited_s() - waited_s
            for number in playing:
                actor.wait_for(number)
            crowd.settle(quiet_s=0.2, group=SMALL)
            figures = crowd.figures(group=SMALL)
            latency = figures["latency_ms"]
            alone_ms = alone_ms or latency
            wrong = faults(figures)
            hot_p99_ms = hot_frames = None
            if hot_viewers:
                crowd.settle(quiet_s=0.2, group=HOT)
                hot = crowd.figures(group=HOT)
                hot_p99_ms, hot_frames = hot["latency_ms"].get("p99"), hot["frames"]
                wrong += faults(hot)
            part.add(
                kind="beside",
                small_viewers=viewers,
                small_lines_per_s=lines_per_s,
                hot_viewers=hot_viewers,
                hot_lines_per_s=hot_lines_per_s,
                small_p50_ms=latency["p50"],
                small_p99_ms=latency["p99"],
                ratio_p99=latency["p99"] / alone_ms["p99"],
                hot_p99_ms=hot_p99_ms,
                hot_frames_per_s=None if hot_frames is None else hot_frames / small["took_s"],
                edge_cpu_percent=100 * cpu_s / small["took_s"],
                edge_waited_percent=100 * waited_s / small["took_s"],
                faults=wrong,
            )


def main() -> None:
    parser = arguments("hot_rooms", "Many rooms on one edge, and a small one beside a hot one.")
    parser.add_argument("--tree", type=Path, default=ROOT, help="whose edge; for a before beside an after")
    given = parser.parse_args()
    part, sizes = part_of("hot_rooms", given), QUICK if given.quick else FULL
    with platform.stores() as stores:
        spread(part, sizes, stores, given.tree)
        beside(part, sizes, stores, given.tree)
    part.save()


if __name__ == "__main__":
    main()
