"""Owns the edges that are attached to one room: what they are sent, and how many viewers they hold together. Knows
nothing of what a room decides.
"""

from collections.abc import Iterator

import trio

from room_actor.link import Item, Link, Moved, Publication, Welcome

COUNT_WINDOW_S = 1.0
"""Viewer counts are told at most this often."""


class Edges:
    """One link an edge. `tell_counts` is one task; the rest never waits."""

    def __init__(self) -> None:
        self._links: dict[str, Link] = {}
        self._changed = trio.Event()
        self._told: set[tuple[int, int]] = {(0, 0)}
        """(viewers, connections) as the attached edges have them; empty: somebody has them only in part."""

    def __len__(self) -> int:
        return len(self._links)

    def __iter__(self) -> Iterator[Link]:
        return iter(self._links.values())

    @property
    def connections(self) -> int:
        return sum(link.connections for link in self)

    @property
    def viewers(self) -> int:
        return sum(link.viewers for link in self)

    @property
    def windows(self) -> list[tuple[int, int]]:
        """(ms that the edge gathers before it sends, connections it holds), of each."""
        return [(link.window_ms, link.connections) for link in self]

    def add(self, link: Link, welcome: Welcome) -> None:
        """From now on it gets what is sent, the welcome first. A former link of the same edge is closed."""
        former = self._links.get(link.edge)
        if former is not None:
            former.close()
        self._links[link.edge] = link
        link.send(welcome)
        # The welcome tells it the viewers of this moment, which the others may never hear of; connections it tells not.
        if self.viewers:
            self._told.clear()
        else:
            self._told.add((0, 0))
        self._changed.set()

    def remove(self, link: Link) -> bool:
        """False: it was gone, or a newer link of that edge stands there."""
        if self._links.get(link.edge) is not link:
            return False
        del self._links[link.edge]
        self._changed.set()
        return True

    def set_presence(self, link: Link, *, connections: int, viewers: int, window_ms: int) -> None:
        """Notes how many viewers an edge holds, and how long it gathers what it sends them."""
        link.connections, link.viewers, link.window_ms = connections, viewers, window_ms
        self._changed.set()

    def send(self, item: Item) -> None:
        """To all."""
        for link in self:
            link.send(item)

    def send_away(self, new_owner: str) -> None:
        """Tells all where the room has gone (may be empty), and forgets them."""
        self.send(Moved(new_owner))
        for link in self:
            link.close()
        self._links.clear()

    async def tell_counts(self) -> None:
        """Tells all how many watch whenever that has changed, until cancelled."""
        while True:
            await self._changed.wait()
            self._changed = trio.Event()
            counts = (self.viewers, self.connections)
            if self._told != {counts}:
                self._told = {counts}
                body: dict[str, object] = {"t": "count", "viewers": counts[0], "connections": counts[1]}
                self.send(Publication.fleeting(body))
                await trio.sleep(COUNT_WINDOW_S)
