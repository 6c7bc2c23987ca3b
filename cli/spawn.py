"""Owns how a child process is started, awaited and ended. Knows nothing of why."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import trio

PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


def spawn(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    death_signal: signal.Signals,
    options: Mapping[str, Any] | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a child in a process group of its own, so that a Ctrl-C reaches only us. Its output comes through one
    pipe. The kernel sends it `death_signal` when we die without a word (on Linux; elsewhere it would live on).

    Call it from the thread that lives as long as the process (the main one): "parent" is a thread to the kernel.
    options: more for `subprocess.Popen`, such as user and cwd. Raises OSError when the command cannot be run.
    """
    return subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
        preexec_fn=_tie_to_parent(death_signal),
        **(options or {}),
    )


async def wait_until_exit(process: subprocess.Popen[bytes]) -> int:
    """Its exit status; negative: the signal that ended it. Before it is reaped, what is left of its process group is
    killed. Cancelled, it leaves the process as it is."""
    if sys.platform != "linux":
        return await trio.to_thread.run_sync(process.wait, abandon_on_cancel=True)
    if process.returncode is None:
        descriptor = os.pidfd_open(process.pid)
        try:
            await trio.lowlevel.wait_readable(descriptor)
        finally:
            os.close(descriptor)
        kill_group(process)  # its number is not given anew before we reap it
    return process.wait()


def send_signal(process: subprocess.Popen[bytes], signum: signal.Signals) -> None:
    """Signals the process alone. Does nothing when it has ended."""
    process.send_signal(signum)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kills the process and all that it started within its group."""
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # gone, or (on macOS) a zombie
            return


def reap(process: subprocess.Popen[bytes]) -> None:
    """Leaves nothing of the process behind, living or dead."""
    if process.returncode is None:
        kill_group(process)
        process.wait()  # killed: this takes no time
    if process.stdout is not None:
        process.stdout.close()


def _tie_to_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)  # loaded here: after the fork only the system call may happen
    parent = os.getpid()

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # it died before the call above
            os._exit(1)

    return tie
