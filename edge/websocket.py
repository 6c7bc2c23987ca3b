"""Owns the WebSocket protocol of one viewer: bytes in, texts out, control frames answered. Source: RFC 6455.

Frames are read by wsproto's protocol core. Knows nothing of what the texts mean.
"""

import re
from typing import Protocol

from wsproto.frame_protocol import CloseReason, Frame, FrameProtocol, Opcode, ParseFailed
from wsproto.utilities import generate_accept_token

from edge.stream import ViewerStream

MESSAGE_MAX_CHARS = 64 * 1024
"""Of what a viewer sends: the longest story with room to spare."""

# No byte fits two parts of a pattern that stand next to each other: what can be divided in many ways is tried in all of
# them, and one request would stop the edge.
_REQUEST = re.compile(rb"GET [\x21-\x7e]+ HTTP/1\.1")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\x00-\x08\x0a-\x1f\x7f]*)")
_KEY = re.compile(rb"[A-Za-z0-9+/]{22}==")  # 16 bytes
_ACCEPTED = (
    b"HTTP/1.1 101 Switching Protocols\r\n"
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %b\r\n\r\n"
)
_LAST = b"Content-Length: 0\r\nConnection: close\r\n\r\n"
_REFUSED = b"HTTP/1.1 400 Bad Request\r\n" + _LAST
_OTHER_VERSION = b"HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\n" + _LAST


class BadHandshake(ValueError):
    """Not a WebSocket handshake of this version. response: the HTTP answer to it."""

    def __init__(self, why: str, response: bytes = _REFUSED) -> None:
        super().__init__(why)
        self.response = response


def accept(head: bytes) -> bytes:
    """The answer to a request for a WebSocket, no extensions and no subprotocol. head: the HTTP request with its empty
    line. Raises BadHandshake. Source: RFC 6455, 4.2; a sixth of what h11 takes, which is what a storm of newcomers is
    made of."""
    request, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    if _REQUEST.fullmatch(request) is None:
        raise BadHandshake("no GET of HTTP/1.1")
    headers: dict[bytes, bytes] = {}
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None:
            raise BadHandshake("a header that is none")
        name, value = header[1].lower(), header[2].strip(b" \t")
        headers[name] = b"%b,%b" % (headers[name], value) if name in headers else value
    if not headers.get(b"host", b"\xff").isascii():
        raise BadHandshake("no host")
    if headers.get(b"upgrade", b"").lower() != b"websocket":
        raise BadHandshake("no upgrade to WebSocket")
    if b"upgrade" not in [each.strip().lower() for each in headers.get(b"connection", b"").split(b",")]:
        raise BadHandshake("Connection does not say Upgrade")
    if headers.get(b"sec-websocket-version") != b"13":
        raise BadHandshake("another version of WebSocket", _OTHER_VERSION)
    key = headers.get(b"sec-websocket-key", b"")
    if _KEY.fullmatch(key) is None:
        raise BadHandshake("a key that is none")
    return _ACCEPTED % generate_accept_token(key)


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
