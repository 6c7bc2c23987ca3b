"""Owns a round of chaos: viewers at work, faults by plan, everything healed, then the checker's verdict.

    python -m tests.chaos.run --seconds 600 --seed 7

Prints a table; exit status 1 when a promise was broken, with the history written beside it.
"""

# ruff: noqa: T201  a program prints
import argparse
import itertools
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import trio

from runtime import aio
from tests.chaos.checker import Broken, Violation, check, durable_of
from tests.chaos.cluster import Cluster, Size, open_cluster
from tests.chaos.faults import Fault, plan
from tests.chaos.history import Acknowledged, Closed, Entered, History, Injected, Record, Refused
from tests.chaos.injector import Injector
from tests.chaos.payer import Payer
from tests.chaos.viewers import ChaosViewer

VIEWERS = 6
SAY_EVERY_S = 0.2
"""Of one viewer: 30 lines/s of all, little enough for two cores that the faults keep busy."""

PAY_EVERY_S = 1.5
CONVERGE_S = 60.0
FAILOVER_WITHIN_S = 1.0
CALM_BEFORE_S = 3.0


class NotConverged(Exception):
    """After healing, not everybody agrees in time. Says who does not."""


async def play(
    home: Path,
    *,
    seconds: float,
    seed: int,
    history: History,
    size: Size | None = None,
    faults: Sequence[Fault] | None = None,
) -> None:
    """One round; fills `history`, also when it ends badly. faults: None for the seed's own. Raises NotConverged. Needs
    an asyncio loop."""
    async with open_cluster(home, size or Size()) as cluster, trio.open_nursery() as nursery:
        began_s = trio.current_time()
        injector = Injector(cluster, began_s=began_s)
        viewers = [
            ChaosViewer(f"viewer-{n}", cluster.edge_ports, seed * 1_000 + n, began_s=began_s)
            for n in range(1, VIEWERS + 1)
        ]
        history.records = [viewer.record for viewer in viewers]
        history.faults = injector.done
        payer = Payer(cluster.edge_ports, seed, began_s=began_s)
        history.payments = payer.payments
        for viewer in viewers:
            nursery.start_soon(viewer.run)
            nursery.start_soon(viewer.speak, SAY_EVERY_S)
        nursery.start_soon(payer.run, PAY_EVERY_S)
        await injector.run(plan(seed, seconds, edges=len(cluster.edges)) if faults is None else faults)
        await trio.sleep_until(began_s + seconds)
        injector.heal()
        history.deaths = cluster.deaths()
        try:
            await converge(cluster, viewers, payer)
        finally:
            nursery.cancel_scope.cancel()  # the persona goes on speaking: nobody may see what is not read below
            with trio.CancelScope(shield=True):
                history.entries = await cluster.entries()


async def converge(cluster: Cluster, viewers: Sequence[ChaosViewer], payer: Payer | None = None) -> None:
    """Until the persona has spoken once more, all lines and payments have their acknowledgements, and everybody has
    seen as much as the log held then."""
    with trio.move_on_after(CONVERGE_S):
        replies = _replies(viewers[0])
        await _until(lambda: _replies(viewers[0]) > replies)
        for viewer in viewers:
            viewer.hush()
        if payer is not None:
            payer.hush()
            await _until(lambda: payer.is_done)
        await _until(lambda: not any(viewer.open_lines for viewer in viewers))
        last = await cluster.last_seq()
        await _until(lambda: all(viewer.is_inside and viewer.offset >= last for viewer in viewers))
        return
    places = ", ".join(
        f"{v.record.name}: at {v.offset}, {v.open_lines} lines open, {'in' if v.is_inside else 'out'}"
        for v in viewers
    )
    raise NotConverged(places)


async def _until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110  of what ten tasks and as many processes do
        await trio.sleep(0.1)


def _replies(viewer: ChaosViewer) -> int:
    return sum(data["t"] == "reply" for _, data, _ in durable_of(viewer.record))


def times_of(records: Sequence[Record]) -> list[float]:
    """When each durable publication was first seen by any of them, ascending."""
    seen: dict[int, float] = {}
    for record in records:
        for offset, _, at_s in durable_of(record):
            seen[offset] = min(at_s, seen.get(offset, at_s))
    return sorted(seen.values())


def silence_s(times: Sequence[float], *, from_s: float, to_s: float) -> float:
    """The longest time between two of them that ends after `from_s` and begins before `to_s`; 0 when there is none."""
    between = [b - a for a, b in itertools.pairwise(times) if b >= from_s and a <= to_s]
    return max(between, default=0.0)


def failovers_s(history: History) -> list[float]:
    """For each kill of an owner that no other fault came near, the longest silence after it."""
    times = times_of(history.records)

    def is_alone(kill: Injected) -> bool:
        return not any(
            other.began_s < kill.began_s + FAILOVER_WITHIN_S and other.ended_s > kill.began_s - CALM_BEFORE_S
            for other in history.faults
            if other is not kill
        )

    return [
        silence_s(times, from_s=fault.began_s, to_s=fault.began_s + FAILOVER_WITHIN_S)
        for fault in history.faults
        if fault.kind == "kill owner" and is_alone(fault)
    ]


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank. values: at least one."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def table(history: History, violations: Sequence[Violation]) -> str:
    """What was done, what came of it."""
    kinds = Counter(fault.kind for fault in history.faults)
    found = Counter(violation.broken for violation in violations)
    events = [event for record in history.records for event in record.events]
    acknowledged = {(r.name, e.id) for r in history.records for e in r.events if isinstance(e, Acknowledged)}
    rows = [
        ("faults injected", sum(kinds.values())),
        *((f"  {kind}", count) for kind, count in sorted(kinds.items())),
        ("events in the log", len(history.entries)),
        ("turns ended", sum(entry.body["t"] == "reply" for entry in history.entries)),
        ("owners of the room", len({entry.fence for entry in history.entries})),
        ("lines acknowledged", len(acknowledged)),
        ("payments acknowledged", len(history.payments)),
        ("turns pre-empted", sum(entry.body.get("cut") == "preempted" for entry in history.entries)),
        ("temporary refusals", sum(isinstance(e, Refused) and e.temporary for e in events)),
        ("sockets lost to edge faults", sum(isinstance(e, Closed) for e in events) - found[Broken.DROPPED]),
        ("recoveries", sum(isinstance(e, Entered) and e.recovered for e in events)),
        *((broken.value, found[broken]) for broken in Broken),
    ]
    lines = [f"{name:<46}{count:>8}" for name, count in rows]
    silences = failovers_s(history)
    if silences:
        p50, p99 = percentile(silences, 0.50), percentile(silences, 0.99)
        lines.append(
            f"{'failover, kill owner alone, p50 / p99 (ms)':<46}{p50 * 1e3:>8.0f} /{p99 * 1e3:>6.0f}"
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.run", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="of faults; healing comes after them")
    parser.add_argument(
        "--seed", type=int, default=None, help="of the plan; none: a new one, which is printed"
    )
    parser.add_argument("--keep", type=Path, default=Path(), help="folder for the history of a broken round")
    arguments = parser.parse_args()
    seed = random.randrange(2**16) if arguments.seed is None else arguments.seed
    print(f"seed {seed}, {arguments.seconds:g} s", flush=True)
    history = History()
    unfinished = ""
    with tempfile.TemporaryDirectory(prefix="lovelm-chaos-") as folder:
        home = Path(folder)
        kept = arguments.keep.absolute() / f"chaos-{seed}"

        async def inside_loop() -> None:
            async with aio.open_loop():
                await play(home, seconds=arguments.seconds, seed=seed, history=history)

        try:
            trio.run(inside_loop)
        except* NotConverged as group:
            unfinished = f"not converged: {group.exceptions[0]}"
        except* trio.TooSlowError:
            keep(kept, home, history)
            raise
        violations = check(history)
        print(table(history, violations))
        if not violations and not unfinished:
            return 0
        keep(kept, home, history)
    for violation in violations[:40]:
        print(violation)
    print(unfinished)
    print(f"history and logs: {kept}")
    return 1


def keep(folder: Path, home: Path, history: History) -> None:
    """Puts what explains a broken round into a folder: history.jsonl, and the log of every process."""
    folder.mkdir(parents=True, exist_ok=True)
    history.write(folder / "history.jsonl")
    for log in home.glob("*.log"):
        (folder / log.name).write_bytes(log.read_bytes())


if __name__ == "__main__":
    sys.exit(main())
