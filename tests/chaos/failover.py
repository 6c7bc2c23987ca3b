"""Owns the measurement of failover: how long a room is silent when its owner goes, as a viewer sees it.

    python -m tests.chaos.failover --times 50 --action kill

Two room actors, one edge, no links in between; several viewers keep up a stream of lines. The owner is killed
(SIGKILL), stopped (SIGTERM), paused (SIGSTOP), or asked to move the room to the other; measured is the longest time
between two durable publications from that moment on. Then it is started again if need be, and it is the other's turn.
Exit status 1 when a promise was broken.
"""

# ruff: noqa: T201  a program prints
import argparse
import sys
import tempfile
from pathlib import Path

import trio

from room_actor import neighbours
from runtime import aio
from store.ids import RoomId
from tests.chaos.checker import check
from tests.chaos.cluster import ROOM, Cluster, Node, Size, open_cluster
from tests.chaos.history import History, Record
from tests.chaos.run import converge, percentile, silence_s, times_of
from tests.chaos.viewers import ChaosViewer

VIEWERS = 4
SAY_EVERY_S = 0.06
"""Of one viewer: together a line every 15 ms."""
WATCH_S = 1.5
"""So long after the fault at least; a silence that is still on is waited for."""
CALM_S = 1.0
GIVE_UP_S = 40.0
_POLL_S = 0.01


async def measure(home: Path, history: History, *, times: int, action: str) -> list[float]:
    """The silences, in seconds. Fills `history`. Needs an asyncio loop."""
    silences: list[float] = []
    async with open_cluster(home, Size(edges=1, proxied=False)) as cluster, trio.open_nursery() as nursery:
        began_s = trio.current_time()
        viewers = [
            ChaosViewer(f"viewer-{n}", cluster.edge_ports, n, began_s=began_s) for n in range(1, VIEWERS + 1)
        ]
        history.records = [viewer.record for viewer in viewers]
        for viewer in viewers:
            nursery.start_soon(viewer.run)
            nursery.start_soon(viewer.speak, SAY_EVERY_S)
        await trio.sleep(3 * CALM_S)
        for _ in range(times):
            node = cluster.nodes[await cluster.owner()]
            silences.append(await _once(cluster, node, viewers[0], action))
            print(f"{silences[-1] * 1e3:.0f}", end=" ", flush=True)
            await trio.sleep(CALM_S)
        print()
        history.deaths = cluster.deaths()
        await converge(cluster, viewers)
        nursery.cancel_scope.cancel()  # the persona goes on speaking: nobody may see what is not read below
        with trio.CancelScope(shield=True):
            history.entries = await cluster.entries()
    return silences


async def _once(cluster: Cluster, node: Node, viewer: ChaosViewer, action: str) -> float:
    before = len(viewer.record.events)
    at_s = viewer.now_s
    match action:
        case "kill":
            await node.kill()
        case "stop":
            await node.stop()
        case "pause":
            node.pause()
        case "move":
            (target,) = (address for address, name in cluster.actor_of_address.items() if name != node.name)
            (source,) = (address for address, name in cluster.actor_of_address.items() if name == node.name)
            assert await neighbours.drain(source, [RoomId(ROOM)], to=target) == [ROOM]
    await trio.sleep(WATCH_S)
    with trio.fail_after(GIVE_UP_S):
        # The last word before the fault may have been on its way: somebody must have spoken lately.
        while not _is_lively(viewer):  # noqa: ASYNC110  of what the processes do
            await trio.sleep(_POLL_S)
    silence = silence_s(_times_since(viewer.record, before), from_s=at_s, to_s=viewer.now_s)
    if action == "pause":
        node.resume()
        await node.wait_ready()
    elif action != "move":
        await node.start()
    return silence


def _is_lively(viewer: ChaosViewer) -> bool:
    times = times_of([Record("", "", viewer.record.events[-50:])])
    return sum(at_s > viewer.now_s - 0.5 for at_s in times) >= 5


def _times_since(record: Record, place: int) -> list[float]:
    """With the last ones before the place."""
    return times_of([Record("", "", record.events[max(0, place - 100) :])])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.failover", description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--action", choices=("kill", "stop", "pause", "move"), default="kill")
    arguments = parser.parse_args()
    history = History()

    async def inside_loop() -> list[float]:
        async with aio.open_loop():
            with tempfile.TemporaryDirectory(prefix="lovelm-failover-") as folder:
                return await measure(Path(folder), history, times=arguments.times, action=arguments.action)

    silences = trio.run(inside_loop)
    violations = check(history)
    ms = {share: percentile(silences, share) * 1e3 for share in (0.5, 0.9, 0.99)}
    print(
        f"{arguments.action} owner, {len(silences)} times: silence p50 {ms[0.5]:.0f} ms, p90 {ms[0.9]:.0f} ms,"
    )
    print(
        f"p99 {ms[0.99]:.0f} ms, longest {max(silences) * 1e3:.0f} ms; {len(history.entries)} events in the log"
    )
    for violation in violations[:20]:
        print(violation)
    print(f"{len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
