"""Owns the translation between the room service's messages and the edge's own types. Generated code ends here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

import msgspec

from edge.mirror import Publication, Welcome
from protos.room.v1 import room_pb2 as pb
from runtime.refusal import Code, Refused
from store.ids import ClientId, LogEpoch, Position, RoomId, Seq, StoryId, ViewerId


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a command: its place in the log, or why it was refused."""

    request: int
    outcome: Seq | Refused


@dataclass(frozen=True, slots=True)
class Moved:
    """The actor serves the room no longer. owner_addr: where to go, may be empty."""

    owner_addr: str


@dataclass(frozen=True, slots=True)
class PositionTold:
    """Where the room stands; everything up to it was sent before."""

    position: Position


Item = Welcome | Publication | Verdict | Moved | PositionTold


@dataclass(frozen=True, slots=True)
class Say:
    """A viewer's line on its way up."""

    viewer: ViewerId
    nick: str
    client_id: ClientId
    text: str


@dataclass(frozen=True, slots=True)
class Vote:
    """A viewer's vote. choice: place among the options, from 0."""

    viewer: ViewerId
    poll: str
    choice: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The teller of a story takes it back."""

    viewer: ViewerId
    story: StoryId


Command = Say | Vote | Withdraw
"""What gets one verdict. The same one again is harmless."""

Request = tuple[int, Command]
"""With the number by which the verdict names it."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who acts on a show, and under what name the act is known: the same one twice is one act."""

    name: str
    request_id: str


def hello(edge: str, room: RoomId, known: Position | None) -> pb.AttachRequest:
    position = pb.Position(epoch=known.epoch, offset=known.offset) if known is not None else None
    return pb.AttachRequest(hello=pb.Hello(edge=edge, room=room, position=position))


def batch(
    requests: Iterable[Request],
    presence: tuple[int, int] | None,
    *,
    window_ms: int = 0,
    reactions: Mapping[str, int] | None = None,
    stories_changed: bool = False,
) -> pb.AttachRequest:
    """presence: (connections, viewers), when it or the window changed. window_ms: how long this edge gathers the room's
    events before it sends them; goes with the presence. reactions: how many came since the last batch, by kind."""
    told = None
    if presence is not None:
        told = pb.Presence(connections=presence[0], viewers=presence[1], window_ms=window_ms)
    return pb.AttachRequest(
        batch=pb.CommandBatch(
            commands=[_command(request, command) for request, command in requests],
            presence=told,
            reactions=reactions,
            stories_changed=stories_changed,
        )
    )


def _command(request: int, command: Command) -> pb.Command:
    if isinstance(command, Say):  # what comes by the thousand
        say = pb.Say(viewer=command.viewer, nick=command.nick, client_id=command.client_id, text=command.text)
        return pb.Command(request=request, say=say)
    match command:
        case Vote(viewer, poll, choice):
            return pb.Command(request=request, vote=pb.Vote(viewer=viewer, poll=poll, choice=choice))
        case Withdraw(viewer, story):
            return pb.Command(request=request, withdraw=pb.Withdraw(viewer=viewer, story=story))
        case _:
            assert_never(command)


def direct(room: RoomId, by: Operator, act: str, fields: Mapping[str, Any]) -> pb.DirectRequest:
    """act: the name of one of the request's acts, fields: its own."""
    return pb.DirectRequest(room=room, operator=by.name, request_id=by.request_id, **{act: fields})


def read_directed(response: pb.DirectResponse) -> Seq | Refused:
    return _refused(response.refusal) if response.HasField("refusal") else Seq(response.offset)


def get_show(room: RoomId) -> pb.GetShowRequest:
    return pb.GetShowRequest(room=room)


def read_items(response: pb.AttachResponse) -> list[Item]:
    """Items in order; kinds of a newer version are left out."""
    items: list[Item] = []
    for item in response.items:
        match item.WhichOneof("kind"):
            case "publication":
                items.append(_publication(item.publication))
            case "verdict":
                items.append(_verdict(item.verdict))
            case "welcome":
                items.append(_welcome(item.welcome))
            case "moved":
                items.append(Moved(item.moved.owner_address))
            case "position":
                items.append(PositionTold(_position(item.position)))
    return items


def _position(position: pb.Position) -> Position:
    return Position(LogEpoch(position.epoch), Seq(position.offset))


def _publication(publication: pb.Publication) -> Publication:
    return Publication(Seq(publication.offset), publication.data)


def _verdict(verdict: pb.Verdict) -> Verdict:
    if not verdict.HasField("refusal"):
        return Verdict(verdict.request, Seq(verdict.offset))
    return Verdict(verdict.request, _refused(verdict.refusal))


def _refused(refusal: pb.Refusal) -> Refused:
    try:
        code = Code(refusal.code)
    except ValueError:  # a newer version's
        code = Code.INTERNAL
    return Refused(code, refusal.message)


def _welcome(welcome: pb.Welcome) -> Welcome:
    return Welcome(
        position=_position(welcome.position),
        snapshot=msgspec.json.decode(welcome.snapshot, type=dict),
        recovered=welcome.recovered,
        missed=tuple(_publication(publication) for publication in welcome.missed),
    )
