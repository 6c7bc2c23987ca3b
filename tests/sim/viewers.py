"""Owns the simulated viewers: clients of the viewer protocol on the edges' own `Connection`, that say lines, vote, tell
stories, repeat what was not answered, lose their connections, read slowly, and come back by position. They write down
all they see.
"""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import trio

from edge.close_codes import Close
from edge.stream import OUTBOX_BYTES
from runtime.refusal import Code
from tests.chaos import history
from tests.chaos.promises import Voted
from tests.sim.processes import EdgeProcess
from tests.sim.sockets import SimSocket

SLOW_OUTBOX_BYTES = 1_500
"""Of a slow viewer: small, so that a show's few lines can fill it."""

ANSWER_S = 12.0
"""Then a client sends the line again."""


VOTES = 0.7
"""How many of those who see a poll vote in it."""

STORY = "사귄 지 일 년 된 사람과 요즘 연락이 줄었어요. 먼저 물어봐도 될지, 기다려야 할지 모르겠어요."
"""What every teller tells: stories are told apart by their ids."""


@dataclass(slots=True)
class _Line:
    """What was asked and has no answer: a line or another rpc. sent_s: None: it waits for a connection, or for its next
    try."""

    method: str
    data: dict[str, Any]
    sent_s: float | None = None
    next_s: float = 0.0


@dataclass
class SimViewer:
    """One person at one window."""

    name: str
    identity: str
    room: str
    rng: Random
    edges: dict[str, EdgeProcess]
    nursery: trio.Nursery
    record: history.Record = field(init=False)
    position: tuple[str, int] | None = None
    lines: dict[str, _Line] = field(default_factory=dict)
    edge: str = ""
    """Where it is subscribed now; empty: nowhere."""
    pause_s: float = 0.0
    """A slow reader waits so long between two reads."""
    was_slow: bool = False
    repeats: int = 0
    recoveries: int = 0
    too_slow: int = 0
    most_bytes: int = 0
    may_lack: bool = False
    """The edge's memory is so small that it may send its viewers to recover."""
    come_s: float = 0.0
    """Not before."""
    votes: dict[str, Voted] = field(default_factory=dict)
    """By poll."""
    may_vote: bool = False
    told: list[str] = field(default_factory=list)
    """Stories that wait, or did."""
    stays: list[tuple[float, float]] = field(default_factory=list)
    """When it was there, from and to."""
    _came_s: float | None = None
    _socket: SimSocket | None = None
    _commands: dict[int, str] = field(default_factory=dict)
    _polls: set[str] = field(default_factory=set)
    _numbers: int = 0
    _wanted: trio.Event = field(default_factory=trio.Event)

    def __post_init__(self) -> None:
        self.record = history.Record(self.name, self.identity)

    @property
    def channel(self) -> str:
        return f"room:{self.room}"

    async def run(self) -> None:
        """Comes, and comes back, for ever."""
        while True:
            await trio.sleep_until(self.come_s)
            edge = self.rng.choice(sorted(self.edges))
            socket = SimSocket(SLOW_OUTBOX_BYTES if self.was_slow else OUTBOX_BYTES)
            if self.edges[edge].accept(socket):
                await self._visit(edge, socket)
            await trio.sleep(self.rng.uniform(0.02, 0.6))

    def become_slow(self, pause_s: float) -> None:
        """Reads seldom from now on, over a connection that holds little."""
        self.pause_s, self.was_slow = pause_s, True
        self.cut()

    def stay_away(self, lasts_s: float) -> None:
        """Leaves, and comes back after that."""
        self.come_s = trio.current_time() + lasts_s
        self.cut()

    def repeat(self) -> None:
        """Sends a line again that was acknowledged long ago."""
        said = [event for event in self.record.events if isinstance(event, history.Said)]
        if said:
            self.say(said[0].id, said[0].text)

    def say(self, client_id: str, text: str) -> None:
        self.record.events.append(history.Said(trio.current_time(), client_id, text))
        self.ask(client_id, "say", id=client_id, text=text)

    def ask(self, name: str, method: str, **data: Any) -> None:
        """Asks by rpc, again and again, until there is an answer."""
        self.lines[name] = _Line(method, {"channel": self.channel, **data})
        self._wanted.set()

    def tell(self, name: str, *, anonymous: bool) -> None:
        """Tells a story."""
        about: dict[str, Any] = {"stage": "dating", "age_band": "25-29", "anonymous": anonymous}
        self.ask(name, "tell", id=name, title="연락이 줄었어요", text=STORY, may_clip=False, **about)

    def withdraw(self, name: str) -> None:
        """Takes back what it told last, if anything."""
        if self.told:
            self.ask(name, "withdraw", story=self.told[-1])

    async def _vote_soon(self, poll: str, options: int) -> None:
        await trio.sleep(self.rng.uniform(0.0, 6.0))
        choice = self.rng.randrange(options)
        self.votes[poll] = Voted(self.identity, poll, choice, trio.current_time(), None)
        self.ask(f"vote {poll}", "vote", poll=poll, choice=choice)

    def _sees_poll(self, poll: dict[str, Any] | None) -> None:
        if self.may_vote and poll is not None and poll["poll"] not in self._polls:
            self._polls.add(poll["poll"])
            if self.rng.random() < VOTES:
                self.nursery.start_soon(self._vote_soon, poll["poll"], len(poll["options"]))

    def cut(self) -> None:
        """The viewer's network breaks; the edge notices a little later."""
        socket = self._socket
        if socket is not None:
            socket.cut(self.rng)
            self.nursery.start_soon(self._let_edge_notice, socket)

    async def _let_edge_notice(self, socket: SimSocket) -> None:
        await trio.sleep(self.rng.choice((0.0, 0.1, 3.0)))
        socket.noticed()

    # -- one connection -------------------------------------------------------------------------------

    async def _visit(self, edge: str, socket: SimSocket) -> None:
        self._socket = socket
        self._came_s = trio.current_time()
        self._commands.clear()
        for line in self.lines.values():
            line.sent_s, line.next_s = None, 0.0
        self._command("connect", {"token": self.identity, "name": "sim"}, "connect")
        subscribe: dict[str, Any] = {"channel": self.channel}
        if self.position is not None:
            subscribe |= {"recover": True, "epoch": self.position[0], "offset": self.position[1]}
        self._command("subscribe", subscribe, "subscribe")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._speak)
            await self._listen(edge, socket)
            nursery.cancel_scope.cancel()
        self.edge, self._socket = "", None
        self.ends_stay()
        self.most_bytes = max(self.most_bytes, socket.most_bytes)

    def ends_stay(self) -> None:
        """Notes until when it was in."""
        if self._came_s is not None:
            self.stays.append((self._came_s, trio.current_time()))
            self._came_s = None

    def _command(self, method: str, params: dict[str, Any], what: str) -> None:
        self._numbers += 1
        self._commands[self._numbers] = what
        if self._socket is not None:
            self._socket.send({"id": self._numbers, method: params})

    async def _listen(self, edge: str, socket: SimSocket) -> None:
        while True:
            if self.pause_s:
                await trio.sleep(self.pause_s)
            messages = await socket.receive()
            for message in messages:
                self._take(edge, message)
            if socket.close_code is not None and not messages:
                break
        if socket.close_code == Close.SLOW and self.was_slow:
            self.too_slow += 1
        elif socket.close_code != 1006 and not (
            socket.close_code == Close.INSUFFICIENT_STATE and self.may_lack
        ):
            code = socket.close_code or 0
            self.record.events.append(history.Closed(trio.current_time(), edge, code))

    async def _speak(self) -> None:
        """Sends what is due, and again what got no answer in time."""
        while True:
            now_s = trio.current_time()
            due_s = now_s + 60.0
            for client_id, line in self.lines.items():
                at_s = line.next_s if line.sent_s is None else line.sent_s + ANSWER_S
                if at_s <= now_s:
                    line.sent_s = now_s
                    self._command("rpc", {"method": line.method, "data": line.data}, client_id)
                    at_s = now_s + ANSWER_S
                due_s = min(due_s, at_s)
            self._wanted = trio.Event()
            with trio.move_on_at(due_s):
                await self._wanted.wait()

    # -- what comes -----------------------------------------------------------------------------------

    def _take(self, edge: str, message: dict[str, Any]) -> None:
        if not message:
            if self._socket is not None:
                self._socket.send({})
        elif "push" in message:
            pub = message["push"]["pub"]
            offset = pub.get("offset", 0)
            self.record.events.append(history.Published(trio.current_time(), offset, pub["data"]))
            if pub["data"].get("what") == "poll_opened":
                self._sees_poll(pub["data"])
            if offset and self.position is not None:
                self.position = (self.position[0], offset)
        else:
            self._answered(edge, self._commands.pop(message["id"]), message)

    def _answered(self, edge: str, what: str, message: dict[str, Any]) -> None:
        if "error" in message:
            self._refused(what, message["error"])
        elif what == "connect":
            self.record.events.append(history.Connected(trio.current_time(), edge))
        elif what == "subscribe":
            self._entered(edge, message["subscribe"])
        else:
            self._done(what, message["rpc"]["data"])

    def _done(self, what: str, answer: dict[str, Any]) -> None:
        line = self.lines.pop(what, None)
        method = line.method if line is not None else "say"
        if method == "say":
            event = history.Acknowledged(trio.current_time(), what, answer["offset"])
            self.record.events.append(event)
        elif method == "tell":
            self.told.append(answer["story"])
        elif method == "vote" and line is not None:
            vote = self.votes[line.data["poll"]]
            self.votes[vote.poll] = replace(vote, acknowledged_s=trio.current_time())

    def _refused(self, what: str, error: dict[str, Any]) -> None:
        is_temporary = error.get("temporary", False)
        if what in ("connect", "subscribe"):
            if not is_temporary:
                self.record.events.append(history.Refused(trio.current_time(), what, error["code"], False))
            self.cut()
            return
        line = self.lines.get(what)
        if line is not None and line.method != "say" and not is_temporary:
            del self.lines[what]  # that is an answer, too
            return
        event = history.Refused(trio.current_time(), what, error["code"], is_temporary)
        self.record.events.append(event)
        if not is_temporary and error["code"] == Code.ROOM_OVER:
            self.lines.pop(what, None)
            return
        if line is not None:
            self.repeats += 1
            line.sent_s, line.next_s = None, trio.current_time() + self.rng.uniform(0.05, 1.0)
            self._wanted.set()

    def _entered(self, edge: str, result: dict[str, Any]) -> None:
        self.edge = edge
        self.recoveries += result["was_recovering"]
        self.record.events.append(
            history.Entered(
                trio.current_time(),
                edge,
                result["epoch"],
                result["offset"],
                result["was_recovering"],
                result["recovered"],
                result["publications"],
                result["data"]["reply"],
            )
        )
        self.position = (result["epoch"], result["offset"])
        self._sees_poll(result["data"].get("poll"))
