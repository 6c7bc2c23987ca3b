"""Owns starting what is measured: an edge alone against a scripted actor, or the whole platform. On free ports.

Who is pinned to which core is said here, too: the edge has one to itself, as far as the machine has two.
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.dialects import PAYLOAD_BYTES
from bench.orders import ROOT, Worker
from bench.proc import cpu_s
from cli.check_settings import known_keys
from cli.embedded import EmbeddedPostgres, EmbeddedRedis
from cli.embedded import running as server_running
from cli.ports import LOOPBACK, private_ports
from tests.launched import Platform
from tests.launched import running as platform_running

CORES = sorted(os.sched_getaffinity(0))
SERVER_CPU = CORES[0]
CROWD_CPU = CORES[-1]
START_S = 60.0
SECRET = "a secret of the benchmark, no more: 0123456789"

ONLY_ANSWERS = '{"opening": false, "idle_after_s": 0, "notice_every_s": 0}'
"""For LOVELM_KNOBS: nobody speaks but to answer."""

UNHURRIED = {
    "LOVELM_SAY_RATE": "1000",
    "LOVELM_SAY_BURST": "10000",
    "LOVELM_CONNECT_RATE": "100000",
    "LOVELM_READ_RATE": "0",
    "LOVELM_KNOBS": ONLY_ANSWERS,
    "LOVELM_LOG_LEVEL": "warning",
}
"""Settings under which nothing but the machine is a limit."""


def known(settings: dict[str, str]) -> dict[str, str]:
    """Those that this version of the platform has: it refuses others."""
    keys = known_keys()
    return {key: value for key, value in settings.items() if key in keys}


def pin(pid: int, cpu: int) -> None:
    """A process with all its threads, and those that they start."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), {cpu})


@dataclass(frozen=True, slots=True)
class Stores:
    database_url: str
    redis_url: str


@contextmanager
def stores() -> Iterator[Stores]:
    """Embedded PostgreSQL, migrated, and Redis, in a directory of their own."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database_url = stack.enter_context(server_running(EmbeddedPostgres(home)))
        redis_url = stack.enter_context(server_running(EmbeddedRedis(home)))
        environment = {"LOVELM_DATABASE_URL": database_url, "LOVELM_LOG_LEVEL": "warning"}
        subprocess.run(
            _command("migrate"), env=environment_of(environment, ROOT), check=True, stdout=sys.stderr
        )
        yield Stores(database_url, redis_url)


class ActorScript(Worker):
    """A scripted actor (`bench.actor`) that is ready."""

    def __init__(self, port: int, cpu: int | None) -> None:
        super().__init__("bench.actor", ["--port", str(port), *(() if cpu is None else ("--cpu", str(cpu)))])
        self.address = f"{LOOPBACK}:{port}"
        assert self.read_line() == "ready"

    def begin_publishing(
        self,
        rooms: Sequence[str],
        *,
        seconds: float = 120.0,
        events: int = 0,
        per_s: float = 0.0,
        payload_bytes: int = PAYLOAD_BYTES,
    ) -> int:
        """One event a message. per_s: of each room; 0: as fast as the edges take them. Ends after so many seconds or,
        unless 0, so many events in each room. For `wait_for`, which returns published, by_room, began_ns, took_s,
        cpu_s."""
        return self.begin(
            rooms=list(rooms), per_s=per_s, seconds=seconds, events=events, payload_bytes=payload_bytes
        )


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge process that serves."""

    pid: int
    port: int

    def cpu_s(self) -> float:
        return cpu_s(self.pid)

    def waited_s(self) -> float:
        """How long its main thread could have run and had no core: other work on the machine, not its own."""
        return waited_s(self.pid)


def waited_s(pid: int) -> float:
    """So long the main thread of a process waited for a core. 0 where the kernel does not tell."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    return 0.0


@contextmanager
def scripted_actor(cpu: int | None = CROWD_CPU) -> Iterator[ActorScript]:
    actor = ActorScript(next(private_ports()), cpu)
    try:
        yield actor
    finally:
        actor.end()


@contextmanager
def edge(
    stores: Stores, actor: str, *, cpu: int | None = SERVER_CPU, tree: Path = ROOT, **settings: str
) -> Iterator[Edge]:
    """One edge, against the actor at that address. tree: whose code it runs, this one's or an older one's; settings
    that it does not know are left out."""
    ports = private_ports()
    port, http_port = next(ports), next(ports)
    given = {
        "LOVELM_LISTEN": f"{LOOPBACK}:{port}",
        "LOVELM_HTTP_LISTEN": f"{LOOPBACK}:{http_port}",
        "LOVELM_ROOM_ACTORS": actor,
        "LOVELM_DATABASE_URL": stores.database_url,
        "LOVELM_REDIS_URL": stores.redis_url,
        "LOVELM_SECRET": SECRET,
        **UNHURRIED,
        **settings,
    }
    process = subprocess.Popen(
        _pinned(_command("edge"), cpu), env=environment_of(given, tree), stdout=sys.stderr, cwd=tree
    )
    try:
        _wait_ready(f"http://{LOOPBACK}:{port}/readyz", process)
        yield Edge(process.pid, port)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass(frozen=True, slots=True)
class Whole:
    """The real platform. port: where viewers come in; pids: of each process, by its name (edge-1, room-actor-1,
    persona-actor-1, envoy, postgres, redis)."""

    port: int
    pids: dict[str, int]
    platform: Platform

    def cpu_s(self, name: str) -> float:
        """PostgreSQL with its children."""
        pid = self.pids[name]
        return (
            cpu_s(pid) if name != "postgres" else cpu_s(pid) + sum(cpu_s(child) for child in _children(pid))
        )


@contextmanager
def whole(*options: str, edge_cpu: int | None = SERVER_CPU, **settings: str) -> Iterator[Whole]:
    """`lovelm up` with these options, in a home of its own. The edge has a core; all else may run anywhere."""
    with (
        tempfile.TemporaryDirectory() as home,
        platform_running(Path(home), *options, **known({**UNHURRIED, **settings})) as platform,
    ):
        pids = {row["name"]: row["pid"] for row in platform.ps()}
        if edge_cpu is not None:
            for name, pid in pids.items():
                if name.startswith("edge"):
                    pin(pid, edge_cpu)
        yield Whole(platform.port, pids, platform)


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _command(kind: str) -> list[str]:
    return [sys.executable, "-P", "-m", "cli", kind]


def _pinned(command: list[str], cpu: int | None) -> list[str]:
    """Pinned before it begins, so that every thread of it is."""
    if cpu is None:
        return command
    pinning = f"import os, sys; os.sched_setaffinity(0, {{{cpu}}}); os.execv(sys.argv[1], sys.argv[1:])"
    return [sys.executable, "-c", pinning, *command]


def environment_of(settings: dict[str, str], tree: Path) -> dict[str, str]:
    """Ours without the `LOVELM_` of whoever runs this, with these settings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LOVELM_")}
    return {**kept, **settings, "PYTHONPATH": str(tree)}


def _wait_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline_s = time.monotonic() + START_S
    while time.monotonic() < deadline_s:
        if process.poll() is not None:
            raise RuntimeError(f"the edge ended with status {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the edge was not ready within {START_S:g} s")
