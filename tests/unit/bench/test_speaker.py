"""Speakers against a server of a few lines, which says everything back to everybody, or swallows what it is told to."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

from bench.checker import whole_frame
from bench.dialects import server_frame
from bench.speaker import Speakers

ANSWER = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
MASK_BYTES = 4


class Echo:
    """held: the most lines that were on their way at once, as far as it could see."""

    def __init__(self, swallows: frozenset[int]) -> None:
        self.said: list[bytes] = []
        self.held = 0
        self._swallows = swallows
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._viewers: list[socket.socket] = []
        self._turn = threading.Lock()
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                viewer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(viewer,), daemon=True).start()

    def _serve(self, viewer: socket.socket) -> None:
        viewer.recv(4_096)
        with self._turn:
            viewer.sendall(ANSWER)
            self._viewers.append(viewer)
        buffer = b""
        while data := viewer.recv(65_536):
            buffer += data
            lines = []
            while (found := self._unmasked(buffer)) is not None:
                line, buffer = found
                lines.append(line)
            with self._turn:
                self.held = max(self.held, len(lines))
                for line in lines:
                    self.said.append(line)
                    if len(self.said) not in self._swallows:
                        for each in self._viewers:
                            each.sendall(server_frame(line))

    def _unmasked(self, buffer: bytes) -> tuple[bytes, bytes] | None:
        """(payload, rest) of a client's frame masked with zeros."""
        if len(buffer) < 2:
            return None
        bare = bytes((buffer[0], buffer[1] & 0x7F)) + buffer[2:]
        span = whole_frame(bare, 0)
        if span is None or len(buffer) < span[1] + MASK_BYTES:
            return None
        return buffer[span[0] + MASK_BYTES : span[1] + MASK_BYTES], buffer[span[1] + MASK_BYTES :]


@contextmanager
def speaking(count: int = 1, swallows: frozenset[int] = frozenset()) -> Iterator[tuple[Echo, Speakers]]:
    with closing(Echo(swallows)) as echo, closing(Speakers(echo.port, "plain", count=count)) as speakers:
        yield echo, speakers


def test_every_line_comes_back_and_never_more_are_on_their_way_than_the_window() -> None:
    with speaking() as (echo, speakers):
        said = speakers.say(window=5, goes_on=lambda lines, _: lines < 40, size_bytes=200)
    assert said.lines == said.back == len(echo.said) >= 40
    assert said.took_s > 0
    assert 1 <= echo.held <= 5
    assert {len(line) for line in echo.said} == {200}


def test_a_line_that_is_lost_is_not_waited_for_without_end() -> None:
    with speaking(swallows=frozenset({3})) as (_, speakers):
        said = speakers.say(window=8, goes_on=lambda lines, _: lines < 8, size_bytes=50, stalled_s=0.1)
    assert (said.lines, said.back) == (8, 7)


def test_lines_are_numbered_over_all_speakers_and_all_of_them_get_everything() -> None:
    with speaking(count=3) as (echo, speakers):
        speakers.burst(9, size_bytes=50)
        speakers.read_for(quiet_s=0.2, most_s=5.0)
        assert speakers.events == 9 * 3
    assert sorted(int(line.split()[0].removeprefix(b"n=")) for line in echo.said) == list(range(1, 10))
