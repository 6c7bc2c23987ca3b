"""Many sockets, one task: who can be read or written is told, and a bug that one meets ends that one alone."""

import socket
from collections.abc import Iterator

import pytest
import trio

from edge.poller import Poller


class Reader:
    """Notes what comes; may fail at a word. Gives its socket up when it is told to."""

    def __init__(self, poller: Poller, near: socket.socket) -> None:
        self._poller = poller
        self.near = near
        self.heard: list[bytes] = []
        self.room = 0
        self.is_cut = False
        poller.watch(near, self)

    def readable(self) -> None:
        if self.is_cut:
            return
        data = self.near.recv(100)
        if data == b"bug":
            raise ValueError("a bug")
        self.heard.append(data)
        if not data:
            self.cut()

    def writable(self) -> None:
        self.room += 1
        self._poller.watch(self.near, self, bytes_in=True, room=False)

    def cut(self) -> None:
        self.is_cut = True
        self._poller.remove(self.near)


Ends = list[tuple[Reader, socket.socket]]


@pytest.fixture
def poller(nursery: trio.Nursery) -> Poller:
    made = Poller()
    nursery.start_soon(made.run)
    return made


@pytest.fixture
def ends(poller: Poller) -> Iterator[Ends]:
    pairs = [socket.socketpair() for _ in range(300)]
    for near, _ in pairs:
        near.setblocking(False)
    yield [(Reader(poller, near), far) for near, far in pairs]
    for near, far in pairs:
        near.close()
        far.close()


async def test_each_gets_its_own_bytes_and_its_end(poller: Poller, ends: Ends) -> None:
    for number, (_, far) in enumerate(ends):
        far.send(b"%d" % number)
    await trio.testing.wait_all_tasks_blocked()
    for _, far in ends:
        far.close()
    await trio.testing.wait_all_tasks_blocked()

    assert [reader.heard for reader, _ in ends] == [[b"%d" % number, b""] for number in range(300)]
    assert len(poller) == 0


async def test_who_fails_is_cut_and_the_others_are_served(
    ends: Ends, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, (_, far) in enumerate(ends):
        far.send(b"bug" if number % 100 == 50 else b"line")
    await trio.testing.wait_all_tasks_blocked()

    assert [reader.is_cut for reader, _ in ends] == [number % 100 == 50 for number in range(300)]
    assert sum(reader.heard == [b"line"] for reader, _ in ends) == 297
    assert "connection_failed" in "".join(capsys.readouterr())


async def test_room_to_write_is_told_only_to_who_wants_it(poller: Poller, ends: Ends) -> None:
    (one, _), (other, _) = ends[:2]
    poller.watch(one.near, one, bytes_in=True, room=True)
    await trio.testing.wait_all_tasks_blocked()

    assert (one.room, other.room) == (1, 0)


async def test_a_new_watcher_takes_a_socket_over(poller: Poller, ends: Ends) -> None:
    (one, far), (other, _) = ends[:2]
    poller.watch(one.near, other)
    poller.remove(other.near)
    other.near.close()
    other.near = one.near
    far.send(b"for the new one")
    await trio.testing.wait_all_tasks_blocked()

    assert (one.heard, other.heard) == ([], [b"for the new one"])
