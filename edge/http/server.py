"""Owns how the app meets the network: Hypercorn on the loop that is running already."""

import logging
import socket

import trio
from fastapi import FastAPI
from hypercorn.config import Config
from hypercorn.trio import serve as hypercorn_serve

KEEP_ALIVE_S = (
    75.0  # longer than a proxy in front keeps its idle connections, so that it is the one to close them
)
STALLED_S = 8.0  # a peer that takes nothing of what was sent for so long is given up; below the default drain deadline
GRACE_S = 3.0  # for requests in flight when it stops
MAX_HEAD_BYTES = 16 * 1024


async def serve(
    app: FastAPI,
    listen: str,
    *,
    stop: trio.Event,
    task_status: trio.TaskStatus[list[str]] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serves until `stop` is set, then lets requests in flight end (three seconds) and returns.

    listen: host:port; port 0 takes a free one. Started with what it listens on, as URLs, once it listens. Raises
    OSError when it cannot. Cancelled, it drops the connections."""
    config = Config()
    config.bind = [f"fd://{_listener(listen).detach()}"]
    config.accesslog = None  # query strings and addresses stay out of the logs
    config.errorlog = logging.getLogger("hypercorn.error")  # as the process has configured it
    config.include_server_header = False
    config.keep_alive_timeout = KEEP_ALIVE_S
    config.graceful_timeout = GRACE_S
    config.h11_max_incomplete_size = MAX_HEAD_BYTES
    config.backlog = 1_024
    await hypercorn_serve(app, config, shutdown_trigger=stop.wait, task_status=task_status)  # type: ignore[arg-type]  # FastAPI is an ASGI app; Hypercorn says so in TypedDicts of its own


def _listener(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, int(port)), family=family, backlog=1_024)
    # Hypercorn shields its writes from cancellation, so a peer that stops reading would hold up the end of the process
    # for ever. The kernel breaks such a connection instead; accepted sockets inherit the option.
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(STALLED_S * 1000))
    return listener
