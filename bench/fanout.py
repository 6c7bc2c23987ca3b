"""Owns measuring the fan-out of one edge: beside the C floor without a pause, and at the pace of a show.

    python -m bench.fanout [--quick] [--out DIRECTORY] [--tree DIRECTORY]

unpaced: one event a frame, as fast as it goes. A scripted actor hands the edge the events one by one; the floor sends
as many of the same size to as many viewers of the same generator, in turn with it. paced: lines at a rate,
frames as the edge makes them. whole: viewers say the lines, and the real actor, PostgreSQL and a persona are there.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import floor, platform
from bench.crowd import ALL, ROOM, Crowd, faults
from bench.dialects import PAYLOAD_BYTES
from bench.orders import ROOT
from bench.results import Part, arguments, part_of
from bench.spoken import delivered, speak
from cli.ports import private_ports

ENTER_S = 120.0
SPEAKERS = 64


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    viewers: tuple[int, ...]
    deliveries: int
    rounds: int
    lines_per_s: tuple[int, ...]
    seconds: float
    whole: tuple[tuple[int, int], ...]
    """(viewers, lines/s) with the whole platform."""


FULL = Sizes((100, 1_000, 5_000, 10_000), 200_000, 3, (1, 30, 300), 3.0, ((10_000, 30), (10_000, 300)))
QUICK = Sizes((50,), 5_000, 1, (30,), 0.5, ())


NOTE = (
    "Unpaced, the edge gets every event as a gRPC message of its own, some 0.3 ms: among 100 viewers that is most of a "
    "delivery's cost, among 1,000 next to nothing. `edge_waited_percent` is the share of the time in which the edge "
    "could have run and had no core: other work on the machine, which makes latencies longer."
)


@dataclass(frozen=True, slots=True)
class Speed:
    """Of one run without a pause."""

    deliveries_per_s: float
    cpu_us_each: float
    faults: int


def unpaced(part: Part, sizes: Sizes, stores: platform.Stores, tree: Path) -> None:
    """Rows `kind: unpaced`, one for each number of viewers: the best of the rounds, which alternate, so that other work
    on the machine matters least; and the edge as a ratio to the floor."""
    for viewers in sizes.viewers:
        events = max(5, sizes.deliveries // viewers)
        port = next(private_ports())
        with ExitStack() as stack:
            actor = stack.enter_context(platform.scripted_actor())
            edge = stack.enter_context(
                platform.edge(stores, actor.address, tree=tree, LOVELM_FANOUT_WINDOW_MS="0")
            )
            crowd = stack.enter_context(Crowd(edge.port, cpu=platform.CROWD_CPU))
            enter(crowd, viewers)
            crowd.settle(quiet_s=0.5)
            bottom = stack.enter_context(
                floor.running(
                    port, viewers=viewers, events=events, payload_bytes=PAYLOAD_BYTES, cpu=platform.SERVER_CPU
                )
            )
            below = stack.enter_context(Crowd(port, dialect="plain", cpu=platform.CROWD_CPU))
            enter(below, viewers)
            floors, edges = [], []
            for _ in range(sizes.rounds):
                floors.append(floor_speed(below, bottom, viewers, events))
                edges.append(edge_speed(crowd, actor, edge, viewers, events))
        edge_best, floor_best = best(edges), best(floors)
        part.add(
            kind="unpaced",
            viewers=viewers,
            events=events,
            rounds=sizes.rounds,
            edge_deliveries_per_s=round(edge_best.deliveries_per_s),
            floor_deliveries_per_s=round(floor_best.deliveries_per_s),
            ratio_deliveries=edge_best.deliveries_per_s / floor_best.deliveries_per_s,
            edge_cpu_us_each=edge_best.cpu_us_each,
            floor_cpu_us_each=floor_best.cpu_us_each,
            ratio_cpu=edge_best.cpu_us_each / floor_best.cpu_us_each,
            faults=edge_best.faults + floor_best.faults,
        )


def best(speeds: list[Speed]) -> Speed:
    """Of each kind of figure; faults of all together."""
    return Speed(
        max(speed.deliveries_per_s for speed in speeds),
        min(speed.cpu_us_each for speed in speeds),
        sum(speed.faults for speed in speeds),
    )


def enter(
    crowd: Crowd, viewers: int, *, samples: int = 0, rooms: Sequence[str] = (ROOM,), group: str = ALL
) -> None:
    """All of them, or nothing is measured."""
    entered = crowd.connect(viewers, samples=samples, rooms=rooms, group=group, tries=5, within_s=ENTER_S)
    require(entered["connected"] == viewers, f"{entered}")


def floor_speed(crowd: Crowd, bottom: floor.Floor, viewers: int, events: int) -> Speed:
    crowd.figures(reset=True)
    figures = bottom.go()
    done = crowd.wait_events(events)
    require(done["reached"], f"the floor: {done}")
    took_s = (done["at_ns"] - figures["began_ns"]) / 1e9
    return Speed(viewers * events / took_s, figures["cpu_us_each"], faults(crowd.figures()))


def edge_speed(
    crowd: Crowd, actor: platform.ActorScript, edge: platform.Edge, viewers: int, events: int
) -> Speed:
    """deliveries/s: until the last viewer has the last event."""
    crowd.figures(reset=True)
    cpu_s = edge.cpu_s()
    played = actor.begin_publishing([ROOM], events=events)
    done = crowd.wait_events(events, within_s=60)
    cpu_s = edge.cpu_s() - cpu_s
    require(done["reached"], f"the edge: {done}")
    began_ns = actor.wait_for(played)["began_ns"]
    figures = crowd.figures()
    deliveries = viewers * events
    return Speed(deliveries / ((done["at_ns"] - began_ns) / 1e9), cpu_s * 1e6 / deliveries, faults(figures))


def paced(part: Part, sizes: Sizes, stores: platform.Stores, tree: Path) -> None:
    """Rows `kind: paced`: one for each number of viewers and lines/s."""
    for viewers in sizes.viewers:
        with ExitStack() as stack:
            actor = stack.enter_context(platform.scripted_actor())
            edge = stack.enter_context(platform.edge(stores, actor.address, tree=tree))
            crowd = stack.enter_context(Crowd(edge.port, cpu=platform.CROWD_CPU))
            enter(crowd, viewers, samples=64)
            for lines_per_s in sizes.lines_per_s:
                crowd.settle(quiet_s=0.5)
                crowd.figures(reset=True)
                cpu_s, waited_s = edge.cpu_s(), edge.waited_s()
                played = actor.wait_for(
                    actor.begin_publishing([ROOM], per_s=lines_per_s, seconds=sizes.seconds)
                )
                done = crowd.wait_events(played["published"], within_s=60)
                cpu_s, waited_s = edge.cpu_s() - cpu_s, edge.waited_s() - waited_s
                took_s = (done["at_ns"] - played["began_ns"]) / 1e9
                part.add(
                    kind="paced",
                    viewers=viewers,
                    lines_per_s=lines_per_s,
                    **delivered(figures := crowd.figures(), took_s, figures),
                    edge_cpu_percent=100 * cpu_s / took_s,
                    edge_waited_percent=100 * waited_s / took_s,
                    edge_cpu_us_each=cpu_s * 1e6 / max(1, viewers * played["published"]),
                )


def whole(part: Part, sizes: Sizes) -> None:
    """Rows `kind: whole`: some of the viewers say the lines; the time is that from say to screen."""
    for viewers in sorted({viewers for viewers, _ in sizes.whole}):
        with (
            platform.whole("--no-envoy") as running,
            Crowd(running.port, cpu=platform.CROWD_CPU) as crowd,
        ):
            enter(crowd, viewers, samples=64)
            for lines_per_s in (lines for each, lines in sizes.whole if each == viewers):
                spoken = speak(
                    crowd, running, lines_per_s=lines_per_s, seconds=sizes.seconds, speakers=SPEAKERS
                )
                part.add(kind="whole", viewers=viewers, lines_per_s=lines_per_s, **spoken)


def require(holds: bool, why: str) -> None:
    if not holds:
        raise SystemExit(f"not measured: {why}")


def main() -> None:
    parser = arguments("fanout", "One edge's fan-out, beside the C floor.")
    parser.add_argument("--tree", type=Path, default=ROOT, help="whose edge; for a before beside an after")
    parser.add_argument("--kinds", default="unpaced,paced,whole", help="which of these, by commas")
    given = parser.parse_args()
    part, sizes = part_of("fanout", given), QUICK if given.quick else FULL
    kinds = given.kinds.split(",")
    with platform.stores() as stores:
        if "unpaced" in kinds:
            unpaced(part, sizes, stores, given.tree)
        if "paced" in kinds:
            paced(part, sizes, stores, given.tree)
    if "whole" in kinds:
        whole(part, sizes)
    part.note(NOTE)
    part.save()


if __name__ == "__main__":
    main()
