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
    __slots__ = ("commands", "presence", "reactions", "stories_changed")
    class ReactionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    REACTIONS_FIELD_NUMBER: _ClassVar[int]
    STORIES_CHANGED_FIELD_NUMBER: _ClassVar[int]
    commands: _containers.RepeatedCompositeFieldContainer[Command]
    presence: Presence
    reactions: _containers.ScalarMap[str, int]
    stories_changed: bool
    def __init__(self, commands: _Optional[_Iterable[_Union[Command, _Mapping]]] = ..., presence: _Optional[_Union[Presence, _Mapping]] = ..., reactions: _Optional[_Mapping[str, int]] = ..., stories_changed: _Optional[bool] = ...) -> None: ...

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
    __slots__ = ("request", "say", "vote", "withdraw")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    SAY_FIELD_NUMBER: _ClassVar[int]
    VOTE_FIELD_NUMBER: _ClassVar[int]
    WITHDRAW_FIELD_NUMBER: _ClassVar[int]
    request: int
    say: Say
    vote: Vote
    withdraw: Withdraw
    def __init__(self, request: _Optional[int] = ..., say: _Optional[_Union[Say, _Mapping]] = ..., vote: _Optional[_Union[Vote, _Mapping]] = ..., withdraw: _Optional[_Union[Withdraw, _Mapping]] = ...) -> None: ...

class Vote(_message.Message):
    __slots__ = ("viewer", "poll", "choice")
    VIEWER_FIELD_NUMBER: _ClassVar[int]
    POLL_FIELD_NUMBER: _ClassVar[int]
    CHOICE_FIELD_NUMBER: _ClassVar[int]
    viewer: str
    poll: str
    choice: int
    def __init__(self, viewer: _Optional[str] = ..., poll: _Optional[str] = ..., choice: _Optional[int] = ...) -> None: ...

class Withdraw(_message.Message):
    __slots__ = ("viewer", "story")
    VIEWER_FIELD_NUMBER: _ClassVar[int]
    STORY_FIELD_NUMBER: _ClassVar[int]
    viewer: str
    story: str
    def __init__(self, viewer: _Optional[str] = ..., story: _Optional[str] = ...) -> None: ...

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

class DirectRequest(_message.Message):
    __slots__ = ("room", "operator", "request_id", "start", "end", "resume", "enter", "leave", "open_story", "skip", "answer", "say", "pin", "unpin", "open_poll", "close_poll", "slow_mode", "set_knobs", "donation", "retract")
    ROOM_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    BREAK_FIELD_NUMBER: _ClassVar[int]
    RESUME_FIELD_NUMBER: _ClassVar[int]
    ENTER_FIELD_NUMBER: _ClassVar[int]
    LEAVE_FIELD_NUMBER: _ClassVar[int]
    OPEN_STORY_FIELD_NUMBER: _ClassVar[int]
    SKIP_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    SAY_FIELD_NUMBER: _ClassVar[int]
    PIN_FIELD_NUMBER: _ClassVar[int]
    UNPIN_FIELD_NUMBER: _ClassVar[int]
    OPEN_POLL_FIELD_NUMBER: _ClassVar[int]
    CLOSE_POLL_FIELD_NUMBER: _ClassVar[int]
    SLOW_MODE_FIELD_NUMBER: _ClassVar[int]
    SET_KNOBS_FIELD_NUMBER: _ClassVar[int]
    DONATION_FIELD_NUMBER: _ClassVar[int]
    RETRACT_FIELD_NUMBER: _ClassVar[int]
    room: str
    operator: str
    request_id: str
    start: Start
    end: End
    resume: Resume
    enter: Enter
    leave: Leave
    open_story: OpenStory
    skip: Skip
    answer: Answer
    say: SayThis
    pin: Pin
    unpin: Unpin
    open_poll: OpenPoll
    close_poll: ClosePoll
    slow_mode: SlowMode
    set_knobs: SetKnobs
    donation: Donation
    retract: Retract
    def __init__(self, room: _Optional[str] = ..., operator: _Optional[str] = ..., request_id: _Optional[str] = ..., start: _Optional[_Union[Start, _Mapping]] = ..., end: _Optional[_Union[End, _Mapping]] = ..., resume: _Optional[_Union[Resume, _Mapping]] = ..., enter: _Optional[_Union[Enter, _Mapping]] = ..., leave: _Optional[_Union[Leave, _Mapping]] = ..., open_story: _Optional[_Union[OpenStory, _Mapping]] = ..., skip: _Optional[_Union[Skip, _Mapping]] = ..., answer: _Optional[_Union[Answer, _Mapping]] = ..., say: _Optional[_Union[SayThis, _Mapping]] = ..., pin: _Optional[_Union[Pin, _Mapping]] = ..., unpin: _Optional[_Union[Unpin, _Mapping]] = ..., open_poll: _Optional[_Union[OpenPoll, _Mapping]] = ..., close_poll: _Optional[_Union[ClosePoll, _Mapping]] = ..., slow_mode: _Optional[_Union[SlowMode, _Mapping]] = ..., set_knobs: _Optional[_Union[SetKnobs, _Mapping]] = ..., donation: _Optional[_Union[Donation, _Mapping]] = ..., retract: _Optional[_Union[Retract, _Mapping]] = ..., **kwargs) -> None: ...

class Start(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class End(_message.Message):
    __slots__ = ("at_once",)
    AT_ONCE_FIELD_NUMBER: _ClassVar[int]
    at_once: bool
    def __init__(self, at_once: _Optional[bool] = ...) -> None: ...

class Break(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Resume(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Enter(_message.Message):
    __slots__ = ("persona",)
    PERSONA_FIELD_NUMBER: _ClassVar[int]
    persona: str
    def __init__(self, persona: _Optional[str] = ...) -> None: ...

class Leave(_message.Message):
    __slots__ = ("persona",)
    PERSONA_FIELD_NUMBER: _ClassVar[int]
    persona: str
    def __init__(self, persona: _Optional[str] = ...) -> None: ...

class OpenStory(_message.Message):
    __slots__ = ("story", "panel")
    STORY_FIELD_NUMBER: _ClassVar[int]
    PANEL_FIELD_NUMBER: _ClassVar[int]
    story: str
    panel: bool
    def __init__(self, story: _Optional[str] = ..., panel: _Optional[bool] = ...) -> None: ...

class Skip(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Answer(_message.Message):
    __slots__ = ("of",)
    OF_FIELD_NUMBER: _ClassVar[int]
    of: int
    def __init__(self, of: _Optional[int] = ...) -> None: ...

class SayThis(_message.Message):
    __slots__ = ("persona", "text")
    PERSONA_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    persona: str
    text: str
    def __init__(self, persona: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class Pin(_message.Message):
    __slots__ = ("text", "of")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    OF_FIELD_NUMBER: _ClassVar[int]
    text: str
    of: int
    def __init__(self, text: _Optional[str] = ..., of: _Optional[int] = ...) -> None: ...

class Unpin(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class OpenPoll(_message.Message):
    __slots__ = ("question", "options", "seconds")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    question: str
    options: _containers.RepeatedScalarFieldContainer[str]
    seconds: int
    def __init__(self, question: _Optional[str] = ..., options: _Optional[_Iterable[str]] = ..., seconds: _Optional[int] = ...) -> None: ...

class ClosePoll(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SlowMode(_message.Message):
    __slots__ = ("automatic", "seconds")
    AUTOMATIC_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    automatic: bool
    seconds: int
    def __init__(self, automatic: _Optional[bool] = ..., seconds: _Optional[int] = ...) -> None: ...

class SetKnobs(_message.Message):
    __slots__ = ("knobs",)
    KNOBS_FIELD_NUMBER: _ClassVar[int]
    knobs: bytes
    def __init__(self, knobs: _Optional[bytes] = ...) -> None: ...

class Donation(_message.Message):
    __slots__ = ("id", "viewer", "nick", "amount", "currency", "text")
    ID_FIELD_NUMBER: _ClassVar[int]
    VIEWER_FIELD_NUMBER: _ClassVar[int]
    NICK_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    id: str
    viewer: str
    nick: str
    amount: int
    currency: str
    text: str
    def __init__(self, id: _Optional[str] = ..., viewer: _Optional[str] = ..., nick: _Optional[str] = ..., amount: _Optional[int] = ..., currency: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class Retract(_message.Message):
    __slots__ = ("of",)
    OF_FIELD_NUMBER: _ClassVar[int]
    of: int
    def __init__(self, of: _Optional[int] = ...) -> None: ...

class DirectResponse(_message.Message):
    __slots__ = ("offset", "refusal")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    offset: int
    refusal: Refusal
    def __init__(self, offset: _Optional[int] = ..., refusal: _Optional[_Union[Refusal, _Mapping]] = ...) -> None: ...

class GetShowRequest(_message.Message):
    __slots__ = ("room",)
    ROOM_FIELD_NUMBER: _ClassVar[int]
    room: str
    def __init__(self, room: _Optional[str] = ...) -> None: ...

class GetShowResponse(_message.Message):
    __slots__ = ("show",)
    SHOW_FIELD_NUMBER: _ClassVar[int]
    show: bytes
    def __init__(self, show: _Optional[bytes] = ...) -> None: ...
