"""Owns which TCP ports the launcher uses: that the public ones are free, and which private ones its children get."""

import errno
import random
import socket
from collections.abc import Iterator

from cli.errors import CannotStart

LOOPBACK = "127.0.0.1"
# Below the ports that Linux gives to outgoing connections (from 32768 on): a child that restarts finds its port free.
FIRST_PRIVATE_PORT, LAST_PRIVATE_PORT = 20_000, 32_767


def is_free(host: str, port: int) -> bool:
    """True when a listener could be opened there now. A port that only waits out old connections counts as free."""
    return _obstacle(host, port) is None


def _obstacle(host: str, port: int) -> OSError | None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as exc:
            return exc
    return None


def require_free(host: str, port: int, key: str) -> None:
    """Raises CannotStart when no listener can be opened there. It names the setting to change: `key` for the port,
    LOVELM_BIND for the host."""
    match _obstacle(host, port):
        case None:
            return
        case OSError(errno=errno.EADDRINUSE):
            why = f"port {port} on {host} is in use: stop what listens there, or set {key} to another port"
        case OSError(errno=errno.EACCES):
            why = f"port {port} on {host} is not open to this user: set {key} to 1024 or more"
        case obstacle:
            why = (
                f"cannot listen on {host}: {obstacle.strerror}. Set LOVELM_BIND to an address of this machine"
            )
    raise CannotStart(why)


def private_ports(start: int | None = None) -> Iterator[int]:
    """Free loopback ports, none twice. start: where to look first; None: anywhere, so that two launchers differ."""
    span = LAST_PRIVATE_PORT - FIRST_PRIVATE_PORT + 1
    offset = random.randrange(span) if start is None else start - FIRST_PRIVATE_PORT
    for step in range(span):
        port = FIRST_PRIVATE_PORT + (offset + step) % span
        if is_free(LOOPBACK, port):
            yield port
    raise CannotStart(f"no free port between {FIRST_PRIVATE_PORT} and {LAST_PRIVATE_PORT}")
