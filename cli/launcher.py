"""Owns the course of one `lovelm up`: servers, migration, processes, Envoy, ready, and the orderly end.

Knows the order of things; how one child is kept is in `cli.child`, what the children are in `cli.plan`.
"""

import os
import resource
import signal

import trio

from cli import probe, spawn
from cli.child import Child, ChildSpec, describe_exit
from cli.console import Console
from cli.embedded import EmbeddedPostgres, EmbeddedRedis, EmbeddedServer, wait_ready
from cli.envoy import envoy_process
from cli.errors import CannotStart
from cli.home import Home, Running
from cli.plan import POSTGRES, REDIS, STOP_ORDER, Size, Stores, lovelm_command, make_plan
from cli.ports import private_ports, require_free
from cli.settings import UpSettings
from runtime.errors import LovelmError

PROBE_PAUSE_S = 0.1
PROBE_DEADLINE_S = 2.0
KILL_MARGIN_S = 3.0  # on top of the time that a process gives itself to drain


def up(size: Size, settings: UpSettings) -> None:
    """Runs the platform until a signal ends it. Prints `ready URL` on stdout once a viewer can enter.

    The first SIGINT or SIGTERM ends it in order, a second one at once; either way nothing is left behind.
    Raises CannotStart, or another LovelmError, with what is in the way.
    """
    home = Home(settings.home)
    with home.lock():
        require_free(settings.bind, settings.port, "LOVELM_PORT")
        require_free(settings.bind, settings.grpc_port, "LOVELM_GRPC_PORT")
        allow_many_sockets()
        failures: list[LovelmError] = []
        try:
            trio.run(Launcher(home, size, settings, Console()).run)
        except* LovelmError as group:
            failures = _leaves(group)
        if failures:
            raise failures[0]


def allow_many_sockets() -> None:
    """Raises the limit of open files of this process and its children to what the machine allows: a viewer is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Launcher:
    """One run. Children are kept in one nursery and listed here in the order of their start."""

    def __init__(self, home: Home, size: Size, settings: UpSettings, console: Console) -> None:
        self._home = home
        self._size = size
        self._settings = settings
        self._console = console
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
        stores = await self._start_servers(nursery)
        plan = make_plan(self._size, self._settings, stores, private_ports())
        processes = list(plan.processes)
        if plan.topology is not None:
            processes.append(await trio.to_thread.run_sync(envoy_process, self._home.path, plan))
        self._console.expect([process.spec.name for process in processes])
        await self._migrate(stores)
        started = [(self._keep(process.spec, nursery), process.ready) for process in processes]
        with trio.move_on_after(self._settings.start_deadline_s) as deadline:
            for child, ready in started:
                await _until_answers(ready)
                self._note_ready(child)
            for door in plan.doors:
                await _until_answers(door)
        if deadline.cancelled_caught:
            late = [child.spec.name for child, _ in started if not child.was_ready] or ["the public ports"]
            raise CannotStart(f"not ready within {self._settings.start_deadline_s:.0f} s: {', '.join(late)}")
        print(f"ready {plan.url}", flush=True)

    async def _start_servers(self, nursery: trio.Nursery) -> Stores:
        """The embedded ones for which no address was given."""
        database_url, redis_url = self._settings.database_url, self._settings.redis_url
        if not database_url:
            database_url = await self._start_server(POSTGRES, EmbeddedPostgres(self._home.path), nursery)
        if not redis_url:
            redis_url = await self._start_server(REDIS, EmbeddedRedis(self._home.path), nursery)
        return Stores(database_url, redis_url, self._settings.secret or self._home.secret())

    async def _start_server(self, kind: str, server: EmbeddedServer, nursery: trio.Nursery) -> str:
        await trio.to_thread.run_sync(
            server.prepare
        )  # makes what `command` names; done again before every start
        command = server.command()
        self._console.expect([kind])
        child = self._keep(
            ChildSpec(
                name=kind,
                kind=kind,
                command=command.argv,
                address=server.url,
                options=command.popen_options(),
                prepare=server.prepare,
                stop_signal=command.stop_signal,
                death_signal=command.stop_signal,
            ),
            nursery,
        )
        await wait_ready(server, deadline_s=self._settings.start_deadline_s)
        self._note_ready(child)
        return server.url

    async def _migrate(self, stores: Stores) -> None:
        """As a process of its own: the launcher stays free of the database's libraries and their event loop."""
        environment = {
            **os.environ,
            "LOVELM_DATABASE_URL": stores.database_url,
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

    def _keep(self, spec: ChildSpec, nursery: trio.Nursery) -> Child:
        child = Child(spec, say=self._console.say, changed=self._write_state)
        self._children.append(child)
        nursery.start_soon(child.keep)
        return child

    def _note_ready(self, child: Child) -> None:
        child.note_ready()
        self._console.note(f"{child.spec.name} is ready at {child.spec.address}")

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


async def _until_answers(ready: str) -> None:
    while not await probe.is_ready(ready, deadline_s=PROBE_DEADLINE_S):  # noqa: ASYNC110  it cannot call us
        await trio.sleep(PROBE_PAUSE_S)


def _leaves(group: ExceptionGroup[LovelmError]) -> list[LovelmError]:
    found: list[LovelmError] = []
    for exc in group.exceptions:
        found += _leaves(exc) if isinstance(exc, ExceptionGroup) else [exc]
    return found
