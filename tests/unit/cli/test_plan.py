"""Which processes an `up` has, where they listen, and what each is told of the others."""

import itertools
from pathlib import Path

import pytest

from cli.plan import Plan, Process, Size, Stores, make_plan
from cli.settings import UpSettings

STORES = Stores("postgresql://db", "redis://r", "s" * 43, "o" * 43)


def plan_of(size: Size, **settings: object) -> Plan:
    return make_plan(size, UpSettings(home=Path("state"), **settings), STORES, itertools.count(20_000))  # type: ignore[arg-type]


def process(plan: Plan, name: str) -> Process:
    return next(process for process in plan.processes if process.spec.name == name)


def test_names_count_up_by_kind_and_actors_come_before_edges() -> None:
    plan = plan_of(Size(edges=2, room_actors=2, persona_actors=1))
    names = [process.spec.name for process in plan.processes]
    assert names == ["room-actor-1", "room-actor-2", "persona-actor-1", "edge-1", "edge-2"]


def test_every_listener_has_a_port_of_its_own() -> None:
    plan = plan_of(Size(edges=3, room_actors=2, persona_actors=2))
    listens = [
        listen
        for item in plan.processes
        for key in ("LOVELM_LISTEN", "LOVELM_HTTP_LISTEN")
        if (listen := item.spec.environment.get(key))
    ]
    assert len(listens) == 3 * 2 + 2 + 2
    assert len(set(listens)) == len(listens)


def test_edges_know_the_room_actors_and_room_actors_the_persona_actors() -> None:
    plan = plan_of(Size(edges=1, room_actors=2, persona_actors=2))
    rooms = ",".join(process(plan, f"room-actor-{n}").spec.address for n in (1, 2))
    personas = ",".join(process(plan, f"persona-actor-{n}").spec.address for n in (1, 2))
    assert process(plan, "edge-1").spec.environment["LOVELM_ROOM_ACTORS"] == rooms
    for number in (1, 2):
        assert process(plan, f"room-actor-{number}").spec.environment["LOVELM_PERSONA_ACTORS"] == personas


def test_only_edges_are_told_the_secret() -> None:
    plan = plan_of(Size())
    assert [item.spec.kind for item in plan.processes if "LOVELM_SECRET" in item.spec.environment] == ["edge"]


def test_edges_and_room_actors_are_told_the_operators_token_and_nobody_else() -> None:
    told = {
        item.spec.kind: item.spec.environment.get("LOVELM_OPERATOR_TOKEN")
        for item in plan_of(Size()).processes
    }
    assert told == {"room-actor": "o" * 43, "edge": "o" * 43, "persona-actor": None}


def test_the_topology_names_the_listeners_of_the_edges_and_persona_actors() -> None:
    plan = plan_of(Size(edges=2), port=9000, grpc_port=9001)
    assert plan.topology is not None
    edges = [process(plan, f"edge-{n}").spec.environment for n in (1, 2)]
    assert plan.topology["edges"] == [
        {"websocket": edge["LOVELM_LISTEN"], "http": edge["LOVELM_HTTP_LISTEN"]} for edge in edges
    ]
    assert plan.topology["persona_actors"] == [process(plan, "persona-actor-1").spec.address]
    assert (plan.topology["listen"], plan.topology["port"], plan.topology["grpc_port"]) == (
        "127.0.0.1",
        9000,
        9001,
    )


def test_without_envoy_the_first_edge_and_persona_actor_hold_the_public_ports() -> None:
    plan = plan_of(Size(edges=2, persona_actors=2, envoy=False), port=9000, grpc_port=9001)
    assert plan.topology is None
    assert process(plan, "edge-1").spec.address == "127.0.0.1:9000"
    assert process(plan, "persona-actor-1").spec.address == "127.0.0.1:9001"
    assert process(plan, "edge-2").spec.address not in ("127.0.0.1:9000", "127.0.0.1:9001")


def test_public_ports_open_to_all_are_still_reached_on_loopback_from_here() -> None:
    plan = plan_of(Size(envoy=False), bind="0.0.0.0")
    edge = process(plan, "edge-1")
    assert edge.spec.environment["LOVELM_LISTEN"] == "0.0.0.0:8080"
    assert edge.spec.address == "127.0.0.1:8080"
    assert plan.url == "http://127.0.0.1:8080"
    assert plan.doors == ("http://127.0.0.1:8080/readyz", "grpc://127.0.0.1:8081")


@pytest.mark.parametrize(("first", "ports"), [(0, ["0", "0", "0"]), (9100, ["9100", "9101", "9102"])])
def test_metrics_ports_follow_the_one_that_was_set(first: int, ports: list[str]) -> None:
    plan = plan_of(Size(), metrics_port=first)
    assert [item.spec.environment["LOVELM_METRICS_PORT"] for item in plan.processes] == ports
