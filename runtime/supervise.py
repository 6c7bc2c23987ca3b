"""Owns restarting what died, with growing pauses. Knows nothing of what it runs."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
import trio

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses between tries: doubling from `first_s` to `most_s`, with full jitter over the upper half.

    A run that lasted `healthy_s` starts the count anew.
    """

    first_s: float = 0.1
    most_s: float = 10.0
    healthy_s: float = 30.0

    def pause_s(self, failures: int, roll: float) -> float:
        """failures: in a row, from 1. roll: in [0, 1). Returns seconds."""
        ceiling = min(self.most_s, self.first_s * 2.0 ** min(failures - 1, 30))
        return ceiling * (0.5 + roll / 2)


async def keep_running(
    name: str,
    run: Callable[[], Awaitable[None]],
    backoff: Backoff = Backoff(),
    give_up: Callable[[], bool] = lambda: False,
) -> None:
    """Runs `run` until it returns; when it raises, waits and runs it again, for ever or until `give_up` says so.

    Cancellation goes through at once and is never counted as a failure.
    """
    failures = 0
    while True:
        started_s = trio.current_time()
        try:
            await run()
            return
        except Exception:
            if give_up():
                raise
            if trio.current_time() - started_s >= backoff.healthy_s:
                failures = 0
            failures += 1
            pause_s = backoff.pause_s(failures, random.random())
            log.exception("task_restarts", task=name, failures=failures, pause_s=round(pause_s, 3))
        await trio.sleep(pause_s)
