"""Owns a relay: to the room actors it is an edge, to the edges below it is a room actor. The product has none; this one
is put together of the product's parts, and shows that the tree from an actor to its edges can have another level.

A room that was asked for once stays. Who is sent away is told of no owner: it asks any of those it knows.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager

import msgspec
import trio
from room_service_cases import Process, serve

from edge import mirror, wire
from edge.actors import AttachCall, RoomActors
from edge.attach import WELCOME_DEADLINE_S, Attachment
from edge.pending import Outcome, Pending
from room_actor.actor import Letter
from room_actor.errors import ActorUnavailable, UnknownRoom
from room_actor.link import Link, Moved, Publication, Verdict, Welcome
from runtime.refusal import Refused
from store.ids import Position, RoomId


class RelayedRoom:
    """One room: one stream upwards (`Served`), a link to each edge below (what the servicer asks of a `RoomActor`)."""

    def __init__(self, room: RoomId, name: str, above: RoomActors) -> None:
        self.attachment = Attachment(room, name, above, self)
        self.links: dict[str, Link] = {}
        self.is_unknown = False
        self._mirror: mirror.RoomMirror | None = None
        self._pending = Pending()
        self._work = trio.Event()
        self._advanced = trio.Event()

    # -- upwards, as an edge --------------------------------------------------------------------------

    @property
    def position(self) -> Position | None:
        return self._mirror.position if self._mirror is not None else None

    def welcome(self, welcome: mirror.Welcome) -> None:
        if self._mirror is None:
            self._mirror = mirror.RoomMirror(welcome)
        elif (missed := self._mirror.resume(welcome)) is not None:
            self._publish(missed)
        else:  # a hole: each edge has to see for itself what it lacks
            for link in self.links.values():
                link.send(Moved(""))
                link.close()
        self._tell_advanced()

    def take(self, items: list[wire.Item]) -> bool:
        try:
            for item in items:
                match item:
                    case mirror.Publication():
                        self._mirror.apply(item)
                        self._publish([item])
                    case wire.Verdict(request, Refused() as refused):
                        self._pending.answer(request, refused)
                    case wire.Verdict(request, offset):
                        self._pending.answer(request, Position(self._mirror.epoch, offset))
                    case wire.PositionTold(position) if not self._mirror.has_reached(position):
                        return False
        except mirror.OutOfOrder:
            return False
        finally:
            self._tell_advanced()
        return True

    async def has_room(self) -> None:
        """Always: a link that is full closes, and its edge comes back."""

    async def send_up(self, call: AttachCall) -> None:
        self._pending.expire(trio.current_time())
        self._pending.begin_stream()
        told = None
        try:
            while True:
                says, presence = self._pending.take_unsent(), self._presence()
                if says or presence != told:
                    news, told = presence[:2] if presence != told else None, presence
                    await call.write(wire.batch(says, news, window_ms=presence[2]))
                else:
                    self._work = trio.Event()
                    await self._work.wait()
        finally:
            self._pending.end_stream()

    def no_such_room(self) -> None:
        self.is_unknown = True
        self._tell_advanced()

    # -- downwards, as a room actor -------------------------------------------------------------------

    def attach(self, link: Link, known: Position | None) -> None:
        if link.edge in self.links:
            self.links[link.edge].close()
        self.links[link.edge] = link
        here = self._mirror
        missed = here.since(known.offset) if known is not None and known.epoch == here.epoch else None
        newest = here.since(here.first_kept - 1) or ()
        publications = tuple(_below(newest if missed is None else missed))
        snapshot = msgspec.json.encode(here.snapshot)
        link.send(Welcome(here.position, snapshot, missed is not None, publications))
        # A welcome does not tell the connections, and the actor above knows nothing of a newcomer here.
        count = {"t": "count", "viewers": here.viewers, "connections": here.connections}
        link.send(Publication.fleeting(count))

    def detach(self, link: Link) -> None:
        if self.links.get(link.edge) is link:
            del self.links[link.edge]
            self._work.set()

    def set_presence(self, link: Link, *, connections: int, viewers: int, window_ms: int) -> None:
        link.connections, link.viewers, link.window_ms = connections, viewers, window_ms
        self._work.set()

    def ask(self, letter: Letter) -> None:
        def answer(outcome: Outcome) -> None:
            verdict = outcome if isinstance(outcome, Refused) else outcome.offset
            letter.link.send(Verdict(letter.request, verdict))

        say = letter.command
        up = wire.Say(say.viewer, say.nick, say.client_id, say.text)
        self._pending.add(up, answer, trio.current_time())
        self._work.set()

    async def catch_up(self, known: Position | None) -> None:
        """Until what an edge has seen of this log elsewhere is here too. Raises UnknownRoom."""
        while not self.is_unknown:
            here = self.position
            if here and (known is None or known.epoch != here.epoch or known.offset <= here.offset):
                return
            await self._advanced.wait()
        raise UnknownRoom

    def _presence(self) -> tuple[int, int, int]:
        """(connections, viewers, widest window) of all below."""
        links = self.links.values()
        return (
            sum(link.connections for link in links),
            sum(link.viewers for link in links),
            max((link.window_ms for link in links), default=0),
        )

    def _publish(self, publications: Iterable[mirror.Publication]) -> None:
        for publication in _below(publications):
            for link in self.links.values():
                link.send(publication)

    def _tell_advanced(self) -> None:
        self._advanced.set()
        self._advanced = trio.Event()


def _below(publications: Iterable[mirror.Publication]) -> Iterator[Publication]:
    return (Publication(publication.offset, publication.data) for publication in publications)


class Relay:
    """The rooms of one relay (what the servicer asks of a `Host`)."""

    def __init__(self, name: str, above: RoomActors) -> None:
        self.address = ""
        self.rooms: dict[RoomId, RelayedRoom] = {}
        self._name = name
        self._above = above

    async def run(self) -> None:
        async with trio.open_nursery() as self._nursery:
            await trio.sleep_forever()

    async def actor_for(self, room_id: RoomId, known: Position | None) -> RelayedRoom:
        room = self.rooms.get(room_id)
        if room is None or room.is_unknown:
            room = self.rooms[room_id] = RelayedRoom(room_id, self._name, self._above)
            self._nursery.start_soon(room.attachment.run)
        with trio.move_on_after(WELCOME_DEADLINE_S):
            await room.catch_up(known)
            return room
        raise ActorUnavailable(f"room {room_id} is not known here so far")


@asynccontextmanager
async def open_relay(*above: str, name: str = "relay") -> AsyncIterator[Process]:
    """above: addresses of room actors, or of other relays. `host` is a `Relay`."""
    actors = RoomActors(above)
    relay = Relay(name, actors)
    try:
        async with serve(relay, relay.run) as process:
            yield process
    finally:
        with trio.CancelScope(shield=True):
            await actors.close()
