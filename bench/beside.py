"""Measures ours, the C floor and the peers in one run: the same lines, the same client, one core for each server.

    python -m bench.beside [--quick] [--only NAME…] [--seconds 3.6]

Closed loop: whoever speaks keeps about half a second of lines on their way, found in a warm-up, so that each goes as
fast as it can and none has to queue without end. All processes of a system are bound to one core and all their CPU
counts; viewers and speakers have the other. Then a burst of BURST lines at once, to see what is lost when nobody waits.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from platform import python_version
from typing import Any

from bench import platform, results
from bench.crowd import ROOM, Crowd, faults
from bench.dialects import PAYLOAD_BYTES
from bench.fanout import best, edge_speed, floor_speed
from bench.floor import running as floor_running
from bench.orders import OrderFailed
from bench.peers.environment import NotInstalled, versions
from bench.peers.servers import PEERS_BESIDE, NotRunning, Running, running
from bench.platform import CROWD_CPU, SERVER_CPU
from bench.results import Part, Row
from bench.speaker import Speakers
from cli.ports import private_ports

SIZES = (1_000, 100)
WITHIN_S = 205.0
"""After which nothing more is begun: below its share of `python -m bench`, or all would be lost."""
WINDOW_S, WINDOW_LEAST, WINDOW_MOST = 0.5, 4, 64
WARM_UP_S = 0.7
SETTLE_S = 15.0
ENTER_AT_ONCE = 32
GUESS_PER_S = 120_000
ROUNDS = 3
QUICK_ONLY = ["C floor", "websockets broadcast(), uvloop"]
LATE_S = 2.0
UNDISTURBED_PERCENT = 85
NOTHING_GATHERED: dict[str, Any] = {"LOVELM_FANOUT_WINDOW_MS": "0"}

BURST, BURST_VIEWERS, BURST_SPEAKERS = 300, 100, 60
OUR_SPEAKERS = 8
"""An edge takes at most 1,000 lines a second of one viewer, whatever it is set to."""


@dataclass(frozen=True, slots=True)
class System:
    """What is measured. start: a server that answers while the context lasts; kind: `ours`, `peer` or `floor`."""

    name: str
    kind: str
    dialect: str
    start: Callable[[], AbstractContextManager[Running]]
    describe: Callable[[], str]
    room: str = ""
    speakers: int = 1


@contextmanager
def our_edge(stores: platform.Stores, **settings: Any) -> Iterator[Running]:
    """An edge and the scripted actor, which numbers lines and stores nothing, as the peers do."""
    with (
        platform.scripted_actor(cpu=SERVER_CPU) as actor,
        platform.edge(stores, actor.address, **settings) as edge,
    ):
        yield Running(edge.port, (edge.pid, actor.pid))


@contextmanager
def our_platform() -> Iterator[Running]:
    """All of it, but Envoy: every line is in PostgreSQL before anybody gets it."""
    with platform.whole("--no-envoy") as whole:
        for pid in whole.pids.values():
            platform.pin(pid, SERVER_CPU)
        yield Running(whole.port, tuple(whole.pids.values()))


def systems(stores: platform.Stores) -> Iterator[System]:
    for name, start in (
        ("ours", partial(our_edge, stores)),
        ("ours, whole and durable", our_platform),
    ):
        yield System(name, "ours", "lovelm", start, lambda: f"Python {python_version()}", ROOM, OUR_SPEAKERS)
    for peer in PEERS_BESIDE:
        yield System(
            peer.name,
            "peer",
            peer.dialect,
            partial(running, peer, SERVER_CPU),
            partial(versions, peer.folder, peer.packages),
        )


def measure(part: Part, system: System, viewers: int, seconds: float) -> None:
    with system.start() as server:
        empty_kb = server.memory_kb()
        with Crowd(server.port, dialect=system.dialect, cpu=CROWD_CPU) as crowd:
            entered = crowd.connect(viewers - system.speakers, rooms=[system.room], at_once=ENTER_AT_ONCE)
            with closing(speakers_of(system, server, system.speakers)) as speakers:
                memory_kb = (server.memory_kb() - empty_kb) / viewers
                figures = flood(server, crowd, speakers, seconds)
            lost: Row = {}
            if viewers == BURST_VIEWERS:
                with closing(speakers_of(system, server, BURST_SPEAKERS)) as speakers:
                    lost = burst(crowd, speakers)
    part.add(
        system=system.name,
        kind=system.kind,
        viewers=viewers,
        **figures,
        memory_each_kb=memory_kb,
        connects_per_s=entered["per_s"],
        **lost,
        versions=system.describe(),
    )


def speakers_of(system: System, server: Running, count: int) -> Speakers:
    return Speakers(server.port, system.dialect, system.room, count=count)


def flood(server: Running, crowd: Crowd, speakers: Speakers, seconds: float) -> Row:
    """A delivery is a line that one viewer has got; the speakers are viewers, too. The best of ROUNDS for each figure
    that others on the machine make worse; what went wrong is counted over all of them."""
    per_s = say(speakers, WINDOW_LEAST, WARM_UP_S)[1]
    window = min(max(round(per_s * WINDOW_S), WINDOW_LEAST), WINDOW_MOST)
    rounds = [one_round(server, crowd, speakers, window, seconds / ROUNDS) for _ in range(ROUNDS)]
    fastest = max(rounds, key=lambda row: float(row["deliveries_per_s"] or 0))
    return {
        **fastest,
        "cpu_us_each": min(float(row["cpu_us_each"] or 0) for row in rounds),
        "window_lines": window,
        "lost": sum(int(row["lost"] or 0) for row in rounds),
        "faults": sum(int(row["faults"] or 0) for row in rounds),
    }


def one_round(server: Running, crowd: Crowd, speakers: Speakers, window: int, seconds: float) -> Row:
    crowd.settle(within_s=SETTLE_S)
    crowd.figures(reset=True)
    before, cpu_s, began_ns = speakers.events, server.cpu_s(), time.time_ns()
    lines, _ = say(speakers, window, seconds)
    said_ns = time.time_ns()
    reached = crowd.wait_events(lines, within_s=LATE_S)
    cpu_s = server.cpu_s() - cpu_s
    took_s = ((reached["at_ns"] if reached["reached"] else said_ns) - began_ns) / 1e9
    crowd.settle(within_s=SETTLE_S)
    speakers.read_for(quiet_s=0.1, most_s=1.0)
    figures = crowd.figures()
    delivered = figures["events"] + speakers.events - before
    return {
        "deliveries_per_s": delivered / took_s,
        "cpu_us_each": cpu_s * 1e6 / max(delivered, 1),
        "frames_per_s": figures["frames"] / took_s,
        "lines_per_s": lines / took_s,
        "server_cpu_percent": 100 * cpu_s / took_s,
        "lost": max(lines * figures["viewers"] - figures["events"], 0),
        "faults": faults(figures),
        "p50_ms": figures["latency_ms"].get("p50"),
        "p99_ms": figures["latency_ms"].get("p99"),
    }


def say(speakers: Speakers, window: int, seconds: float) -> tuple[int, float]:
    """(lines said, of those that came back how many a second)."""
    said = speakers.say(
        window=window, goes_on=lambda _, so_far_s: so_far_s < seconds, size_bytes=PAYLOAD_BYTES
    )
    return said.lines, said.back / said.took_s


def burst(crowd: Crowd, speakers: Speakers) -> Row:
    """So many lines at once, of as many speakers. Lost is what the viewers never got."""
    crowd.figures(reset=True)
    speakers.burst(BURST, PAYLOAD_BYTES)
    speakers.read_for(quiet_s=1.0, most_s=SETTLE_S)
    figures = crowd.figures()
    wanted = BURST * figures["viewers"]
    return {
        "burst_lines": BURST,
        "burst_lost_percent": max(0.0, 100 * (wanted - figures["events"]) / wanted),
    }


def measure_floor_and_single(part: Part, stores: platform.Stores, viewers: int, seconds: float) -> None:
    """The floor, and ours with nothing gathered, in turns: what each costs when every event is a frame of its own.

    The scripted actor hands the edge the events one by one, from the clients' core; the CPU is the edge's. Neither
    keeps a window: a full socket is what they wait for.
    """
    events = max(5, round(seconds / ROUNDS * GUESS_PER_S / viewers))
    port = next(private_ports())
    with (
        platform.scripted_actor() as actor,
        platform.edge(stores, actor.address, **NOTHING_GATHERED) as edge,
        Crowd(edge.port, cpu=CROWD_CPU) as crowd,
    ):
        crowd.connect(viewers, samples=0)
        crowd.settle(within_s=SETTLE_S)
        with (
            floor_running(
                port, viewers=viewers, events=events, payload_bytes=PAYLOAD_BYTES, cpu=SERVER_CPU
            ) as floor,
            Crowd(port, dialect="plain", cpu=CROWD_CPU) as below,
        ):
            below.connect(viewers, samples=0)
            rounds = [
                (
                    floor_speed(below, floor, viewers, events),
                    edge_speed(crowd, actor, edge, viewers, events),
                )
                for _ in range(ROUNDS)
            ]
    floors, edges = zip(*rounds, strict=True)
    for system, kind, speed, made_with in (
        ("C floor: a loop of send()", "floor", best(list(floors)), "cc -O2"),
        ("ours, one event a frame", "ours", best(list(edges)), f"Python {python_version()}"),
    ):
        part.add(
            system=system,
            kind=kind,
            viewers=viewers,
            deliveries_per_s=speed.deliveries_per_s,
            cpu_us_each=speed.cpu_us_each,
            frames_per_s=speed.deliveries_per_s,
            lines_per_s=speed.deliveries_per_s / viewers,
            lost=0,
            faults=speed.faults,
            versions=made_with,
        )


def attempt(part: Part, name: str, viewers: int, until_s: float, measure_it: Callable[[], None]) -> None:
    """What cannot be measured, or not in time, is noted, and the others go on."""
    try:
        if time.monotonic() > until_s:
            raise RuntimeError("no time was left")
        measure_it()
    except (NotInstalled, NotRunning, OrderFailed, OSError, RuntimeError, SystemExit) as exc:
        part.note(f"{name} with {viewers} viewers is missing: {exc}")


def main() -> None:
    parser = results.arguments("beside", "Ours, the C floor and the peers, beside each other.")
    parser.add_argument("--only", nargs="+", default=[], help="systems whose name holds one of these")
    parser.add_argument("--viewers", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--seconds", type=float, default=3.6, help="of load, for each system and size")
    parser.add_argument("--within-s", type=float, default=WITHIN_S, help="after which nothing more is begun")
    given = parser.parse_args()
    if given.quick:
        given.viewers, given.seconds = [20], 0.3
        given.only = given.only or QUICK_ONLY
    os.sched_setaffinity(0, {CROWD_CPU})
    part = results.part_of("beside", given)

    until_s = time.monotonic() + given.within_s
    with platform.stores() as stores:
        for viewers in given.viewers:
            made = {"C floor": partial(measure_floor_and_single, part, stores, viewers, given.seconds)}
            for system in systems(stores):
                made[system.name] = partial(measure, part, system, viewers, given.seconds)
            for name, measure_it in made.items():
                if not given.only or any(word in name for word in given.only):
                    attempt(part, name, viewers, until_s, measure_it)
    disturbed = [
        row for row in part.rows if float(row.get("server_cpu_percent") or 100) < UNDISTURBED_PERCENT
    ]
    if disturbed:
        part.note(
            f"In {len(disturbed)} of {len(part.rows)} rows the system had less than {UNDISTURBED_PERCENT} % of its"
            " core, for others used the machine: there the deliveries for the same CPU are the fair ratio."
        )
    part.save()
    if not part.rows:
        sys.exit("nothing was measured")


if __name__ == "__main__":
    main()
