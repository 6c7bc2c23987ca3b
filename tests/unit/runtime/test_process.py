"""A process of ours under real signals: the first asks it to drain, the second stops it, the deadline does too."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import trio

from runtime import aio
from runtime.process import run_once

BEGIN = """
import trio
from runtime import process, telemetry
from runtime.settings import Settings
telemetry.start(Settings(), "test")
"""

DRAINS_WELL = """
async def main(stop):
    print("up", flush=True)
    await stop.requested.wait()
    print("drained", flush=True)
"""

NEVER_DRAINS = """
async def main(stop):
    print("up", flush=True)
    await stop.requested.wait()
    print("draining", flush=True)
    await trio.sleep_forever()
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a process that runs the given `main`."""
    started = []

    def start(main: str, drain_deadline_s: float = 60.0) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"{BEGIN}\n{main}\nprocess.run(main, drain_deadline_s={drain_deadline_s})",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_lets_the_process_drain(start: Start, signum: signal.Signals) -> None:
    process = start(DRAINS_WELL)
    assert line(process) == "up"
    process.send_signal(signum)
    assert line(process) == "drained"
    assert process.wait(30) == 0


def test_the_second_signal_stops_what_does_not_drain(start: Start) -> None:
    process = start(NEVER_DRAINS)
    assert line(process) == "up"
    process.send_signal(signal.SIGTERM)
    assert line(process) == "draining"
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0


def test_the_deadline_stops_what_does_not_drain(start: Start) -> None:
    process = start(NEVER_DRAINS, drain_deadline_s=0.01)
    assert line(process) == "up"
    process.send_signal(signal.SIGTERM)
    assert line(process) == "draining"
    assert process.wait(30) == 0


def test_a_main_that_returns_ends_the_process_without_a_signal(start: Start) -> None:
    process = start('async def main(stop): print("done", flush=True)')
    assert line(process) == "done"
    assert process.wait(30) == 0


def test_what_was_imported_is_no_work_for_the_garbage_collector(start: Start) -> None:
    process = start("""
import gc
async def main(stop): print(gc.get_freeze_count(), len(gc.get_objects()), flush=True)
""")
    frozen, watched = map(int, line(process).split())
    assert frozen > 10 * watched > 0


def test_an_error_of_main_comes_out_as_itself_with_its_cause(start: Start) -> None:
    process = start(
        """
async def main(stop):
    async with trio.open_nursery():
        raise LookupError("the reason") from KeyError("the cause")
run = process.run
def run_and_tell(main, **deadline):
    try:
        run(main, **deadline)
    except LookupError as exc:
        print(f"{exc} {type(exc.__cause__).__name__}", flush=True)
process.run = run_and_tell
"""
    )
    assert line(process) == "the reason KeyError"
    assert process.wait(30) == 0


def test_one_piece_of_work_has_both_loops_and_its_error_comes_out_alone() -> None:
    async def answer() -> int:
        await trio.lowlevel.checkpoint()
        return await aio.call(_on_asyncio)

    async def fail() -> None:
        async with trio.open_nursery():
            raise ValueError("as it is")

    assert run_once(answer) == 7
    with pytest.raises(ValueError, match="as it is"):
        run_once(fail)


async def _on_asyncio() -> int:
    return 7
