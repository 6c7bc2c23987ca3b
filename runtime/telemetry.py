"""Owns logs and metrics of a process: structlog lines, Prometheus numbers. Never chat text, names or tokens."""

import logging
import sys

import structlog
from prometheus_client import start_http_server

from runtime.settings import Settings


def start(settings: Settings, process: str) -> None:
    """Configures logging for this process and, when a port is set, serves /metrics on loopback from a thread."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,  # modules take their logger at import, before this runs
    )
    structlog.contextvars.bind_contextvars(process=process, name=settings.name)
    # Libraries log through the standard library: warnings and worse come out in the same place.
    logging.basicConfig(
        level=max(level, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )
    if settings.metrics_port:
        start_http_server(settings.metrics_port, addr="127.0.0.1")
