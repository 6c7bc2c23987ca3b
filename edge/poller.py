"""Owns waiting for many sockets in one task: whoever can be read or written is told. Knows nothing of bytes.

A task for each viewer would cost more memory than all that the viewer is to us, and a switch for each frame.
"""

import selectors
import socket
from typing import Protocol

import structlog
import trio

log = structlog.get_logger()

TURN_S = 0.001
"""Then others get their turn: rooms that fan out, newcomers, answers of actors."""


class Watcher(Protocol):
    """Whose socket is watched. Called from the poller's task; must not wait."""

    def readable(self) -> None:
        """There are bytes to read, or the end. May come once more after the socket was given up."""
        ...

    def writable(self) -> None:
        """There is room again; only when `watch` asked for it."""
        ...

    def cut(self) -> None:
        """Give the socket up: one of the calls above failed."""
        ...


class Poller:
    """`run` is one task; the rest never waits."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def __len__(self) -> int:
        return len(self._selector.get_map())

    def watch(
        self, sock: socket.socket, watcher: Watcher, *, bytes_in: bool = True, room: bool = False
    ) -> None:
        """Whom to tell from now on, and of what: that there are bytes to read, that there is room to write, both or
        neither. The socket must be non-blocking."""
        events = (selectors.EVENT_READ if bytes_in else 0) | (selectors.EVENT_WRITE if room else 0)
        if not events:
            self.remove(sock)
        elif sock in self._selector.get_map():
            self._selector.modify(sock, events, watcher)
        else:
            self._selector.register(sock, events, watcher)

    def remove(self, sock: socket.socket) -> None:
        """Before the socket is closed. Does nothing for one that is not watched."""
        if sock in self._selector.get_map():
            self._selector.unregister(sock)

    async def run(self) -> None:
        """Until cancelled. What one watcher raises is logged, and ends its connection alone."""
        while True:
            # DefaultSelector is epoll or kqueue wherever trio runs but on Windows: its descriptor can be waited for.
            await trio.lowlevel.wait_readable(self._selector.fileno())
            ends_s = trio.current_time() + TURN_S
            for key, events in self._selector.select(0):
                watcher: Watcher = key.data
                try:
                    if events & selectors.EVENT_READ:
                        watcher.readable()
                    if events & selectors.EVENT_WRITE:
                        watcher.writable()
                except Exception:
                    log.exception("connection_failed")
                    _give_up(watcher)
                if trio.current_time() > ends_s:
                    await trio.lowlevel.checkpoint()
                    ends_s = trio.current_time() + TURN_S


def _give_up(watcher: Watcher) -> None:
    try:
        watcher.cut()
    except Exception:
        log.exception("cut_failed")
