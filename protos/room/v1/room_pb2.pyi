from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Position(_message.Message):
    __slots__ = ("epoch", "offset")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    epoch: str
    offset: int
    def __init__(self, epoch: _Optional[str] = ..., offset: _Optional[int] = ...) -> None: ...

class AttachRequest(_message.Message):
    __slots__ = ("hello", "batch")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    hello: Hello
    batch: CommandBatch
    def __init__(self, hello: _Optional[_Union[Hello, _Mapping]] = ..., batch: _Optional[_Union[CommandBatch, _Mapping]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("edge", "room", "position")
    EDGE_FIELD_NUMBER: _ClassVar[int]
    ROOM_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    edge: str
    room: str
    position: Position
    def __init__(self, edge: _Optional[str] = ..., room: _Optional[str] = ..., position: _Optional[_Union[Position, _Mapping]] = ...) -> None: ...

class CommandBatch(_message.Message):
    __slots__ = ("commands", "presence")
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    commands: _containers.RepeatedCompositeFieldContainer[Command]
    presence: Presence
    def __init__(self, commands: _Optional[_Iterable[_Union[Command, _Mapping]]] = ..., presence: _Optional[_Union[Presence, _Mapping]] = ...) -> None: ...

class Presence(_message.Message):
    __slots__ = ("connections", "viewers", "window_ms")
    CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    VIEWERS_FIELD_NUMBER: _ClassVar[int]
    WINDOW_MS_FIELD_NUMBER: _ClassVar[int]
    connections: int
    viewers: int
    window_ms: int
    def __init__(self, connections: _Optional[int] = ..., viewers: _Optional[int] = ..., window_ms: _Optional[int] = ...) -> None: ...

class Command(_message.Message):
    __slots__ = ("request", "say")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    SAY_FIELD_NUMBER: _ClassVar[int]
    request: int
    say: Say
    def __init__(self, request: _Optional[int] = ..., say: _Optional[_Union[Say, _Mapping]] = ...) -> None: ...

class Say(_message.Message):
    __slots__ = ("viewer", "nick", "client_id", "text", "badges")
    VIEWER_FIELD_NUMBER: _ClassVar[int]
    NICK_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    BADGES_FIELD_NUMBER: _ClassVar[int]
    viewer: str
    nick: str
    client_id: str
    text: str
    badges: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, viewer: _Optional[str] = ..., nick: _Optional[str] = ..., client_id: _Optional[str] = ..., text: _Optional[str] = ..., badges: _Optional[_Iterable[str]] = ...) -> None: ...

class AttachResponse(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[Item]
    def __init__(self, items: _Optional[_Iterable[_Union[Item, _Mapping]]] = ...) -> None: ...

class Item(_message.Message):
    __slots__ = ("welcome", "publication", "verdict", "moved", "position")
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    PUBLICATION_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    MOVED_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    welcome: Welcome
    publication: Publication
    verdict: Verdict
    moved: Moved
    position: Position
    def __init__(self, welcome: _Optional[_Union[Welcome, _Mapping]] = ..., publication: _Optional[_Union[Publication, _Mapping]] = ..., verdict: _Optional[_Union[Verdict, _Mapping]] = ..., moved: _Optional[_Union[Moved, _Mapping]] = ..., position: _Optional[_Union[Position, _Mapping]] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("position", "snapshot", "recovered", "missed")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    RECOVERED_FIELD_NUMBER: _ClassVar[int]
    MISSED_FIELD_NUMBER: _ClassVar[int]
    position: Position
    snapshot: bytes
    recovered: bool
    missed: _containers.RepeatedCompositeFieldContainer[Publication]
    def __init__(self, position: _Optional[_Union[Position, _Mapping]] = ..., snapshot: _Optional[bytes] = ..., recovered: _Optional[bool] = ..., missed: _Optional[_Iterable[_Union[Publication, _Mapping]]] = ...) -> None: ...

class Publication(_message.Message):
    __slots__ = ("offset", "data")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    offset: int
    data: bytes
    def __init__(self, offset: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class Verdict(_message.Message):
    __slots__ = ("request", "offset", "refusal")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    request: int
    offset: int
    refusal: Refusal
    def __init__(self, request: _Optional[int] = ..., offset: _Optional[int] = ..., refusal: _Optional[_Union[Refusal, _Mapping]] = ...) -> None: ...

class Refusal(_message.Message):
    __slots__ = ("code", "message", "temporary")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TEMPORARY_FIELD_NUMBER: _ClassVar[int]
    code: int
    message: str
    temporary: bool
    def __init__(self, code: _Optional[int] = ..., message: _Optional[str] = ..., temporary: _Optional[bool] = ...) -> None: ...

class Moved(_message.Message):
    __slots__ = ("owner_address",)
    OWNER_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    owner_address: str
    def __init__(self, owner_address: _Optional[str] = ...) -> None: ...

class CloseRequest(_message.Message):
    __slots__ = ("room",)
    ROOM_FIELD_NUMBER: _ClassVar[int]
    room: str
    def __init__(self, room: _Optional[str] = ...) -> None: ...

class CloseResponse(_message.Message):
    __slots__ = ("offset",)
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    offset: int
    def __init__(self, offset: _Optional[int] = ...) -> None: ...

class DrainRequest(_message.Message):
    __slots__ = ("rooms", "to")
    ROOMS_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    rooms: _containers.RepeatedScalarFieldContainer[str]
    to: str
    def __init__(self, rooms: _Optional[_Iterable[str]] = ..., to: _Optional[str] = ...) -> None: ...

class DrainResponse(_message.Message):
    __slots__ = ("released",)
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    released: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, released: _Optional[_Iterable[str]] = ...) -> None: ...

class TakeRequest(_message.Message):
    __slots__ = ("rooms",)
    ROOMS_FIELD_NUMBER: _ClassVar[int]
    rooms: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, rooms: _Optional[_Iterable[str]] = ...) -> None: ...

class TakeResponse(_message.Message):
    __slots__ = ("taken",)
    TAKEN_FIELD_NUMBER: _ClassVar[int]
    taken: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, taken: _Optional[_Iterable[str]] = ...) -> None: ...

class DescribeRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DescribeResponse(_message.Message):
    __slots__ = ("owner", "address", "draining", "rooms")
    OWNER_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    DRAINING_FIELD_NUMBER: _ClassVar[int]
    ROOMS_FIELD_NUMBER: _ClassVar[int]
    owner: str
    address: str
    draining: bool
    rooms: _containers.RepeatedCompositeFieldContainer[RoomInfo]
    def __init__(self, owner: _Optional[str] = ..., address: _Optional[str] = ..., draining: _Optional[bool] = ..., rooms: _Optional[_Iterable[_Union[RoomInfo, _Mapping]]] = ...) -> None: ...

class RoomInfo(_message.Message):
    __slots__ = ("room", "position", "fence", "edges", "connections", "viewers", "waiting_lines", "speaking")
    ROOM_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    EDGES_FIELD_NUMBER: _ClassVar[int]
    CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    VIEWERS_FIELD_NUMBER: _ClassVar[int]
    WAITING_LINES_FIELD_NUMBER: _ClassVar[int]
    SPEAKING_FIELD_NUMBER: _ClassVar[int]
    room: str
    position: Position
    fence: int
    edges: int
    connections: int
    viewers: int
    waiting_lines: int
    speaking: bool
    def __init__(self, room: _Optional[str] = ..., position: _Optional[_Union[Position, _Mapping]] = ..., fence: _Optional[int] = ..., edges: _Optional[int] = ..., connections: _Optional[int] = ..., viewers: _Optional[int] = ..., waiting_lines: _Optional[int] = ..., speaking: _Optional[bool] = ...) -> None: ...
