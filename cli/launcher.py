"""Owns the course of one `lovelm up`: servers, migration, processes, Envoy, ready, and the orderly end.

Knows the order of things; how one child is kept is in `cli.child`, what the children are in `cli.plan`.
"""

import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import trio

from cli import probe, spawn
from cli.check_settings import require_apart, require_known, require_valid
from cli.child import Child, ChildSpec, describe_exit
from cli.console import Console
from cli.embedded import EmbeddedPostgres, EmbeddedRedis, EmbeddedServer
from cli.envoy import envoy_process
from cli.errors import CannotStart
from cli.home import Home, Running
from cli.plan import PERSONA_ACTOR, POSTGRES, REDIS, STOP_ORDER, Plan, Size, Stores, lovelm_command, make_plan
from cli.ports import private_ports, require_free
from cli.settings import UpSettings
from runtime.errors import LovelmError
from runtime.process import allow_many_sockets

PROBE_PAUSE_S = 0.1
PROBE_DEADLINE_S = 2.0
IsReady = Callable[[], Awaitable[bool]]
KILL_MARGIN_S = 3.0  # on top of the time that a process gives itself to drain


def up(size: Size, settings: UpSettings) -> None:
    """Runs the platform until a signal ends it. Prints `ready URL` on stdout once a viewer can enter.

    The first SIGINT or SIGTERM ends it in order, a second one at once; either way nothing is left behind.
    Raises SettingsInvalid, CannotStart, or another LovelmError, with what is in the way.
    """
    require_known(os.environ)
    require_apart(size, settings)
    home = Home(settings.home)
    with home.lock():
        servers = embedded_servers(settings, home)
        stores = Stores(
            database_url=settings.database_url or servers[POSTGRES].url,
            redis_url=settings.redis_url or servers[REDIS].url,
            secret=settings.secret or home.secret(),
            operator_token=settings.operator_token or home.operator_token(),
        )
        plan = make_plan(size, settings, stores, private_ports())
        require_valid(plan)
        require_free(settings.bind, settings.port, "LOVELM_PORT")
        require_free(settings.bind, settings.grpc_port, "LOVELM_GRPC_PORT")
        allow_many_sockets()
        failures: list[LovelmError] = []
        try:
            trio.run(Launcher(home, settings, servers, plan).run)
        except* LovelmError as group:
            failures = _leaves(group)
        if failures:
            raise failures[0]


def embedded_servers(settings: UpSettings, home: Home) -> dict[str, EmbeddedServer]:
    """By kind, those for which no address was given."""
    servers: dict[str, EmbeddedServer] = {}
    if not settings.database_url:
        servers[POSTGRES] = EmbeddedPostgres(home.path)
    if not settings.redis_url:
        servers[REDIS] = EmbeddedRedis(home.path)
    return servers


class Launcher:
    """One run. Children are kept in one nursery and listed here in the order of their start."""

    def __init__(
        self, home: Home, settings: UpSettings, servers: Mapping[str, EmbeddedServer], plan: Plan
    ) -> None:
        self._home = home
        self._settings = settings
        self._servers = servers
        self._plan = plan
        self._console = Console()
        self._children: list[Child] = []

    async def run(self) -> None:
        """Returns after the end that a signal asked for. Raises LovelmError (in a group), with nothing left running."""
        end_wanted = trio.CancelScope()
        with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async with trio.open_nursery() as nursery:

                async def watch_signals() -> None:
                    async for _ in signals:
                        if end_wanted.cancel_called:
                            self._console.note("killing what is left")
                            nursery.cancel_scope.cancel()  # every Child kills its process when it is cancelled
                            return
                        self._console.note("stopping (once more: at once)")
                        end_wanted.cancel()

                nursery.start_soon(watch_signals)
                with end_wanted:
                    await self._start(nursery)
                    await trio.sleep_forever()
                await self._stop()
                nursery.cancel_scope.cancel()

    async def _start(self, nursery: trio.Nursery) -> None:
        with trio.move_on_after(self._settings.start_deadline_s) as deadline:
            await self._start_all(nursery)
        if deadline.cancelled_caught:
            late = [child.spec.name for child in self._children if not child.ready.is_set()]
            raise CannotStart(
                f"not ready within {self._settings.start_deadline_s:.0f} s: {', '.join(late) or 'the public ports'}"
            )
        own = self._settings.operator_token
        self._console.note(
            f"operators' token: {'LOVELM_OPERATOR_TOKEN, as given' if own else self._home.operator_token_path}"
        )
        print(f"ready {self._plan.url}", flush=True)

    async def _start_all(self, nursery: trio.Nursery) -> None:
        plan = self._plan
        self._console.expect([*self._servers, "migrate", *(process.spec.name for process in plan.processes)])
        # Slow to start (they index the personas' dialogues) and in need of no server: they go first.
        early = [process for process in plan.processes if process.spec.kind == PERSONA_ACTOR]
        later = [process for process in plan.processes if process.spec.kind != PERSONA_ACTOR]
        for process in early:
            self._keep(process.spec, _probe(process.ready), nursery)
        for kind, server in self._servers.items():
            await self._start_server(kind, server, nursery)
        await self._migrate()
        if plan.topology is not None:
            later.append(await trio.to_thread.run_sync(envoy_process, self._home.path, plan))
        for process in later:
            self._keep(process.spec, _probe(process.ready), nursery)
        for child in self._children:
            await child.ready.wait()
        for door in plan.doors:
            await _until(_probe(door))

    async def _start_server(self, kind: str, server: EmbeddedServer, nursery: trio.Nursery) -> None:
        await trio.to_thread.run_sync(
            server.prepare
        )  # makes what `command` names; done again before every start
        command = server.command()
        spec = ChildSpec(
            name=kind,
            kind=kind,
            command=command.argv,
            address=server.url,
            options=command.popen_options(),
            prepare=server.prepare,
            stop_signal=command.stop_signal,
            death_signal=command.stop_signal,
        )

        async def is_ready() -> bool:
            return server.is_ready()

        await self._keep(spec, is_ready, nursery).ready.wait()

    async def _migrate(self) -> None:
        """As a process of its own: the launcher stays free of the database's libraries and their event loop."""
        environment = {
            **os.environ,
            "LOVELM_DATABASE_URL": self._plan.stores.database_url,
            "LOVELM_LOG_FORMAT": self._settings.log_format,
        }
        process = spawn.spawn(lovelm_command("migrate"), environment, death_signal=signal.SIGKILL)
        try:
            assert process.stdout is not None
            async with trio.lowlevel.FdStream(os.dup(process.stdout.fileno())) as stream:
                output = b"".join([piece async for piece in stream])
            status = await spawn.wait_until_exit(process)
        finally:
            spawn.reap(process)
        for line in output.decode(errors="replace").splitlines():
            self._console.say("migrate", line)
        if status != 0:
            raise CannotStart(f"the database could not be prepared: 'lovelm migrate' {describe_exit(status)}")

    def _keep(self, spec: ChildSpec, is_ready: IsReady, nursery: trio.Nursery) -> Child:
        child = Child(spec, say=self._console.say, changed=self._write_state)
        self._children.append(child)
        nursery.start_soon(child.keep)
        nursery.start_soon(self._announce, child, is_ready)
        return child

    async def _announce(self, child: Child, is_ready: IsReady) -> None:
        """Says so whenever the child, newly started, is ready."""
        start, again = 0, ""
        while True:
            start = await child.wait_for_start(start)
            await _until(is_ready)
            if child.starts == start:
                child.note_ready()
                self._console.note(
                    f"{child.spec.name} is ready{again} at {child.spec.address} (pid {child.pid})"
                )
                again = " again"

    def _write_state(self) -> None:
        self._home.write_state(
            [
                Running(child.spec.name, child.spec.kind, child.pid, child.spec.address)
                for child in self._children
                if child.pid is not None
            ]
        )

    async def _stop(self) -> None:
        deadline_s = self._settings.drain_deadline_s + KILL_MARGIN_S
        for kind in STOP_ORDER:
            async with trio.open_nursery() as nursery:
                for child in self._children:
                    if child.spec.kind == kind:
                        nursery.start_soon(child.end, deadline_s)
        self._console.note("stopped")


def _probe(url: str) -> IsReady:
    return partial(probe.is_ready, url, deadline_s=PROBE_DEADLINE_S)


async def _until(is_ready: IsReady) -> None:
    while not await is_ready():  # noqa: ASYNC110  it cannot call us
        await trio.sleep(PROBE_PAUSE_S)


def _leaves(group: ExceptionGroup[LovelmError]) -> list[LovelmError]:
    found: list[LovelmError] = []
    for exc in group.exceptions:
        found += _leaves(exc) if isinstance(exc, ExceptionGroup) else [exc]
    return found
