"""Owns the translation between persona.proto and our values. The only place, with server.py, that knows `_pb2`."""

from typing import assert_never

from google.protobuf.message import DecodeError

from persona_actor.errors import RequestInvalid
from persona_actor.request import (
    Cue,
    Delta,
    Event,
    Finished,
    Line,
    ReplyRequest,
    Started,
    View,
    VoiceName,
    check,
)
from personas.pack import SIGNALS, Mode, Pack
from protos.persona.v1 import persona_pb2 as pb
from store.ids import PersonaId

SERVICE = pb.DESCRIPTOR.services_by_name["PersonaService"].full_name

_MODES: dict[int, Mode | None] = {
    pb.MODE_UNSPECIFIED: None,
    pb.MODE_COUNSEL: "counsel",
    pb.MODE_OPENING: "opening",
    pb.MODE_CLOSING: "closing",
    pb.MODE_IDLE: "idle",
    pb.MODE_THANKS: "thanks",
    pb.MODE_STORY: "story",
    pb.MODE_PANEL: "panel",
    pb.MODE_REACTION: "reaction",
    pb.MODE_RESULT: "result",
}


def read_request(raw: bytes) -> ReplyRequest:
    """A checked request. Raises RequestInvalid when the bytes are no ReplyRequest or break a limit."""
    try:
        message = pb.ReplyRequest.FromString(raw)
    except DecodeError as exc:
        raise RequestInvalid("request", "is not a lovelm.persona.v1.ReplyRequest") from exc
    if message.mode not in _MODES:
        raise RequestInvalid("mode", f"must be one of 0-{max(_MODES)}, is {message.mode}")
    request = ReplyRequest(
        persona=PersonaId(message.persona),
        lines=tuple(_read_line(line) for line in message.lines),
        turn_id=message.turn_id,
        room=message.room,
        mode=_MODES[message.mode],
        context=tuple(_read_line(line) for line in message.context),
        views=tuple(View(PersonaId(view.persona), view.name, view.text) for view in message.views),
        summary=message.summary,
        said=tuple(message.said),
    )
    check(request)
    return request


def _read_line(line: pb.Line) -> Line:
    return Line(id=line.id, nick=line.nick, text=line.text, title=line.title, memory=tuple(line.memory))


def write_event(event: Event) -> bytes:
    """One ReplyEvent, serialized."""
    match event:
        case Started(persona, voice, model):
            message = pb.ReplyEvent(started=pb.Started(persona=persona, voice=voice, model=model))
        case Delta(line_id, text):
            message = pb.ReplyEvent(delta=pb.Delta(line_id=line_id, text=text))
        case Cue(signal, at):
            message = pb.ReplyEvent(cue=pb.Cue(signal=signal, at=at))
        case Finished(text, voice, finish_reason):
            message = pb.ReplyEvent(finished=pb.Finished(text=text, voice=voice, finish_reason=finish_reason))
        case _:
            assert_never(event)
    return message.SerializeToString()


def read_list(raw: bytes) -> None:
    """Raises RequestInvalid when the bytes are no ListPersonasRequest."""
    try:
        pb.ListPersonasRequest.FromString(raw)
    except DecodeError as exc:
        raise RequestInvalid("request", "is not a lovelm.persona.v1.ListPersonasRequest") from exc


def write_list(packs: list[Pack], voice: VoiceName) -> bytes:
    """A ListPersonasResponse in the order of `packs`."""
    personas = [
        pb.Persona(id=p.id, name=p.name, role=p.role, tagline=p.tagline, signals=list(SIGNALS), voice=voice)
        for p in packs
    ]
    return pb.ListPersonasResponse(personas=personas).SerializeToString()
