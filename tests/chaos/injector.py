"""Owns carrying a plan of faults out on a cluster, and writing down what was done when."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack

import trio

from tests.chaos.cluster import ROOM, Cluster
from tests.chaos.faults import Fault
from tests.chaos.history import Injected
from tests.viewer import open_viewer

DELAY_S = 0.15

STRANDED_S = 0.6
"""An append is held up so long."""
STRAND_AFTER_S = 0.3
"""By then one is on the wire, and what comes of it is not on its way back."""

_HOLDS = {"roll": ("rooms", "edges", "personas", "stores"), "depose": ("rooms", "edges")}
"""Groups beside its own that a fault keeps others out of, in the order in which all take them."""


class Injector:
    """One round's faults. began_s: trio's time when the round began."""

    def __init__(self, cluster: Cluster, *, began_s: float) -> None:
        self._cluster = cluster
        self._began_s = began_s
        self._groups: dict[str, trio.Lock] = defaultdict(trio.Lock)
        self.done: list[Injected] = []

    @property
    def _now_s(self) -> float:
        return trio.current_time() - self._began_s

    async def run(self, plan: Sequence[Fault]) -> None:
        """Returns when the last one is over, everything it touched being ready again."""
        async with trio.open_nursery() as nursery:
            for fault in plan:
                await trio.sleep_until(self._began_s + fault.at_s)
                nursery.start_soon(self._inject, fault)

    async def _inject(self, fault: Fault) -> None:
        async with AsyncExitStack() as held:
            for group in _HOLDS.get(fault.kind.action, (fault.kind.group,)):
                await held.enter_async_context(self._groups[group])
            if fault.kind.action == "roll":
                for name in list(self._cluster.nodes):
                    await self._on_process("restart", name, 0.0, kind="roll everything")
                return
            target = await self._resolved(fault)
            if fault.kind.action == "depose":
                await self._depose(target, self._edge_of(fault), fault.lasts_s)
            elif target in self._cluster.links:
                await self._on_link(fault, target)
            else:
                await self._on_process(fault.kind.action, target, fault.lasts_s, kind=fault.kind.name)

    async def _resolved(self, fault: Fault) -> str:
        """The name of a process or a link. `owner` and `standby` are who they are now, `edge` is the one meant."""
        target = fault.kind.target
        parts = target.split("-")
        if "owner" in parts or "standby" in parts:
            owner = await self._owner()
            others = [name for name in self._cluster.room_actors if name != owner] or [owner]
            target = target.replace("owner", owner).replace("standby", others[fault.number % len(others)])
        edge = self._edge_of(fault)
        match parts:
            case ["edge"]:
                return edge
            case ["viewer", "edge"]:
                return f"viewer-{edge}"
            case ["edge", "postgres" | "redis" as store]:
                return f"{edge}-{store}"
        return target

    def _edge_of(self, fault: Fault) -> str:
        return self._cluster.edges[fault.number % len(self._cluster.edges)]

    async def _owner(self) -> str:
        while True:
            try:
                return await self._cluster.owner()
            except Exception:  # PostgreSQL is away by another fault, in one of a dozen ways
                await trio.sleep(0.2)

    async def _on_process(self, action: str, name: str, lasts_s: float, *, kind: str) -> None:
        node = self._cluster.nodes[name]
        began_s = self._now_s
        match action:
            case "kill":
                await node.kill()
                await trio.sleep(lasts_s)
                await node.start()
            case "strand":
                link = self._cluster.links[f"{name}-postgres"]
                link.delay(STRANDED_S)
                await trio.sleep(STRAND_AFTER_S)
                await node.kill()
                await trio.sleep(max(lasts_s, STRANDED_S))
                link.heal()
                await node.start()
            case "restart":
                await node.stop()
                await node.start()
            case "pause":
                node.pause()
                await trio.sleep(lasts_s)
                node.resume()
                await node.wait_ready()
        breaks = (name,) if name in self._cluster.edges and action != "pause" else ()
        self.done.append(Injected(kind, name, began_s, self._now_s, breaks))

    async def _depose(self, owner: str, edge: str, lasts_s: float) -> None:
        """A new edge finds nobody at the owner's address; the other edge is attached to it all the while."""
        link, node = self._cluster.links[f"edge-{owner}"], self._cluster.nodes[edge]
        began_s = self._now_s
        link.shut()
        await node.stop()
        await node.start()
        async with open_viewer(self._cluster.edge_ports[edge]) as passer_by:
            await passer_by.begin("subscribe", channel=f"room:{ROOM}")
            await trio.sleep(lasts_s)
        link.heal()
        self.done.append(Injected("depose owner", owner, began_s, self._now_s, (edge,)))

    async def _on_link(self, fault: Fault, name: str) -> None:
        link = self._cluster.links[name]
        began_s = self._now_s
        match fault.kind.action:
            case "cut":
                link.cut()
            case "refuse":
                link.refuse()
            case "swallow":
                link.swallow()
            case "delay":
                link.delay(DELAY_S)
        await trio.sleep(fault.lasts_s)
        link.heal()
        edge = name.removeprefix("viewer-")
        breaks = (edge,) if edge != name and fault.kind.action != "delay" else ()
        self.done.append(Injected(fault.kind.name, name, began_s, self._now_s, breaks))

    def heal(self) -> None:
        """Ends what links and pauses still do."""
        for link in self._cluster.links.values():
            link.heal()
        for node in self._cluster.nodes.values():
            node.resume()
