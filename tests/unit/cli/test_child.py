"""A supervised child: restarts, last words, orderly and forced ends. Real processes, small ones."""

import os
import signal
import subprocess
import sys

import pytest
import trio

from cli.child import Child, ChildSpec, describe_exit
from cli.errors import CannotStart
from runtime.errors import LovelmError
from runtime.supervise import Backoff

AT_ONCE = Backoff(first_s=0.01, most_s=0.02)
SLEEPER = "import time; print('up', flush=True); time.sleep(600)"


class Watch:
    """Collects what a child says and lets a test wait for it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.pids: list[int | None] = []
        self._news = trio.Event()

    def say(self, _name: str, line: str) -> None:
        self.lines.append(line)
        self._wake()

    def changed(self) -> None:
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = trio.Event()

    async def until_said(self, text: str, times: int = 1) -> None:
        with trio.fail_after(30):
            while sum(text in line for line in self.lines) < times:
                await self._news.wait()


def spec(code: str, **more: object) -> ChildSpec:
    return ChildSpec(name="kid", kind="kid", command=(sys.executable, "-c", code), address="nowhere", **more)  # type: ignore[arg-type]


def child_of(code: str, watch: Watch, **more: object) -> Child:
    return Child(spec(code, **more), say=watch.say, changed=watch.changed, backoff=AT_ONCE)


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def until_gone(pid: int) -> None:
    """Of any process, not only of a child of ours."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with trio.fail_after(30):
        await trio.lowlevel.wait_readable(descriptor)
    os.close(descriptor)


async def test_a_killed_child_comes_back_under_a_new_pid() -> None:
    watch = Watch()
    child = child_of(SLEEPER, watch)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(child.keep)
        await watch.until_said("up")
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await watch.until_said("up", times=2)
        assert child.pid not in (None, first)
        assert any("ended by SIGKILL; starts again" in line for line in watch.lines)
        await child.end(30)
    assert child.pid is None
    assert not lives(first)


async def test_its_output_comes_line_by_line_and_the_last_words_are_not_lost() -> None:
    watch = Watch()
    child = child_of(
        "import sys; print('one'); print('two', file=sys.stderr); sys.stdout.write('no newline')", watch
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(child.keep)
        await watch.until_said("starts again")
        await child.end(30)
    first_run = watch.lines[: next(n for n, line in enumerate(watch.lines) if "starts again" in line)]
    assert sorted(first_run) == ["no newline", "one", "two"]


async def test_an_orderly_end_uses_the_childs_own_signal_and_leaves_nothing() -> None:
    watch = Watch()
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, lambda *_: (print('bye', flush=True), sys.exit(0)))\n"
        "print('up', flush=True)\n"
        "time.sleep(600)\n"
    )
    child = child_of(code, watch, stop_signal=signal.SIGINT)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(child.keep)
        await watch.until_said("up")
        await child.end(30)
    assert watch.lines == ["up", "bye"]


async def test_a_child_that_does_not_end_in_time_is_killed_with_its_own_children() -> None:
    watch = Watch()
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "kid = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('grandchild', kid.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    child = child_of(code, watch)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(child.keep)
        await watch.until_said("grandchild")
        await child.end(0.05)
    grandchild = int(watch.lines[0].split()[1])
    await until_gone(grandchild)
    assert any("killed" in line for line in watch.lines)


async def test_cancelling_the_supervisor_kills_the_child() -> None:
    watch = Watch()
    child = child_of(SLEEPER, watch)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(child.keep)
        await watch.until_said("up")
        pid = child.pid
        nursery.cancel_scope.cancel()
    assert pid is not None
    assert not lives(pid)


async def test_wrong_settings_before_it_was_ever_ready_are_final() -> None:
    child = child_of("import sys; print('LOVELM_X: bad'); sys.exit(2)", Watch())
    with pytest.raises(CannotStart, match="kid cannot run with these settings"):
        await child.keep()


async def test_the_same_status_of_a_child_that_was_ready_is_an_accident() -> None:
    watch = Watch()
    child = child_of("import sys; sys.exit(2)", watch)
    child.note_ready()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(child.keep)
        await watch.until_said("ended with status 2; starts again", times=2)
        await child.end(30)


async def test_a_command_that_does_not_exist_is_named() -> None:
    watch = Watch()
    child = Child(
        ChildSpec("kid", "kid", ("/no/such/program",), "nowhere"), say=watch.say, changed=watch.changed
    )
    with pytest.raises(CannotStart, match="cannot run /no/such/program for kid: No such file"):
        await child.keep()


async def test_preparation_is_done_before_every_start_and_its_failure_is_tried_again_once_it_was_ready() -> (
    None
):
    watch = Watch()
    tries = 0

    def prepare() -> None:
        nonlocal tries
        tries += 1
        if tries == 2:
            raise LovelmError("left-over in the way")

    child = child_of("print('up', flush=True)", watch, prepare=prepare)
    child.note_ready()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(child.keep)
        await watch.until_said("up", times=2)
        await child.end(30)
    assert tries >= 3
    assert any(line.startswith("left-over in the way; starts again") for line in watch.lines)


async def test_ending_a_child_that_waits_for_its_restart_takes_no_restart() -> None:
    watch = Watch()
    child = Child(
        spec("print('up', flush=True)"),
        say=watch.say,
        changed=watch.changed,
        backoff=Backoff(first_s=600, most_s=600),
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(child.keep)
        await watch.until_said("starts again")
        await child.end(30)
    assert watch.lines.count("up") == 1


@pytest.mark.parametrize(("status", "words"), [(-9, "ended by SIGKILL"), (1, "ended with status 1")])
def test_an_exit_is_told_in_words(status: int, words: str) -> None:
    assert describe_exit(status) == words


PARENT = """
import sys, trio
from cli.child import Child, ChildSpec

async def main():
    spec = ChildSpec("kid", "kid", (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"), "")
    child = Child(spec, say=lambda name, line: print(child.pid, flush=True), changed=lambda: None)
    await child.keep()

trio.run(main)
"""


def start_parent() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)


async def test_children_die_with_a_parent_that_was_killed_without_a_word() -> None:
    parent = start_parent()
    assert parent.stdout is not None
    try:
        pid = int(await trio.to_thread.run_sync(parent.stdout.readline))
        assert lives(pid)
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
    await until_gone(pid)
