"""Owns the platform under chaos: every process started alone, each at an address that survives it, links in between.

PostgreSQL and Redis are the embedded ones, in a home of their own. Knows nothing of when something is to break.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import trio

from cli import probe, spawn
from cli.embedded import EmbeddedPostgres, EmbeddedRedis, EmbeddedServer
from cli.plan import lovelm_command
from cli.ports import LOOPBACK, private_ports
from runtime import aio
from tests.chaos.history import Entry
from tests.chaos.proxy import Proxy

ROOM = "oh-yul"
SECRET = "a secret of the chaos, thirty-two characters and more"
OPERATOR_TOKEN = "a token of the chaos"
KNOBS = {"opening": False, "idle_after_s": 2, "notice_every_s": 10, "pace": 9, "pause_ms": 0}
"""Many turns in little time."""
START_S = 60.0
"""For a process to be ready, with everything else on two busy cores."""
STOP_S = 20.0
_POLL_S = 0.05

_ENTRIES = """
    SELECT seq, epoch AS fence, author, client_id, body FROM events WHERE room = $1 ORDER BY seq
"""


class Node:
    """One process. Its name, its address and its log file survive it."""

    def __init__(
        self,
        name: str,
        command: Callable[[], Sequence[str]],
        environment: Mapping[str, str],
        is_ready: Callable[[], Awaitable[bool]],
        log: Path,
        *,
        options: Callable[[], Mapping[str, object]] = dict,
        prepare: Callable[[], None] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        kill_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._is_ready = is_ready
        self._log = log
        self._options = options
        self._prepare = prepare
        self._stop_signal = stop_signal
        self._kill_signal = kill_signal
        self._process: subprocess.Popen[bytes] | None = None
        self.nursery: trio.Nursery | None = None

    @property
    def has_died(self) -> bool:
        """It ended, and nobody had asked for it."""
        return self._process is not None and self._process.poll() is not None

    async def start(self) -> None:
        """Returns once it is ready. Raises TooSlowError."""
        if self._prepare is not None:
            await trio.to_thread.run_sync(self._prepare)
        self._process = spawn.spawn(
            self._command(), self._environment, death_signal=signal.SIGKILL, options=self._options()
        )
        if self.nursery is None:
            raise RuntimeError("the cluster does not run")
        self.nursery.start_soon(self._keep_log, self._process)
        await self.wait_ready()

    async def wait_ready(self) -> None:
        with trio.fail_after(START_S):
            while not await self._is_ready():  # noqa: ASYNC110  another process: nobody sets an event
                await trio.sleep(_POLL_S)

    async def kill(self) -> None:
        await self._end(self._kill_signal)

    async def stop(self) -> None:
        """Asks for an orderly end; kills what does not come to it."""
        await self._end(self._stop_signal)

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def reap(self) -> None:
        """Leaves nothing behind."""
        if self._process is not None:
            spawn.reap(self._process)
            self._process = None

    async def _end(self, signum: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        try:
            spawn.send_signal(process, signum)
            with trio.move_on_after(STOP_S):
                await spawn.wait_until_exit(process)
        finally:
            spawn.reap(process)

    def _signal(self, signum: signal.Signals) -> None:
        if self._process is not None:
            spawn.send_signal(self._process, signum)

    async def _keep_log(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with self._log.open("ab") as file:
            async with trio.lowlevel.FdStream(os.dup(process.stdout.fileno())) as stream:
                process.stdout.close()
                async for piece in stream:
                    file.write(piece)
                    file.flush()


@dataclass(slots=True)
class Cluster:
    """postgres_url: past all links, for whoever wants the truth."""

    home: Path
    nodes: dict[str, Node] = field(default_factory=dict)
    links: dict[str, Proxy] = field(default_factory=dict)
    edge_ports: dict[str, int] = field(default_factory=dict)
    actor_of_address: dict[str, str] = field(default_factory=dict)
    postgres_url: str = ""

    @property
    def room_actors(self) -> list[str]:
        return list(self.actor_of_address.values())

    @property
    def edges(self) -> list[str]:
        return list(self.edge_ports)

    def deaths(self) -> list[str]:
        return [name for name, node in self.nodes.items() if node.has_died]

    async def owner(self) -> str:
        """The room actor whose address stands in the room's row; the first when nobody holds it. Raises OSError and
        PostgresError while PostgreSQL is away."""
        row = await self._fetch("SELECT owner_addr FROM rooms WHERE id = $1")
        return self.actor_of_address.get(row[0]["owner_addr"] or "", self.room_actors[0])

    async def last_seq(self) -> int:
        rows = await self._fetch("SELECT coalesce(max(seq), 0) AS last FROM events WHERE room = $1")
        return int(rows[0]["last"])

    async def entries(self) -> list[Entry]:
        """The room's whole log, past every link."""
        return [Entry(**row) for row in await self._fetch(_ENTRIES)]

    @aio.asyncio_side
    async def _fetch(self, sql: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.postgres_url, timeout=10)
        try:
            await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=json.loads)
            return list(await connection.fetch(sql, ROOM, timeout=30))
        finally:
            connection.terminate()


@dataclass(frozen=True, slots=True)
class Size:
    """proxied: a link of its own between every two processes; without, they talk to each other directly. room_actor:
    the module that is run in place of `cli` as room actor."""

    edges: int = 2
    room_actors: int = 2
    proxied: bool = True
    room_actor: str = "cli"
    settings: Mapping[str, str] = field(default_factory=dict)


@asynccontextmanager
async def open_cluster(home: Path, size: Size) -> AsyncIterator[Cluster]:
    """Everything ready, the room made; everything gone with the block. Needs an asyncio loop."""
    async with trio.open_nursery() as nursery:
        cluster = Cluster(home)
        builder = _Builder(cluster, size, nursery)
        try:
            await builder.build()
            yield cluster
        finally:
            for node in cluster.nodes.values():
                node.resume()
                node.reap()
            builder.close()
            nursery.cancel_scope.cancel()


class _Builder:
    """Puts a cluster together: stores, room actors, persona actor, edges, in this order."""

    def __init__(self, cluster: Cluster, size: Size, nursery: trio.Nursery) -> None:
        self._cluster = cluster
        self._size = size
        self._nursery = nursery
        self._ports = private_ports()
        self._postgres = EmbeddedPostgres(cluster.home)
        self._redis = EmbeddedRedis(cluster.home)
        self._common = {
            **{key: value for key, value in os.environ.items() if not key.startswith("LOVELM_")},
            "LOVELM_HOME": str(cluster.home),
            "LOVELM_KNOBS": json.dumps(KNOBS),
            "LOVELM_OPERATOR_TOKEN": OPERATOR_TOKEN,
            **size.settings,
        }

    async def build(self) -> None:
        cluster, size = self._cluster, self._size
        await self._start(self._server(self._postgres, kill_signal=signal.SIGQUIT))
        await self._start(self._server(self._redis))
        cluster.postgres_url = self._postgres.url
        await self._migrate()
        personas = f"{LOOPBACK}:{next(self._ports)}"
        listens = {
            f"room-actor-{n}": f"{LOOPBACK}:{next(self._ports)}" for n in range(1, size.room_actors + 1)
        }
        addresses = {}
        for name, listen in listens.items():
            addresses[name] = await self._link(f"edge-{name}", listen)
            cluster.actor_of_address[addresses[name]] = name
        async with trio.open_nursery() as starting:
            starting.start_soon(self._start, self._node("persona", "persona-actor", personas, {}))
            for name, listen in listens.items():
                environment = {
                    "LOVELM_ADDRESS": addresses[name],
                    "LOVELM_DATABASE_URL": await self._database_for(name),
                    "LOVELM_READ_RATE": "0",  # viewers speak as fast as they can
                    "LOVELM_PERSONA_ACTORS": await self._link(f"{name}-persona", personas),
                }
                starting.start_soon(self._start, self._node(name, "room-actor", listen, environment))
        for number in range(1, size.edges + 1):
            await self._start(await self._edge(f"edge-{number}", list(addresses.values())))

    def close(self) -> None:
        self._postgres.close()
        self._redis.close()

    async def _edge(self, name: str, room_actors: Sequence[str]) -> Node:
        listen = f"{LOOPBACK}:{next(self._ports)}"
        environment = {
            "LOVELM_HTTP_LISTEN": f"{LOOPBACK}:{next(self._ports)}",
            "LOVELM_ROOM_ACTORS": ",".join(room_actors),
            "LOVELM_DATABASE_URL": await self._database_for(name),
            "LOVELM_REDIS_URL": await self._redis_for(name),
            "LOVELM_SECRET": SECRET,
            "LOVELM_SAY_RATE": "1000",
            "LOVELM_SAY_BURST": "10000",
        }
        self._cluster.edge_ports[name] = int((await self._link(f"viewer-{name}", listen)).rpartition(":")[2])
        return self._node(name, "edge", listen, environment)

    # -- processes ------------------------------------------------------------------------------------

    async def _start(self, node: Node) -> None:
        self._cluster.nodes[node.name] = node
        node.nursery = self._nursery
        await node.start()

    def _node(self, name: str, kind: str, listen: str, environment: Mapping[str, str]) -> Node:
        command = lovelm_command(kind)
        if kind == "room-actor" and self._size.room_actor != "cli":
            command = (sys.executable, "-m", self._size.room_actor)
        ready = f"http://{listen}/readyz" if kind == "edge" else f"grpc://{listen}"
        return Node(
            name,
            lambda: command,
            {**self._common, **environment, "LOVELM_LISTEN": listen, "LOVELM_NAME": name},
            partial(probe.is_ready, ready, deadline_s=2.0),
            self._cluster.home / f"{name}.log",
        )

    def _server(self, server: EmbeddedServer, *, kill_signal: signal.Signals = signal.SIGKILL) -> Node:
        # PostgreSQL "killed" is its immediate shutdown: no checkpoint, recovery at the next start. A SIGKILL of the
        # postmaster alone would leave its children at work on the same files.
        async def is_ready() -> bool:
            return server.is_ready()

        return Node(
            server.name,
            lambda: server.command().argv,
            os.environ,
            is_ready,
            self._cluster.home / f"{server.name}.log",
            options=lambda: server.command().popen_options(),
            prepare=server.prepare,
            stop_signal=signal.SIGINT if server is self._postgres else signal.SIGTERM,
            kill_signal=kill_signal,
        )

    async def _migrate(self) -> None:
        environment = {**self._common, "LOVELM_DATABASE_URL": self._postgres.url}
        await trio.run_process(lovelm_command("migrate"), env=environment, capture_stdout=True)

    # -- links ----------------------------------------------------------------------------------------

    async def _link(self, name: str, to: str) -> str:
        """host:port that leads to host:port `to`."""
        host, _, port = to.rpartition(":")
        return await self._proxy(name, partial(trio.open_tcp_stream, host, int(port))) or to

    async def _database_for(self, name: str) -> str:
        sockets = parse_qs(urlsplit(self._postgres.url).query)
        path = Path(sockets["host"][0]) / f".s.PGSQL.{sockets['port'][0]}"
        address = await self._proxy(f"{name}-postgres", partial(trio.open_unix_socket, path))
        return f"postgresql://postgres@{address}/postgres?sslmode=disable" if address else self._postgres.url

    async def _redis_for(self, name: str) -> str:
        path = urlsplit(self._redis.url).path
        address = await self._proxy(f"{name}-redis", partial(trio.open_unix_socket, path))
        return f"redis://{address}/0" if address else self._redis.url

    async def _proxy(self, name: str, dial: Callable[[], Awaitable[trio.SocketStream]]) -> str:
        """Its address; empty when this cluster has no links."""
        if not self._size.proxied:
            return ""
        link = Proxy(name, next(self._ports), dial)
        await self._nursery.start(link.run)
        self._cluster.links[name] = link
        return link.address
