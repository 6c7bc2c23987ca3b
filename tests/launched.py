"""Owns `lovelm up` as tests start it: in a home and on ports of its own, with everything it has said so far."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cli.ports import LOOPBACK, private_ports

START_S = 110.0  # two busy cores and a first start of PostgreSQL
WAIT_S = 60.0


class Platform:
    """One `lovelm up` in a process of its own, with what it has said so far."""

    def __init__(self, home: Path, *options: str, **settings: str) -> None:
        ports = private_ports()
        self.port, self.grpc_port = next(ports), next(ports)
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("LOVELM_")},
            "LOVELM_HOME": str(home),
            "LOVELM_PORT": str(self.port),
            "LOVELM_GRPC_PORT": str(self.grpc_port),
            **settings,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cli", "up", *options],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )
        self.out: list[str] = []
        self.log: list[str] = []
        self._news = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.out)),
            threading.Thread(target=self._read, args=(self.process.stderr, self.log)),
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: Any, lines: list[str]) -> None:
        for line in stream:
            with self._news:
                lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            lines.append("<end>")
            self._news.notify_all()
        stream.close()

    def wait_ready(self) -> None:
        with self._news:
            assert self._news.wait_for(lambda: self.out, START_S), "\n".join(self.log[-40:])
        assert self.out[0] == f"ready {self.url}", "\n".join(self.log[-40:])

    def wait_for_log(self, text: str, after: int = 0) -> None:
        with self._news:
            said = self._news.wait_for(lambda: any(text in line for line in self.log[after:]), WAIT_S)
        assert said, f"{text!r} was not said:\n" + "\n".join(self.log[-40:])

    def end(self, signum: signal.Signals = signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signum)
        status = self.process.wait(WAIT_S)
        for reader in self._readers:
            reader.join(WAIT_S)
        return status

    def lovelm(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            env={**self.environment, **settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=WAIT_S,
        )

    def ps(self) -> list[dict[str, Any]]:
        done = self.lovelm("ps", "--json")
        assert done.returncode == 0, done.stderr
        listed: list[dict[str, Any]] = json.loads(done.stdout)
        return listed

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=WAIT_S) as answer:
            return json.load(answer)


@contextmanager
def running(home: Path, *options: str, **settings: str) -> Iterator[Platform]:
    platform = Platform(home, *options, **settings)
    try:
        platform.wait_ready()
        yield platform
    finally:
        platform.end()
