"""Owns giving orders to a process of the benchmark: a JSON line on its stdin each, answered by one on its stdout."""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

Json = dict[str, Any]


class OrderFailed(Exception):
    """It could not be done, or the process is gone."""


class Worker:
    """A module of the benchmark, run as a process of its own. Ends when its stdin is closed."""

    def __init__(self, module: str, arguments: Sequence[str]) -> None:
        self._module = module
        self._numbers = itertools.count()
        self._answers: dict[int, Json] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def read_line(self) -> str:
        """What it says next, outside of any order. Raises OrderFailed."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise OrderFailed(f"{self._module} has ended with status {self._process.wait()}")
        return line.rstrip("\n")

    def order(self, **order: Any) -> Json:
        """Gives an order and waits for its answer. Raises OrderFailed."""
        return self.wait_for(self.begin(**order))

    def begin(self, **order: Any) -> int:
        """Gives an order. Returns its number, for `wait_for`."""
        number = next(self._numbers)
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"number": number, **order}) + "\n")
            self._process.stdin.flush()
        except OSError as exc:
            raise OrderFailed(f"{self._module} has ended with status {self._process.wait()}") from exc
        return number

    def wait_for(self, number: int) -> Json:
        """The answer to an order. Raises OrderFailed."""
        while number not in self._answers:
            answer = json.loads(self.read_line())
            self._answers[answer["to"]] = answer
        answer = self._answers.pop(number)
        if "failed" in answer:
            raise OrderFailed(answer["failed"])
        done: Json = answer["ok"]
        return done

    def end(self) -> None:
        """Closes its stdin and waits; kills it when it does not go."""
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            try:
                stream.close()
            except OSError:
                continue  # it was gone, with a word of ours unread
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
