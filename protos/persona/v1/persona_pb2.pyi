from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MODE_UNSPECIFIED: _ClassVar[Mode]
    MODE_COUNSEL: _ClassVar[Mode]
    MODE_OPENING: _ClassVar[Mode]
    MODE_CLOSING: _ClassVar[Mode]
    MODE_IDLE: _ClassVar[Mode]
    MODE_THANKS: _ClassVar[Mode]
    MODE_STORY: _ClassVar[Mode]
    MODE_PANEL: _ClassVar[Mode]
    MODE_REACTION: _ClassVar[Mode]
    MODE_RESULT: _ClassVar[Mode]
MODE_UNSPECIFIED: Mode
MODE_COUNSEL: Mode
MODE_OPENING: Mode
MODE_CLOSING: Mode
MODE_IDLE: Mode
MODE_THANKS: Mode
MODE_STORY: Mode
MODE_PANEL: Mode
MODE_REACTION: Mode
MODE_RESULT: Mode

class ListPersonasRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListPersonasResponse(_message.Message):
    __slots__ = ("personas",)
    PERSONAS_FIELD_NUMBER: _ClassVar[int]
    personas: _containers.RepeatedCompositeFieldContainer[Persona]
    def __init__(self, personas: _Optional[_Iterable[_Union[Persona, _Mapping]]] = ...) -> None: ...

class Persona(_message.Message):
    __slots__ = ("id", "name", "role", "tagline", "signals", "voice")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    TAGLINE_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    role: str
    tagline: str
    signals: _containers.RepeatedScalarFieldContainer[str]
    voice: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., role: _Optional[str] = ..., tagline: _Optional[str] = ..., signals: _Optional[_Iterable[str]] = ..., voice: _Optional[str] = ...) -> None: ...

class Line(_message.Message):
    __slots__ = ("id", "nick", "text", "title", "memory")
    ID_FIELD_NUMBER: _ClassVar[int]
    NICK_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    MEMORY_FIELD_NUMBER: _ClassVar[int]
    id: str
    nick: str
    text: str
    title: str
    memory: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., nick: _Optional[str] = ..., text: _Optional[str] = ..., title: _Optional[str] = ..., memory: _Optional[_Iterable[str]] = ...) -> None: ...

class View(_message.Message):
    __slots__ = ("persona", "name", "text")
    PERSONA_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    persona: str
    name: str
    text: str
    def __init__(self, persona: _Optional[str] = ..., name: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class ReplyRequest(_message.Message):
    __slots__ = ("persona", "lines", "turn_id", "room", "mode", "context", "views", "summary", "said")
    PERSONA_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    TURN_ID_FIELD_NUMBER: _ClassVar[int]
    ROOM_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    VIEWS_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    SAID_FIELD_NUMBER: _ClassVar[int]
    persona: str
    lines: _containers.RepeatedCompositeFieldContainer[Line]
    turn_id: str
    room: str
    mode: Mode
    context: _containers.RepeatedCompositeFieldContainer[Line]
    views: _containers.RepeatedCompositeFieldContainer[View]
    summary: str
    said: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, persona: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[Line, _Mapping]]] = ..., turn_id: _Optional[str] = ..., room: _Optional[str] = ..., mode: _Optional[_Union[Mode, str]] = ..., context: _Optional[_Iterable[_Union[Line, _Mapping]]] = ..., views: _Optional[_Iterable[_Union[View, _Mapping]]] = ..., summary: _Optional[str] = ..., said: _Optional[_Iterable[str]] = ...) -> None: ...

class ReplyEvent(_message.Message):
    __slots__ = ("started", "delta", "cue", "finished")
    STARTED_FIELD_NUMBER: _ClassVar[int]
    DELTA_FIELD_NUMBER: _ClassVar[int]
    CUE_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    started: Started
    delta: Delta
    cue: Cue
    finished: Finished
    def __init__(self, started: _Optional[_Union[Started, _Mapping]] = ..., delta: _Optional[_Union[Delta, _Mapping]] = ..., cue: _Optional[_Union[Cue, _Mapping]] = ..., finished: _Optional[_Union[Finished, _Mapping]] = ...) -> None: ...

class Started(_message.Message):
    __slots__ = ("persona", "voice", "model")
    PERSONA_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    persona: str
    voice: str
    model: str
    def __init__(self, persona: _Optional[str] = ..., voice: _Optional[str] = ..., model: _Optional[str] = ...) -> None: ...

class Delta(_message.Message):
    __slots__ = ("line_id", "text")
    LINE_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    line_id: str
    text: str
    def __init__(self, line_id: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class Cue(_message.Message):
    __slots__ = ("signal", "at")
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    signal: str
    at: int
    def __init__(self, signal: _Optional[str] = ..., at: _Optional[int] = ...) -> None: ...

class Finished(_message.Message):
    __slots__ = ("text", "voice", "finish_reason")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    FINISH_REASON_FIELD_NUMBER: _ClassVar[int]
    text: str
    voice: str
    finish_reason: str
    def __init__(self, text: _Optional[str] = ..., voice: _Optional[str] = ..., finish_reason: _Optional[str] = ...) -> None: ...
