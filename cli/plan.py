"""Owns which processes an `up` consists of, and how they find each other. Pure: starts nothing, opens nothing."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cli.child import ChildSpec
from cli.ports import LOOPBACK
from cli.settings import UpSettings

EDGE, ROOM_ACTOR, PERSONA_ACTOR = "edge", "room-actor", "persona-actor"
POSTGRES, REDIS, ENVOY = "postgres", "redis", "envoy"

STOP_ORDER = (EDGE, ENVOY, ROOM_ACTOR, PERSONA_ACTOR, REDIS, POSTGRES)
"""Viewers are told first, through an Envoy that still stands; what others need goes last."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each. envoy: False lets the first edge and the first persona actor hold the public ports."""

    edges: int = 1
    room_actors: int = 1
    persona_actors: int = 1
    envoy: bool = True


@dataclass(frozen=True, slots=True)
class Stores:
    """Where the processes find the servers, and their secrets: what signs the viewers' tokens, and what operators prove
    themselves with."""

    database_url: str
    redis_url: str
    secret: str
    operator_token: str


@dataclass(frozen=True, slots=True)
class Process:
    """ready: what to ask whether it is (`http://…` or `grpc://host:port`, see `cli.probe`)."""

    spec: ChildSpec
    ready: str


@dataclass(frozen=True, slots=True)
class Plan:
    """processes: ours, in the order of starting. topology: what Envoy is told, None without Envoy. doors: what must
    be ready through the public ports before a viewer can enter."""

    stores: Stores
    processes: tuple[Process, ...]
    topology: Mapping[str, Any] | None
    url: str
    doors: tuple[str, ...]


def make_plan(size: Size, settings: UpSettings, stores: Stores, ports: Iterator[int]) -> Plan:
    """ports: free loopback ports, none twice. Every process keeps its port for as long as the launcher runs."""
    shown_host = LOOPBACK if settings.bind == "0.0.0.0" else settings.bind
    public, grpc = f"{settings.bind}:{settings.port}", f"{settings.bind}:{settings.grpc_port}"

    def listens(count: int, first: str | None = None) -> list[str]:
        private = [f"{LOOPBACK}:{next(ports)}" for _ in range(count if first is None else count - 1)]
        return private if first is None else [first, *private]

    personas = listens(size.persona_actors, None if size.envoy else grpc)
    rooms = listens(size.room_actors)
    edges = listens(size.edges, None if size.envoy else public)
    edges_http = listens(size.edges)
    common = {"LOVELM_HOME": str(settings.home.absolute()), "LOVELM_LOG_FORMAT": settings.log_format}
    processes = [
        _process(
            ROOM_ACTOR,
            number,
            {
                **common,
                "LOVELM_LISTEN": listen,
                "LOVELM_ADDRESS": listen,
                "LOVELM_DATABASE_URL": stores.database_url,
                "LOVELM_PERSONA_ACTORS": ",".join(personas),
                "LOVELM_OPERATOR_TOKEN": stores.operator_token,
            },
            ready=f"grpc://{listen}",
        )
        for number, listen in enumerate(rooms, 1)
    ]
    processes += [
        _process(
            PERSONA_ACTOR, number, {**common, "LOVELM_LISTEN": listen}, ready=f"grpc://{_dialled(listen)}"
        )
        for number, listen in enumerate(personas, 1)
    ]
    processes += [
        _process(
            EDGE,
            number,
            {
                **common,
                "LOVELM_LISTEN": listen,
                "LOVELM_HTTP_LISTEN": http,
                "LOVELM_ROOM_ACTORS": ",".join(rooms),
                "LOVELM_DATABASE_URL": stores.database_url,
                "LOVELM_REDIS_URL": stores.redis_url,
                "LOVELM_SECRET": stores.secret,
                "LOVELM_OPERATOR_TOKEN": stores.operator_token,
            },
            ready=f"http://{_dialled(listen)}/readyz",
        )
        for number, (listen, http) in enumerate(zip(edges, edges_http, strict=True), 1)
    ]
    return Plan(
        stores=stores,
        processes=tuple(
            _with_metrics_port(process, settings.metrics_port + number if settings.metrics_port else 0)
            for number, process in enumerate(processes)
        ),
        topology=_topology(settings, edges, edges_http, personas) if size.envoy else None,
        url=f"http://{shown_host}:{settings.port}",
        doors=(f"http://{shown_host}:{settings.port}/readyz", f"grpc://{shown_host}:{settings.grpc_port}"),
    )


def lovelm_command(*arguments: str) -> tuple[str, ...]:
    """The `lovelm` command of this very installation."""
    return (sys.executable, "-P", "-m", "cli", *arguments)  # -P: a folder of the user's is no package of ours


def _process(kind: str, number: int, environment: dict[str, str], *, ready: str) -> Process:
    name = f"{kind}-{number}"
    return Process(
        ChildSpec(
            name=name,
            kind=kind,
            command=lovelm_command(kind),
            address=_dialled(environment["LOVELM_LISTEN"]),
            environment={**environment, "LOVELM_NAME": name},
        ),
        ready,
    )


def _dialled(listen: str) -> str:
    """Where to reach a listener of this machine: one on all addresses is reached on loopback."""
    return listen.replace("0.0.0.0:", f"{LOOPBACK}:")


def _with_metrics_port(process: Process, port: int) -> Process:
    """LOVELM_METRICS_PORT is the port of the first process; the others follow it. 0: none serves metrics."""
    environment = {**process.spec.environment, "LOVELM_METRICS_PORT": str(port)}
    return replace(process, spec=replace(process.spec, environment=environment))


def _topology(
    settings: UpSettings, edges: list[str], edges_http: list[str], personas: list[str]
) -> dict[str, Any]:
    return {
        "listen": settings.bind,
        "port": settings.port,
        "grpc_port": settings.grpc_port,
        "edges": [{"websocket": edge, "http": http} for edge, http in zip(edges, edges_http, strict=True)],
        "persona_actors": personas,
    }
