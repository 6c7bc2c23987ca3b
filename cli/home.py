"""Owns the files of one LOVELM_HOME: the lock, the secrets, the state of a running `up`. Starts nothing."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from cli.errors import CannotStart, NotRunning

SECRET_BYTES = 32  # 256 bits, what HS256 asks for; written as 43 url-safe characters


@dataclass(frozen=True, slots=True)
class Running:
    """A process of a running `up`, as `lovelm ps` shows it. kind: edge, room-actor, persona-actor, postgres, redis
    or envoy. address: where it listens; of an edge, its WebSocket listener."""

    name: str
    kind: str
    pid: int
    address: str


class Home:
    """The folder in which one `lovelm up` keeps its state. Made on first use, readable by its owner only."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock_path = self.path / "up.lock"
        self._state_path = self.path / "up.json"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the home for one launcher. The kernel lets go of it when the process ends, however it ends.
        Raises CannotStart when another launcher holds it."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            raise CannotStart(f"cannot use {self.path} as LOVELM_HOME: {exc.strerror}") from exc
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            os.close(descriptor)
            raise CannotStart(
                f"another 'lovelm up' runs on {self.path}: stop it, or set LOVELM_HOME to another folder"
            ) from exc
        self._state_path.unlink(missing_ok=True)  # of one that was killed
        try:
            yield
        finally:
            self._state_path.unlink(missing_ok=True)
            os.close(descriptor)

    def secret(self) -> str:
        """The secret that signs viewers' tokens: made once, readable by its owner only."""
        return _made_once(self.path / "secret")

    @property
    def operator_token_path(self) -> Path:
        """Where `operator_token` keeps it."""
        return self.path / "operator-token"

    def operator_token(self) -> str:
        """What operators prove themselves with: made once, readable by its owner only."""
        return _made_once(self.operator_token_path)

    def read_operator_token(self) -> str:
        """Raises NotRunning when no `up` has made it here."""
        try:
            return self.operator_token_path.read_text().strip()
        except FileNotFoundError as exc:
            raise NotRunning(
                f"no 'lovelm up' has run on {self.path}; set LOVELM_OPERATOR_TOKEN for processes that run elsewhere"
            ) from exc

    def write_state(self, running: Sequence[Running]) -> None:
        """Replaces what `read_state` returns, at once and whole."""
        _write_atomically(self._state_path, json.dumps([asdict(process) for process in running], indent=1))

    def read_state(self) -> list[Running]:
        """The processes that live, of the `up` that holds this home. Raises NotRunning when none does."""
        message = f"no 'lovelm up' runs on {self.path}"
        if not self._is_locked():
            raise NotRunning(message)
        try:
            rows = json.loads(self._state_path.read_text())
        except FileNotFoundError as exc:
            raise NotRunning(f"the 'lovelm up' on {self.path} has started nothing yet") from exc
        return [process for process in (Running(**row) for row in rows) if _lives(process.pid)]

    def _is_locked(self) -> bool:
        try:
            descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(descriptor)


def _made_once(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        secret = secrets.token_urlsafe(SECRET_BYTES)
        _write_atomically(path, secret + "\n")
        return secret


def _write_atomically(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, as another user
        return True
    return True
