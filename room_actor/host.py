"""Owns which rooms this process owns: claims them, renews the leases, gives them up. Knows nothing of what they do.

Truth is the row in the store; this process only believes. A claim that was wrong is refused at the next append.
"""

from collections.abc import Awaitable, Callable, Sequence

import structlog
import trio
from prometheus_client import Gauge

from room_actor.actor import RoomActor
from room_actor.errors import ActorUnavailable, Draining, OwnedElsewhere, UnknownRoom
from runtime.errors import LovelmError
from store.errors import StoreUnavailable
from store.ids import Fence, Position, RoomId, Seq
from store.ports import Claimed, Rooms, Taken

log = structlog.get_logger()

ROOMS_OWNED = Gauge("lovelm_rooms_owned", "Rooms this process owns")

LOAD_DEADLINE_S = 5.0
SETTLE_DEADLINE_S = 5.0

IDLE_S = 60.0
"""A room without edges and without a new event goes to sleep after it. Edges leave a room 30 s after its last viewer
there, so one who comes back within a minute and a half finds it awake; waking costs a claim and one read."""

IDLE_CHECK_S = 5.0

MARK_PAUSE_S = 1.0

END_DEADLINE_S = 1.0
"""For an actor that was stopped: its reply is cancelled, and nothing of it waits for anybody."""


class Host:
    """The rooms of one process. owner: this very start of the process; address: where others dial it."""

    def __init__(
        self,
        rooms: Rooms,
        *,
        owner: str,
        address: str,
        lease_s: float,
        new_actor: Callable[[Claimed], RoomActor],
        is_alive: Callable[[str], Awaitable[bool]],
        take: Callable[[str, Sequence[RoomId]], Awaitable[frozenset[RoomId]]],
    ) -> None:
        self._rooms = rooms
        self.owner = owner
        self.address = address
        self._lease_s = lease_s
        self._new_actor = new_actor
        self._is_alive = is_alive
        self._ask_to_take = take
        self._actors: dict[RoomId, RoomActor] = {}
        self._leaving: set[RoomId] = set()
        self._claiming: dict[RoomId, trio.Lock] = {}
        self._nursery: trio.Nursery | None = None
        self.is_draining = False

    @property
    def actors(self) -> list[RoomActor]:
        """The rooms that are served now."""
        return [a for a in self._actors.values() if a.loaded.is_set() and not a.ended.is_set()]

    async def run(self) -> None:
        """Keeps the actors and their leases, and lets idle rooms sleep, until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            nursery.start_soon(self._let_sleep)
            while True:
                await trio.sleep(self._lease_s / 3)
                await self._renew()

    async def actor_for(self, room: RoomId, known: Position | None = None) -> RoomActor:
        """The actor of the room, claimed for this process if nobody alive holds it. known: what the asker has seen; an
        actor that has not got so far was deposed and does not know it yet: it ends, and the room is claimed anew.

        Raises UnknownRoom, OwnedElsewhere, Draining, StoreUnavailable.
        """
        lock = self._claiming.setdefault(room, trio.Lock())
        try:
            async with lock:
                actor = await self._serve(room)
                if known is not None and actor.is_behind(known):
                    actor.fenced()
                    await actor.ended.wait()
                    actor = await self._serve(room)
                return actor
        finally:
            if room not in self._actors and not lock.locked():
                self._claiming.pop(room, None)

    async def _serve(self, room: RoomId) -> RoomActor:
        actor = self._actors.get(room)
        if actor is not None and room in self._leaving:
            await actor.ended.wait()  # whoever attached now would be sent away at once
        if actor is None or actor.ended.is_set():
            claimed = await self._claim(room)
            if self.is_draining:  # since we asked
                await self._release(room, claimed.fence)
                raise Draining
            actor = self._start(claimed)
        # Whoever began the loading may be gone: wait for it in any case.
        with trio.move_on_after(LOAD_DEADLINE_S):
            await actor.loaded.wait()
        if not actor.loaded.is_set() or actor.ended.is_set():
            actor.stop()
            raise StoreUnavailable(f"room {room} could not be loaded")
        return actor

    async def close_show(self, room: RoomId) -> Seq:
        """Ends the show of a room. Returns the last offset of its log. Raises as `actor_for`, and
        RoomLost."""
        actor = await self.actor_for(room)
        offset = await actor.close_show()
        await self._rooms.mark_over(room, fence=actor.fence)
        return offset

    async def take(self, rooms: Sequence[RoomId]) -> list[RoomId]:
        """Claims and loads rooms before anybody attaches. Returns those that are served here now: a room that does
        not exist, cannot be loaded, or has a living owner is left out. Raises Draining."""
        if self.is_draining:
            raise Draining("this actor takes no more rooms")
        taken: list[RoomId] = []

        async def take_one(room: RoomId) -> None:
            try:
                await self.actor_for(room)
            except (UnknownRoom, OwnedElsewhere, Draining, StoreUnavailable) as exc:
                log.info("room_not_taken", room=room, error=type(exc).__name__)
            else:
                taken.append(room)

        async with trio.open_nursery() as nursery:
            for room in dict.fromkeys(rooms):
                nursery.start_soon(take_one, room)
        return sorted(taken)

    async def drain(self, rooms: list[RoomId] | None = None, *, to: str = "") -> list[RoomId]:
        """Commits what waits, releases the rooms (None: all, and takes no more), lets the actor at `to` take them if
        one is named, tells the edges. Returns which. Raises ActorUnavailable before anything is given up."""
        if to:
            await self._ask_to_take(to, [])
        if rooms is None:
            self.is_draining = True
        wanted = list(self._actors) if rooms is None else rooms
        given_up = [self._actors[room] for room in dict.fromkeys(wanted) if room in self._actors]
        async with trio.open_nursery() as nursery:
            for actor in given_up:
                nursery.start_soon(self._give_up, actor, to)
        return [actor.room for actor in given_up]

    async def _give_up(self, actor: RoomActor, to: str = "") -> None:
        """Cancelled: the room ends all the same, for an actor that has settled serves nobody."""
        self._leaving.add(actor.room)
        new_owner = ""
        try:
            with trio.move_on_after(SETTLE_DEADLINE_S):
                await actor.settle()
            await self._release(actor.room, actor.fence)
            if to:
                new_owner = await self._hand_over(actor.room, to)
        finally:
            actor.stop(new_owner)
            with trio.move_on_after(END_DEADLINE_S, shield=True):
                await actor.ended.wait()
            self._leaving.discard(actor.room)

    async def _hand_over(self, room: RoomId, to: str) -> str:
        """Where the edges should go: to the new owner once it has loaded the room, or to anybody."""
        try:
            taken = await self._ask_to_take(to, [room])
        except ActorUnavailable:
            taken = frozenset()
        log.info("room_moved", room=room, to=to, taken=room in taken)
        return to if room in taken else ""

    async def _let_sleep(self) -> None:
        while True:
            await trio.sleep(IDLE_CHECK_S)
            async with trio.open_nursery() as nursery:
                for actor in self.actors:
                    if actor.room not in self._leaving and actor.idle_s() >= IDLE_S:
                        log.info("room_sleeps", room=actor.room)
                        nursery.start_soon(self._give_up, actor)

    async def _release(self, room: RoomId, fence: Fence) -> None:
        try:
            await self._rooms.release(owner=self.owner, held=[(room, fence)])
        except StoreUnavailable:
            log.warning("release_failed", room=room)  # the lease runs out, or a probe finds us gone

    async def _claim(self, room: RoomId) -> Claimed:
        over: Fence | None = None
        while True:
            if self.is_draining:
                raise Draining
            claim = await self._rooms.claim(
                room, owner=self.owner, owner_addr=self.address, lease_s=self._lease_s, over=over
            )
            match claim:
                case None:
                    raise UnknownRoom(room)
                case Claimed():
                    return claim
                case Taken(owner, owner_addr, fence):
                    # The same address under another name is our own predecessor, which is dead.
                    if owner_addr != self.address and await self._is_alive(owner_addr):
                        raise OwnedElsewhere(room, owner_addr)
                    log.info("room_taken_over", room=room, former=owner, fence=fence)
                    over = fence

    def _start(self, claimed: Claimed) -> RoomActor:
        if self._nursery is None:
            raise RuntimeError("the host does not run")
        actor = self._new_actor(claimed)
        self._actors[actor.room] = actor
        self._nursery.start_soon(self._live, actor, claimed.room.is_over)
        ROOMS_OWNED.set(len(self._actors))
        return actor

    async def _live(self, actor: RoomActor, is_marked: bool) -> None:
        """Runs one actor; its failure takes nobody else down. The next attach claims the room anew."""
        try:
            async with trio.open_nursery() as nursery:
                if not is_marked:
                    nursery.start_soon(self._mark_over, actor)
                await actor.run()
                nursery.cancel_scope.cancel()
        except* LovelmError as group:
            log.warning("room_ended", room=actor.room, errors=[str(exc) for exc in group.exceptions])
        except* Exception:
            log.exception("room_failed", room=actor.room)
        finally:
            if self._actors.get(actor.room) is actor:
                del self._actors[actor.room]
            ROOMS_OWNED.set(len(self._actors))

    async def _mark_over(self, actor: RoomActor) -> None:
        """Tells the lobby when the show of a room has ended: now, or under an owner that died before it could."""
        await actor.over.wait()
        while True:
            try:
                await self._rooms.mark_over(actor.room, fence=actor.fence)
            except StoreUnavailable:
                await trio.sleep(MARK_PAUSE_S)
            else:
                return

    async def _renew(self) -> None:
        held = [(actor.room, actor.fence) for actor in self.actors if actor.room not in self._leaving]
        if not held:
            return
        try:
            ours = await self._rooms.renew(owner=self.owner, held=held, lease_s=self._lease_s)
        except StoreUnavailable:
            log.warning("renewal_failed", rooms=len(held))  # we serve on until the store refuses an append
            return
        for room, fence in held:
            actor = self._actors.get(room)
            left = room in self._leaving  # since we asked
            if room not in ours and not left and actor is not None and actor.fence == fence:
                actor.fenced()
