"""Owns the translation between the show service's messages and our own types. Generated code ends here."""

import msgspec

from protos.room.v1 import room_pb2 as pb
from room_actor.commands import (
    CloseShow,
    Donate,
    EndShow,
    Enter,
    FixSlowMode,
    Leave,
    Move,
    OpenPoll,
    Pin,
    Retract,
    SetKnobs,
    Skip,
    Unpin,
    Wish,
)
from room_actor.directing import EndPoll, OpenTold, OperatorAct
from room_actor.events import Key
from room_actor.show import Happening
from room_actor.wire import BadMessage, read_id, write_refusal
from runtime.refusal import Refused
from store.ids import ClientId, PersonaId, Seq, StoryId, ViewerId

NAME_MAX_CHARS = 64
KNOBS_MAX_BYTES = 4_096

OPERATOR = "op:"
PAYMENTS = ViewerId("pay:")
"""Under whose name a donation stands in the log: its id names it, whoever passed it on. No viewer is called so."""


def read_key(request: pb.DirectRequest) -> Key:
    """Under which name an act is one act. Raises BadMessage."""
    operator = read_id("operator", request.operator, NAME_MAX_CHARS)
    request_id = read_id("request_id", request.request_id, NAME_MAX_CHARS)
    if request.WhichOneof("act") == "donation":
        return PAYMENTS, ClientId(read_id("donation.id", request.donation.id, NAME_MAX_CHARS))
    return ViewerId(OPERATOR + operator), ClientId(request_id)


def read_act(request: pb.DirectRequest, *, name: str) -> OperatorAct:
    """What is asked. name: for the poll or the wish that comes of it. Raises BadMessage."""
    match request.WhichOneof("act"):
        case "start":
            return Move(Happening.STARTED, "operator")
        case "end":
            return CloseShow() if request.end.at_once else EndShow()
        case "break":
            return Move(Happening.PAUSED, "operator")
        case "resume":
            return Move(Happening.RESUMED, "operator")
        case "enter":
            return Enter(PersonaId(request.enter.persona))
        case "leave":
            return Leave(PersonaId(request.leave.persona))
        case "open_story":
            wanted = request.open_story
            return OpenTold(StoryId(wanted.story) if wanted.story else None, wanted.panel)
        case "skip":
            return Skip()
        case "answer":
            return Wish(name, "answer", of=Seq(request.answer.of))
        case "say":
            persona = PersonaId(request.say.persona) if request.say.persona else None
            return Wish(name, "say", persona, request.say.text)
        case "pin":
            return Pin(request.pin.text, Seq(request.pin.of))
        case "unpin":
            return Unpin()
        case "open_poll":
            poll = request.open_poll
            return OpenPoll(name, poll.question, tuple(poll.options), poll.seconds)
        case "close_poll":
            return EndPoll()
        case "slow_mode":
            return FixSlowMode(None if request.slow_mode.automatic else request.slow_mode.seconds)
        case "set_knobs":
            return SetKnobs(_object("knobs", request.set_knobs.knobs))
        case "donation":
            return _donate(request.donation)
        case "retract":
            return Retract(Seq(request.retract.of))
        case _:
            raise BadMessage("act: one of those of room.proto")


def _donate(donation: pb.Donation) -> Donate:
    return Donate(
        donation.id,
        ViewerId(donation.viewer),
        donation.nick,
        donation.amount,
        donation.currency,
        donation.text,
    )


def _object(field: str, data: bytes) -> dict[str, object]:
    try:
        if len(data) > KNOBS_MAX_BYTES:
            raise msgspec.DecodeError
        return msgspec.json.decode(data, type=dict[str, object])
    except msgspec.DecodeError as exc:
        raise BadMessage(f"{field}: a JSON object of at most {KNOBS_MAX_BYTES} bytes") from exc


def write_outcome(outcome: Seq | Refused) -> pb.DirectResponse:
    if isinstance(outcome, Refused):
        return pb.DirectResponse(refusal=write_refusal(outcome))
    return pb.DirectResponse(offset=outcome)
