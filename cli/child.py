"""Owns one supervised child: start, log lines, restart with backoff, stop. Knows nothing of the other children."""

import os
import random
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import trio

from cli import spawn
from cli.errors import CannotStart
from runtime.errors import LovelmError
from runtime.supervise import Backoff

SETTINGS_WRONG = 2
"""Exit status by which a `lovelm` process says that its settings are wrong: starting it again cannot help."""

LAST_WORDS_S = 0.5  # for output that still stands in the pipe of a child that has ended
LINE_BYTES = 65_536  # a longer line is shown in pieces

Say = Callable[[str, str], None]
"""Prints one line of the child with this name."""


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to run. The name and the address stay the same over restarts.

    environment: on top of the launcher's own. options: more for `subprocess.Popen`, such as the user to run as.
    prepare: done before every start, in a thread. stop_signal asks for an orderly end; death_signal comes from the
    kernel when the launcher itself dies without a word.
    """

    name: str
    kind: str
    command: tuple[str, ...]
    address: str
    environment: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[[], None] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL


class Child:
    """Keeps one process running until `end`. `starts`: how often it was started; `ready`: it was ready
    at least once."""

    def __init__(
        self, spec: ChildSpec, *, say: Say, changed: Callable[[], None], backoff: Backoff | None = None
    ) -> None:
        self.spec = spec
        self._say = say
        self._changed = changed
        self._backoff = backoff or Backoff()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = trio.Event()
        self._ended = trio.Event()
        self._next_start = trio.Event()
        self.starts = 0
        self.ready = trio.Event()

    @property
    def pid(self) -> int | None:
        """None while it is down."""
        return None if self._process is None else self._process.pid

    def note_ready(self) -> None:
        """From now on any end of the process is an accident: it is always started again."""
        self.ready.set()

    async def wait_for_start(self, after: int) -> int:
        """Returns `starts` once it is above `after`."""
        while self.starts <= after:
            await self._next_start.wait()
        return self.starts

    async def keep(self) -> None:
        """Runs the process again and again; returns after `end`. Before the process was ever ready, what cannot get
        better is raised: CannotStart for a command that cannot be run or a process that says that its settings are
        wrong, any LovelmError of `prepare`. Cancelled, it kills the process."""
        failures = 0
        try:
            while not self._stopping.is_set():
                started_s = trio.current_time()
                try:
                    outcome = await self._run_once()
                except LovelmError as exc:
                    if not self.ready.is_set():
                        raise
                    outcome = str(exc)
                if self._stopping.is_set():
                    return
                if trio.current_time() - started_s >= self._backoff.healthy_s:
                    failures = 0
                failures += 1
                pause_s = self._backoff.pause_s(failures, random.random())
                self._say(self.spec.name, f"{outcome}; starts again in {pause_s:.1f} s")
                with trio.move_on_after(pause_s):
                    await self._stopping.wait()
        finally:
            self._ended.set()

    async def end(self, deadline_s: float) -> None:
        """Asks the process to end, kills it after `deadline_s`. Returns when it is gone. Cancelled, it may live on
        until `keep` is cancelled too."""
        self._stopping.set()
        if self._process is not None:
            spawn.send_signal(self._process, self.spec.stop_signal)
        with trio.move_on_after(deadline_s):
            await self._ended.wait()
            return
        if self._process is not None:
            self._say(self.spec.name, f"did not end within {deadline_s:.0f} s: killed")
            spawn.kill_group(self._process)
        await self._ended.wait()

    async def _run_once(self) -> str:
        """Returns how it ended, in words."""
        if self.spec.prepare is not None:
            await trio.to_thread.run_sync(self.spec.prepare)
        environment = {**os.environ, **self.spec.environment}
        try:
            process = spawn.spawn(
                self.spec.command, environment, death_signal=self.spec.death_signal, options=self.spec.options
            )
        except OSError as exc:
            raise CannotStart(
                f"cannot run {self.spec.command[0]} for {self.spec.name}: {exc.strerror}"
            ) from exc
        self._process = process
        self.starts += 1
        self._next_start.set()
        self._next_start = trio.Event()
        try:
            self._changed()
            async with trio.open_nursery() as nursery:
                heard_all = trio.Event()
                nursery.start_soon(self._pass_lines_on, process, heard_all)
                status = await spawn.wait_until_exit(process)
                with trio.move_on_after(LAST_WORDS_S):  # a grandchild may hold the pipe open for long
                    await heard_all.wait()
                nursery.cancel_scope.cancel()
        finally:
            spawn.reap(process)
            self._process = None
            self._changed()
        if status == SETTINGS_WRONG and not self.ready.is_set():
            raise CannotStart(f"{self.spec.name} cannot run with these settings (see its lines above)")
        return describe_exit(status)

    async def _pass_lines_on(self, process: subprocess.Popen[bytes], heard_all: trio.Event) -> None:
        assert process.stdout is not None
        pending = b""
        async with trio.lowlevel.FdStream(os.dup(process.stdout.fileno())) as stream:
            process.stdout.close()
            async for piece in stream:
                *lines, pending = (pending + piece).split(b"\n")
                if len(pending) > LINE_BYTES:
                    lines, pending = [*lines, pending], b""
                for line in lines:
                    self._say(self.spec.name, line.decode(errors="replace").rstrip())
        if pending:
            self._say(self.spec.name, pending.decode(errors="replace").rstrip())
        heard_all.set()


def describe_exit(status: int) -> str:
    """In words. status: as of `subprocess`: negative is the number of a signal."""
    if status < 0:
        return f"ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"
