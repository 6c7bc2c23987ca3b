"""Owns the translation between the room service's messages and our own types. Generated code ends here."""

from collections.abc import Iterable
from typing import assert_never

from protos.room.v1 import room_pb2 as pb
from room_actor.actor import RoomActor
from room_actor.commands import Say, Withdraw
from room_actor.link import Item, Link, Moved, PositionTold, Publication, Verdict, Welcome
from room_actor.record import Letter
from runtime.refusal import Code, Refused
from store.ids import ClientId, LogEpoch, Position, RoomId, Seq, StoryId, ViewerId

ID_MAX_CHARS = 128
ADDRESS_MAX_CHARS = 261  # a host name of 255, a colon, a port of 5


class BadMessage(ValueError):
    """A message breaks a rule of room.proto."""


def read_room(name: str) -> RoomId:
    """A room that may exist. Raises BadMessage."""
    return RoomId(read_id("room", name))


def read_id(field: str, name: str, most_chars: int = ID_MAX_CHARS) -> str:
    """A name that can be printed. Raises BadMessage."""
    if not 1 <= len(name) <= most_chars or not name.isprintable():
        raise BadMessage(f"{field}: 1-{most_chars} printable characters")
    return name


def read_address(text: str) -> str:
    """host:port. Raises BadMessage."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not text.isprintable() or len(text) > ADDRESS_MAX_CHARS:
        raise BadMessage("an address is host:port")
    return text


def read_hello(request: pb.AttachRequest) -> tuple[str, RoomId, Position | None]:
    """(edge, room, what the edge knows). Raises BadMessage."""
    if request.WhichOneof("kind") != "hello":
        raise BadMessage("the first message must be hello")
    hello = request.hello
    edge, room = read_id("edge", hello.edge), read_room(hello.room)
    known = None
    if hello.HasField("position"):
        known = Position(LogEpoch(hello.position.epoch), Seq(hello.position.offset))
    return edge, room, known


def deliver(request: pb.AttachRequest, link: Link, actor: RoomActor) -> None:
    """Hands a batch of an edge to the actor. An unknown command is refused; the stream goes on. Raises
    BadMessage for anything but a batch."""
    if request.WhichOneof("kind") != "batch":
        raise BadMessage("after hello come batches only")
    batch = request.batch
    if batch.HasField("presence"):
        presence = batch.presence
        actor.set_presence(
            link,
            connections=presence.connections,
            viewers=presence.viewers,
            window_ms=presence.window_ms,
        )
    if batch.reactions:
        actor.react(batch.reactions)
    if batch.stories_changed:
        actor.look_for_stories()
    for command in batch.commands:
        _deliver(command, link, actor)


def _deliver(command: pb.Command, link: Link, actor: RoomActor) -> None:
    request = command.request
    match command.WhichOneof("kind"):
        case "say":
            actor.ask(Letter(_say(command.say), link, request))
        case "vote":
            vote = command.vote
            actor.vote(link, request, viewer=ViewerId(vote.viewer), poll=vote.poll, choice=vote.choice)
        case "withdraw":
            actor.ask(Letter(Withdraw(StoryId(command.withdraw.story)), link, request))
        case _:
            link.send(Verdict(request, Refused(Code.METHOD_NOT_FOUND, "unknown command")))


def _say(say: pb.Say) -> Say:
    return Say(ViewerId(say.viewer), say.nick, ClientId(say.client_id), say.text, tuple(say.badges))


def write_items(items: Iterable[Item]) -> pb.AttachResponse:
    return pb.AttachResponse(items=[_item(item) for item in items])


def _item(item: Item) -> pb.Item:
    match item:
        case Publication():
            return pb.Item(publication=_publication(item))
        case Verdict():
            return pb.Item(verdict=_verdict(item))
        case Welcome():
            return pb.Item(
                welcome=pb.Welcome(
                    position=write_position(item.position),
                    snapshot=item.snapshot,
                    recovered=item.recovered,
                    missed=[_publication(publication) for publication in item.missed],
                )
            )
        case Moved(owner_addr):
            return pb.Item(moved=pb.Moved(owner_address=owner_addr))
        case PositionTold(position):
            return pb.Item(position=write_position(position))
        case _:
            assert_never(item)


def _verdict(verdict: Verdict) -> pb.Verdict:
    outcome = verdict.outcome
    if isinstance(outcome, Refused):
        return pb.Verdict(request=verdict.request, refusal=write_refusal(outcome))
    return pb.Verdict(request=verdict.request, offset=outcome)


def write_refusal(refused: Refused) -> pb.Refusal:
    return pb.Refusal(code=refused.code, message=refused.text, temporary=refused.temporary)


def _publication(publication: Publication) -> pb.Publication:
    return pb.Publication(offset=publication.offset, data=publication.data)


def write_position(position: Position) -> pb.Position:
    return pb.Position(epoch=position.epoch, offset=position.offset)


def room_info(actor: RoomActor) -> pb.RoomInfo:
    return pb.RoomInfo(
        room=actor.room,
        position=write_position(actor.position),
        fence=actor.fence,
        edges=len(actor.edges),
        connections=actor.edges.connections,
        viewers=actor.edges.viewers,
        waiting_lines=actor.waiting_lines,
        speaking=actor.is_speaking,
    )
