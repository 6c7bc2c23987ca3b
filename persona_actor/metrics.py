"""Owns the persona actor's numbers for Prometheus."""

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

_FIRST_PIECE_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """One set a registry. Outcomes: done, the name of the gRPC status in small letters, or cancelled: the caller closed
    the stream, and what made the reply has been stopped when it is counted."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self.replies = Counter(
            "lovelm_persona_replies", "replies ended", ("persona", "voice", "outcome"), registry=registry
        )
        self.first_piece_s = Histogram(
            "lovelm_persona_first_piece_seconds",
            "from the request to the first words",
            ("voice",),
            buckets=_FIRST_PIECE_S,
            registry=registry,
        )
        self.in_flight = Gauge(
            "lovelm_persona_replies_in_flight",
            "replies being made, or waiting for a place",
            registry=registry,
        )
