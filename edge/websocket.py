"""Owns the WebSocket protocol of one viewer: bytes in, texts out, control frames answered. Source: RFC 6455.

Frames are read by wsproto's protocol core. Knows nothing of what the texts mean.
"""

from typing import Protocol

from wsproto.connection import ConnectionType
from wsproto.events import AcceptConnection, RejectConnection
from wsproto.frame_protocol import CloseReason, Frame, FrameProtocol, Opcode, ParseFailed
from wsproto.handshake import H11Handshake
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from edge.stream import ViewerStream

MESSAGE_MAX_CHARS = 64 * 1024
"""Of what a viewer sends: the longest story with room to spare."""


class BadHandshake(ValueError):
    """Not a WebSocket handshake of this version. response: the HTTP answer to it."""

    def __init__(self, why: str, response: bytes) -> None:
        super().__init__(why)
        self.response = response


def accept(head: bytes) -> bytes:
    """The answer to a request for a WebSocket. head: the HTTP request up to its empty line. Raises BadHandshake."""
    handshake = H11Handshake(ConnectionType.SERVER)
    try:
        handshake.receive_data(head)
        return handshake.send(AcceptConnection())
    except RemoteProtocolError as exc:
        rejected = exc.event_hint if isinstance(exc.event_hint, RejectConnection) else RejectConnection()
        raise BadHandshake(str(exc), _rejection(handshake, rejected)) from exc
    except (UnicodeError, AssertionError) as exc:  # a host or path that is none
        raise BadHandshake(str(exc), _rejection(handshake, RejectConnection())) from exc


def _rejection(handshake: H11Handshake, hint: RejectConnection) -> bytes:
    headers = [*hint.headers, (b"Connection", b"close")]
    try:
        return handshake.send(RejectConnection(status_code=hint.status_code, headers=headers))
    except LocalProtocolError:  # it was no HTTP at all
        return b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Talker(Protocol):
    """Who understands the texts of a connection."""

    def take(self, text: str) -> None:
        """One whole text."""
        ...

    def reject(self, reason: str) -> None:
        """The viewer broke the rules of WebSocket, or sent what is no text: close the stream."""
        ...

    def ended(self) -> None:
        """The connection is over. Called once."""
        ...


class WebSocket:
    """The protocol state of one connection, past the handshake: owner of its stream."""

    __slots__ = ("_parts", "_protocol", "_size_chars", "_stream", "_talker")

    def __init__(self, stream: ViewerStream, talker: Talker) -> None:
        self._stream = stream
        self._talker = talker
        self._protocol = FrameProtocol(client=False, extensions=[])
        self._parts: list[str] | None = None
        self._size_chars = 0

    def received(self, data: bytes) -> None:
        self._protocol.receive_bytes(data)
        try:
            for frame in self._protocol.received_frames():
                self._take(frame)
        except ParseFailed as exc:
            self._talker.reject(str(exc))
            self._stream.finish()

    def ended(self) -> None:
        self._talker.ended()

    def _take(self, frame: Frame) -> None:
        match frame:
            case Frame(Opcode.CLOSE, (int() as code, _)):
                self._stream.goodbye(bytes(self._protocol.close(code)))
                self._stream.finish()
            case _ if not self._stream.is_open:
                pass  # said after our goodbye
            case Frame(Opcode.TEXT, str() as text):
                self._take_text(text, is_end=frame.message_finished)
            case Frame(Opcode.BINARY):
                self._talker.reject("a binary frame")
            case Frame(Opcode.PING, bytes() | bytearray() as payload):
                self._stream.write(bytes(self._protocol.pong(payload)))

    def _take_text(self, text: str, *, is_end: bool) -> None:
        """A frame that comes in several reads comes here in as many pieces, and so does a message of many frames."""
        self._size_chars += len(text) or 1  # an endless message of empty pieces is too large as well
        if self._size_chars > MESSAGE_MAX_CHARS:
            self._stream.goodbye(bytes(self._protocol.close(CloseReason.MESSAGE_TOO_BIG)))
            return
        if self._parts is not None:
            self._parts.append(text)
        if not is_end:
            self._parts = self._parts or [text]
            return
        whole = text if self._parts is None else "".join(self._parts)
        self._parts, self._size_chars = None, 0
        self._talker.take(whole)
