"""Owns this edge's place in one room: the mirror, the viewers who follow it, and what they said until it is answered.

Knows nothing of WebSockets, nor of how the stream to the room's actor is kept.
"""

from collections.abc import Callable, Sequence

import msgspec
import structlog
import trio
from prometheus_client import Counter as Counted

from edge import frames, wire
from edge.actors import AttachCall, RoomActors
from edge.attach import Attachment
from edge.audience import Audience, Follower
from edge.channels import channel_of
from edge.close_codes import Close
from edge.coalesce import WINDOW_MOST_S
from edge.mirror import OutOfOrder, Publication, RoomMirror, Welcome
from edge.pending import Outcome, Pending
from edge.presence import PresenceNews
from edge.reactions import ReactionNews
from edge.rota import Rota
from edge.sent_away import SentAway
from runtime.refusal import Code, Refused
from store.ids import Position, RoomId, Seq, StoryId
from store.ports import Count

log = structlog.get_logger()

READY_DEADLINE_S = 5.0
"""For a room to be attached when somebody wants in."""

LINGER_S = 30.0
"""A room that nobody on this edge follows any more is left after this."""

BEHIND_S = 5.0
"""Time for a mirror that is behind the position it was told; then the room is attached anew."""

CATCH_UP_S = 1.0
"""For a mirror to reach what a viewer has seen on another edge: mostly it is a network's delay behind."""

_STORY = b'{"t":"story"'

HOLES = Counted("lovelm_edge_holes_total", "Times this edge lacked something of a room", ["found_by"])


class EdgeRoom:
    """One room on this edge. `run` is one task; the rest never waits but for `wait_ready`."""

    def __init__(
        self,
        room: RoomId,
        edge: str,
        actors: RoomActors,
        rota: Rota,
        *,
        window_most_s: float = WINDOW_MOST_S,
        story_opened: Callable[[RoomId, StoryId], None] = lambda _room, _story: None,
    ) -> None:
        """story_opened: called for every story that goes by to the viewers."""
        self.room = room
        self._story_opened = story_opened
        self.channel = channel_of(room)
        self._mirror: RoomMirror | None = None
        self._audience = Audience(rota, window_most_s=window_most_s, on_failure=self.fail)
        self._pending = Pending()
        self._sent_away = SentAway()
        self._presence = PresenceNews()
        self._reactions = ReactionNews()
        self._stories_changed = False
        self._work = trio.Event()
        self._known = trio.Event()
        self._advanced = trio.Event()
        """Set, and replaced by a new one, when the mirror has gone on."""
        self._attachment = Attachment(room, edge, actors, self)
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
        """None until the first attach, and when the room is none after all."""
        return self._mirror if self._refused is None else None

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
        return self._audience.count

    @property
    def window_s(self) -> float:
        """How long what is published gathers before it leaves for the viewers here."""
        return self._audience.window_s

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
        if self._audience.add(follower):
            self._touch_presence()

    def leave(self, follower: Follower) -> None:
        """Gets nothing more. Does nothing for one who does not follow."""
        if self._audience.remove(follower):
            self.want()
            self._touch_presence()

    def ask(self, command: wire.Command, answer: Callable[[Outcome], None]) -> None:
        """Hands a command to the actor; `answer` is called once, when it is durable or refused."""
        if self._refused is not None:
            answer(self._refused)
            return
        self._pending.add(command, answer, trio.current_time())
        if self._pending.has_unsent:
            self._work.set()

    def react(self, kind: str) -> None:
        """Counts a reaction; the actor is told the sums."""
        self._reactions.add(kind)
        self._work.set()

    def stories_changed(self) -> None:
        """Hints to the actor that the store has other stories now. It may get lost: the actor looks by itself, too."""
        self._stories_changed = True
        self._work.set()

    # -- life -----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Stays attached until nobody has followed for a while or the room does not exist."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._attachment.run)
            nursery.start_soon(self._sent_away.run)
            while not self._is_deserted():
                await trio.sleep(1.0)
                self._pending.expire(trio.current_time())
                self._check_position()
                self._presence.window_is(self.window_s)
                self._work.set()
            self.is_leaving = True
            nursery.cancel_scope.cancel()

    def fail(self) -> None:
        """Sends everybody away who waits or follows."""
        self.is_leaving = True
        self._refuse_all(Refused(Code.INTERNAL, "the room has to be opened anew"))
        self._sent_away.add(self._audience.clear())
        self._sent_away.close_all(Close.SERVER_ERROR)

    def _is_deserted(self) -> bool:
        if self.is_leaving:  # it has failed
            return True
        if self._audience.count.connections or self._sent_away or self._pending:
            return False
        return self._refused is not None or trio.current_time() - self._wanted_s > LINGER_S

    def _check_position(self) -> None:
        """Attaches anew when something was lost on the way. At its position: viewers get what they lack, or 3010."""
        if self._behind is None or self._mirror is None:
            return
        told, since_s = self._behind
        if self._mirror.has_reached(told):
            self._behind = None
        elif trio.current_time() - since_s > BEHIND_S:
            self._find_hole("position")
            self._attachment.renew()

    def _find_hole(self, found_by: str) -> None:
        self._behind = None
        HOLES.labels(found_by).inc()
        log.warning("room_has_a_hole", room=self.room, found_by=found_by, followers=self.count.connections)

    # -- for the stream to the actor ------------------------------------------------------------------

    @property
    def position(self) -> Position | None:
        """How far this edge has seen the room."""
        return self._mirror.position if self._mirror is not None else None

    def no_such_room(self) -> None:
        self._refuse_all(Refused(Code.UNKNOWN_CHANNEL, "no such room"))
        for follower in self._audience.clear():  # it was one once; they find out when they come back
            follower.close(Close.SERVER_ERROR)

    async def has_room(self) -> None:
        """Waits while too much is on its way to the followers."""
        await self._audience.has_room()

    async def send_up(self, call: AttachCall) -> None:
        self._pending.begin_stream()
        self._presence.begin_stream()
        try:
            while True:
                await self._has_news()
                now_s = trio.current_time()
                told = self._presence.take(self.count, self.window_s, now_s)
                stories_changed, self._stories_changed = self._stories_changed, False
                batch = wire.batch(
                    self._pending.take_unsent(),
                    (told.here.connections, told.here.viewers) if told is not None else None,
                    window_ms=told.window_ms if told is not None else 0,
                    reactions=self._reactions.take(now_s),
                    stories_changed=stories_changed,
                )
                await call.write(batch)
        finally:
            self._pending.end_stream()

    async def _has_news(self) -> None:
        """Waits for a command, or until the actor should be told who is here or how they react."""
        while not (self._pending.has_unsent or self._stories_changed):
            due_s = min(self._presence.due_s(), self._reactions.due_s())
            if due_s <= trio.current_time():
                return
            self._work = trio.Event()
            with trio.move_on_at(due_s):
                await self._work.wait()

    def _touch_presence(self) -> None:
        self._presence.count_changed()
        self._work.set()

    def welcome(self, welcome: Welcome) -> None:
        if self._mirror is None:
            self._mirror = RoomMirror(welcome)
        else:
            missed = self._mirror.resume(welcome)
            if missed is None:
                self._find_hole("attach")
                self._sent_away.add(self._audience.clear())
            else:
                self._publish(missed)
        self._behind = None
        self._known.set()
        self._tell_advanced()

    def take(self, items: list[wire.Item]) -> bool:
        """False: there is a hole, and a new attach is needed. What came in order before it goes to the viewers."""
        publications: list[Publication] = []
        try:
            for item in items:
                match item:
                    case Publication() if self._mirror is not None:
                        self._mirror.apply(item)
                        publications.append(item)
                    case wire.Verdict(request, outcome):
                        self._pending.answer(request, self._outcome(outcome))
                    case wire.PositionTold(position):
                        self.note_position(position)
        except OutOfOrder:
            self._find_hole("order")
            return False
        finally:
            self._publish(publications)
            self._tell_advanced()
        return True

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
        self._audience.publish([frames.push_of(self.channel, publication) for publication in publications])
        for publication in publications:
            if publication.data.startswith(_STORY):
                self._story_opened(self.room, StoryId(msgspec.json.decode(publication.data)["story"]))

    def _refuse_all(self, refused: Refused) -> None:
        self._refused = refused
        self._pending.answer_all(refused)
        self._known.set()
