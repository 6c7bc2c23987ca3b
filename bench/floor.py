"""Owns building and running the floor: a C loop of `send()`, the least that a fan-out can cost on this machine."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("floor.c")


class Floor:
    """One that runs: `crowd.connect` the viewers, then `go` as often as you like."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.port = port
        self._process = process
        self._is_ready = False

    def go(self) -> dict[str, Any]:
        """Sends its events, once the viewers are in. Returns viewers, events, deliveries, took_s,
        cpu_s, waits, deliveries_per_s, cpu_us_each, began_ns."""
        if not self._is_ready:
            self._read("ready")
            self._is_ready = True
        self._write("go")
        assert self._process.stdout is not None
        figures: dict[str, Any] = json.loads(self._process.stdout.readline())
        return figures

    def _read(self, expected: str) -> None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if line != expected:
            raise RuntimeError(f"the floor said {line!r} where {expected!r} was due")

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


@contextmanager
def running(
    port: int, *, viewers: int, events: int, payload_bytes: int, per_s: float = 0.0, cpu: int | None = None
) -> Iterator[Floor]:
    """Built anew with `cc`, on a port of loopback. cpu: its only core."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "floor"
        subprocess.run(["cc", "-O2", "-o", str(program), str(SOURCE)], check=True)
        arguments = [str(each) for each in (program, port, viewers, events, payload_bytes, per_s)]
        process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            if cpu is not None:
                os.sched_setaffinity(process.pid, {cpu})
            floor = Floor(process, port)
            floor._read("listening")
            yield floor
        finally:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                assert stream is not None
                stream.close()
