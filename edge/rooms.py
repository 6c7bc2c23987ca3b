"""Owns this edge's place in each room: one stream to the room's actor, a mirror, the viewers who follow it.

Re-attaches by itself and keeps what viewers said until the actor has answered. Knows nothing of WebSockets.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import grpc
import grpc.aio
import structlog
import trio
from prometheus_client import Counter as Counted
from prometheus_client import Gauge

from edge import frames, wire
from edge.actors import AttachCall, RoomActors, owner_of
from edge.close_codes import Close
from edge.fanout import Receiver, fan_out
from edge.mirror import OutOfOrder, Publication, RoomMirror, Welcome
from runtime.refusal import Code, Refused
from runtime.supervise import Backoff
from store.ids import ClientId, Position, RoomId, Seq, ViewerId
from store.ports import Count

log = structlog.get_logger()

READY_DEADLINE_S = 5.0
"""For a room to be attached when somebody wants in."""

SAY_DEADLINE_S = 10.0
"""For a line to be accepted, however often the owner changes; then error 100, temporary."""

PENDING_MOST = 5_000
"""Lines of one room without an answer; more are refused with 111."""

SAYS_A_MESSAGE = 200
"""Lines in one message at most: with the longest ones 0.7 MB, so that no line waits behind a mountain."""

WELCOME_DEADLINE_S = 4.0
"""From the hello to the welcome: a claim over a dead owner and a room read from the log take a tenth of it."""

LINGER_S = 30.0
"""A room that nobody on this edge follows any more is left after this."""

BEHIND_S = 5.0
"""Time for a mirror that is behind the position it was told; then the room is attached anew."""

CATCH_UP_S = 1.0
"""For a mirror to reach what a viewer has seen on another edge: mostly it is a network's delay behind."""

ROOMS = Gauge("lovelm_edge_rooms", "Rooms this edge is attached to")
REATTACHES = Counted("lovelm_edge_reattaches_total", "Attach streams that ended and were opened anew")
HOLES = Counted("lovelm_edge_holes_total", "Times this edge lacked something of a room", ["found_by"])

# Owners that die seconds after one another are no reason to make viewers wait longer for each.
_BACKOFF = Backoff(first_s=0.05, most_s=1.0, healthy_s=1.0)

Outcome = Position | Refused


class Follower(Receiver, Protocol):
    """A viewer's connection that follows a room."""

    @property
    def viewer(self) -> ViewerId: ...


@dataclass(slots=True)
class _Pending:
    """A line without an answer."""

    say: wire.Say
    answer: Callable[[Outcome], None]
    deadline_s: float


class EdgeRoom:
    """One room on this edge. `run` is one task; the rest never waits but for `wait_ready`."""

    def __init__(self, room: RoomId, edge: str, actors: RoomActors) -> None:
        self.room = room
        self.channel = f"room:{room}"
        self._edge = edge
        self._actors = actors
        self._mirror: RoomMirror | None = None
        self._followers: dict[Follower, ViewerId] = {}
        self._viewers: Counter[ViewerId] = Counter()
        self._requests = itertools.count(1)
        self._pending: dict[int, _Pending] = {}
        self._unsent: list[wire.Say] = []
        self._sends_up = False
        self._presence_changed = True
        self._work = trio.Event()
        self._known = trio.Event()
        self._advanced = trio.Event()
        """Set, and replaced by a new one, when the mirror has gone on."""
        self._attach = trio.CancelScope()
        """Of the stream that is open."""
        self._behind: tuple[Position, float] | None = None
        """The position that the mirror has yet to reach, and since when (s)."""
        self._refused: Refused | None = None
        self._wanted_s = trio.current_time()
        self.is_leaving = False
        """Nobody can come in any more; who wants to opens the room anew."""

    # -- for viewers ----------------------------------------------------------------------------------

    def want(self) -> None:
        """Somebody is about to come in: the room stays for a while."""
        self._wanted_s = trio.current_time()

    async def wait_ready(self) -> RoomMirror | Refused:
        """The mirror once it is there. Refused: no such room (102), or no actor answers in time (100)."""
        with trio.move_on_after(READY_DEADLINE_S):
            await self._known.wait()
        if self._refused is not None:
            return self._refused
        return self._mirror or Refused(Code.INTERNAL, "the room is not to be reached now")

    @property
    def mirror(self) -> RoomMirror | None:
        """None until the first attach."""
        return self._mirror

    async def catch_up(self, seen: Position) -> bool:
        """Waits until this edge has what a viewer saw on another one. False: not in time."""
        with trio.move_on_after(CATCH_UP_S):
            while self._mirror is None or not self._mirror.has_reached(seen):
                await self._advanced.wait()
            return True
        return False

    def note_position(self, stands: Position) -> None:
        """The room goes on to there. When the mirror does not get there soon, the room is attached anew."""
        if self._behind is None and self._mirror is not None and not self._mirror.has_reached(stands):
            self._behind = stands, trio.current_time()

    @property
    def count(self) -> Count:
        """Who follows on this edge."""
        return Count(connections=len(self._followers), viewers=len(self._viewers))

    def seen(self) -> Count:
        """Who follows on all edges, as last told by the actor; never fewer than are here."""
        here = self.count
        if self._mirror is None:
            return here
        return Count(
            connections=max(here.connections, self._mirror.connections),
            viewers=max(here.viewers, self._mirror.viewers),
        )

    def follow(self, follower: Follower) -> None:
        """From now on it gets every publication."""
        if follower not in self._followers:
            self._followers[follower] = follower.viewer
            self._viewers[follower.viewer] += 1
            self._touch_presence()

    def leave(self, follower: Follower) -> None:
        """Gets nothing more. Does nothing for one who does not follow."""
        viewer = self._followers.pop(follower, None)
        if viewer is not None:
            self._viewers[viewer] -= 1
            if not self._viewers[viewer]:
                del self._viewers[viewer]
            self.want()
            self._touch_presence()

    def say(
        self, viewer: ViewerId, nick: str, client_id: ClientId, text: str, answer: Callable[[Outcome], None]
    ) -> None:
        """Hands a line to the actor; `answer` is called once, when the line is durable or refused."""
        if self._refused is not None:
            answer(self._refused)
            return
        if len(self._pending) >= PENDING_MOST:
            answer(Refused(Code.TOO_MANY_REQUESTS, "the room is busy"))
            return
        say = wire.Say(next(self._requests), viewer, nick, client_id, text)
        self._pending[say.request] = _Pending(say, answer, trio.current_time() + SAY_DEADLINE_S)
        if self._sends_up:  # otherwise the next attach sends all that is pending
            self._unsent.append(say)
            self._work.set()

    # -- life -----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Stays attached until nobody has followed for a while or the room does not exist."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._stay_attached)
            while not self._is_deserted():
                await trio.sleep(1.0)
                self._expire()
                self._check_position()
            self.is_leaving = True
            nursery.cancel_scope.cancel()

    def fail(self) -> None:
        """Sends everybody away who waits or follows."""
        self.is_leaving = True
        self._refuse_all(Refused(Code.INTERNAL, "the room has to be opened anew"))
        for follower in list(self._followers):
            follower.close(Close.SERVER_ERROR)

    def _is_deserted(self) -> bool:
        if self._followers or self._pending:
            return False
        return self._refused is not None or trio.current_time() - self._wanted_s > LINGER_S

    def _expire(self) -> None:
        now_s = trio.current_time()
        late = {request for request, pending in self._pending.items() if pending.deadline_s <= now_s}
        if late:
            self._unsent = [say for say in self._unsent if say.request not in late]
        for request in late:
            self._answer(request, Refused(Code.INTERNAL, "not accepted in time; send the same id again"))

    def _check_position(self) -> None:
        """Attaches anew when something was lost on the way. At its position: viewers get what they lack, or 3010."""
        if self._behind is None or self._mirror is None:
            return
        told, since_s = self._behind
        if self._mirror.has_reached(told):
            self._behind = None
        elif trio.current_time() - since_s > BEHIND_S:
            self._find_hole("position")
            self._attach.cancel()

    def _find_hole(self, found_by: str) -> None:
        self._behind = None
        HOLES.labels(found_by).inc()
        log.warning("room_has_a_hole", room=self.room, found_by=found_by, followers=len(self._followers))

    async def _stay_attached(self) -> None:
        address = self._actors.any()
        failures = 0
        while self._refused is None:
            attached_s = trio.current_time()
            try:
                moved_to = await self._attached(address)
                address = (
                    self._actors.other_than(address) if moved_to is None else moved_to or self._actors.any()
                )
            except grpc.aio.AioRpcError as exc:
                owner = owner_of(exc)
                if exc.code() is grpc.StatusCode.NOT_FOUND:
                    self._refuse_all(Refused(Code.UNKNOWN_CHANNEL, "no such room"))
                    return
                log.info("room_detached", room=self.room, actor=address, status=exc.code().name)
                address = owner or self._actors.other_than(address)
            REATTACHES.inc()
            failures = 1 if trio.current_time() - attached_s > _BACKOFF.healthy_s else failures + 1
            await trio.sleep(_BACKOFF.pause_s(failures, 0.5) if failures > 1 else 0)

    async def _attached(self, address: str) -> str | None:
        """One attach, to its end. Returns where the room has moved to (may be empty), or None when nobody answered.
        Raises AioRpcError."""
        call = await self._actors.attach(address)
        moved_to = ""
        is_welcome = False
        try:
            known = self._mirror.position if self._mirror is not None else None
            await call.write(wire.hello(self._edge, self.room, known))
            async with trio.open_nursery() as nursery:
                self._attach = nursery.cancel_scope
                self._attach.deadline = trio.current_time() + WELCOME_DEADLINE_S
                while True:
                    response = await call.read()
                    if response is None:
                        if (code := await call.code()) is not grpc.StatusCode.OK:
                            log.info("attach_ended", room=self.room, status=code.name)
                        break
                    items = wire.read_items(response)
                    match items:
                        case [Welcome() as welcome, *items]:
                            is_welcome = True
                            nursery.cancel_scope.deadline = float("inf")
                            self._welcome(welcome)
                            nursery.start_soon(self._send_up, call)
                    try:
                        self._take(items)
                    except OutOfOrder:
                        self._find_hole("order")
                        break
                    match items:
                        case [*_, wire.Moved(moved_to)]:
                            break
                nursery.cancel_scope.cancel()
        except* grpc.aio.AioRpcError as group:
            raise group.exceptions[0] from None
        finally:
            call.cancel()
        return moved_to if is_welcome else None

    async def _send_up(self, call: AttachCall) -> None:
        # What had no answer from the former stream is sent again, in order: the client ids make it harmless.
        self._unsent = [pending.say for pending in self._pending.values()]
        self._sends_up = True
        self._presence_changed = True
        try:
            while True:
                if not self._unsent and not self._presence_changed:
                    self._work = trio.Event()
                    await self._work.wait()
                says, self._unsent = self._unsent[:SAYS_A_MESSAGE], self._unsent[SAYS_A_MESSAGE:]
                presence = (len(self._followers), len(self._viewers)) if self._presence_changed else None
                self._presence_changed = False
                await call.write(wire.batch(says, presence))
        finally:
            self._sends_up = False

    def _touch_presence(self) -> None:
        self._presence_changed = True
        self._work.set()

    # -- what the actor says --------------------------------------------------------------------------

    def _welcome(self, welcome: Welcome) -> None:
        if self._mirror is None:
            self._mirror = RoomMirror(welcome)
        else:
            missed = self._mirror.resume(welcome)
            if missed is None:
                self._find_hole("attach")
                for follower in list(self._followers):
                    follower.close(Close.INSUFFICIENT_STATE)
            else:
                self._publish(missed)
        self._behind = None
        self._known.set()
        self._tell_advanced()

    def _take(self, items: list[wire.Item]) -> None:
        """Raises OutOfOrder; what came in order before is with the viewers then."""
        publications: list[Publication] = []
        try:
            for item in items:
                match item:
                    case Publication() if self._mirror is not None:
                        self._mirror.apply(item)
                        publications.append(item)
                    case wire.Verdict(request, outcome):
                        self._answer(request, self._outcome(outcome))
                    case wire.PositionTold(position):
                        self.note_position(position)
        finally:
            self._publish(publications)
            self._tell_advanced()

    def _tell_advanced(self) -> None:
        self._advanced.set()
        self._advanced = trio.Event()

    def _outcome(self, outcome: Seq | Refused) -> Outcome:
        if isinstance(outcome, Refused):
            return outcome
        if self._mirror is None:
            raise RuntimeError("a verdict before the welcome")
        return Position(self._mirror.epoch, outcome)

    def _publish(self, publications: Sequence[Publication]) -> None:
        if publications and self._followers:
            pushes = [frames.push(self.channel, p.offset, p.data) for p in publications]
            fan_out(frames.joined(pushes), self._followers)

    def _answer(self, request: int, outcome: Outcome) -> None:
        pending = self._pending.pop(request, None)
        if pending is not None:
            pending.answer(outcome)

    def _refuse_all(self, refused: Refused) -> None:
        self._refused = refused
        for request in list(self._pending):
            self._answer(request, refused)
        self._known.set()


class EdgeRooms:
    """The rooms of one edge, opened when somebody wants in."""

    def __init__(self, edge: str, actors: RoomActors) -> None:
        self._edge = edge
        self._actors = actors
        self._rooms: dict[RoomId, EdgeRoom] = {}
        self._nursery: trio.Nursery | None = None

    async def run(self) -> None:
        """Keeps the rooms until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            await trio.sleep_forever()

    def open(self, room_id: RoomId) -> EdgeRoom:
        """The room on this edge, attached or about to be. Needs `run`."""
        room = self._rooms.get(room_id)
        if room is None or room.is_leaving:
            if self._nursery is None:
                raise RuntimeError("the rooms do not run")
            room = self._rooms[room_id] = EdgeRoom(room_id, self._edge, self._actors)
            ROOMS.set(len(self._rooms))
            self._nursery.start_soon(self._run, room)
        room.want()
        return room

    def leave(self, room_id: RoomId, follower: Follower) -> None:
        """The viewer's connection follows the room no longer, if it did."""
        room = self._rooms.get(room_id)
        if room is not None:
            room.leave(follower)

    def counts(self) -> dict[RoomId, Count]:
        """Who follows what on this edge."""
        return {room.room: room.count for room in self._rooms.values() if room.count.connections}

    async def _run(self, room: EdgeRoom) -> None:
        """A bug in one room takes no other down: its viewers come back, to a room that is opened anew."""
        try:
            await room.run()
        except Exception:
            log.exception("room_failed", room=room.room)
            room.fail()
        finally:
            if self._rooms.get(room.room) is room:
                del self._rooms[room.room]
            ROOMS.set(len(self._rooms))
