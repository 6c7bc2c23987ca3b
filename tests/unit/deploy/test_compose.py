"""compose.yaml, Dockerfile and topology say nothing that the code does not know."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from cli.check_settings import PROCESS_SETTINGS
from cli.main import app
from cli.seed import MigrateSettings
from runtime.settings import ENV_PREFIX, read

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
TOPOLOGY: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "topology.yaml").read_text())
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
OURS = {
    name: service for name, service in COMPOSE["services"].items() if service["image"].startswith("lovelm")
}
SETTINGS = {**PROCESS_SETTINGS, "migrate": MigrateSettings}
VALUES = {"POSTGRES_PASSWORD": "p", "LOVELM_SECRET": "s" * 44}  # what its head tells people to set


def environment(service: str) -> dict[str, str]:
    """As the process sees it: with the variables filled in."""

    def fill(match: re.Match[str]) -> str:
        name, default = match[1], match[2] or ""
        return VALUES.get(name, default.removeprefix(":-"))

    variables = OURS[service].get("environment", {})
    return {key: re.sub(r"\$\{(\w+)(:[-?][^}]*)?\}", fill, str(value)) for key, value in variables.items()}


def test_every_process_of_the_platform_is_a_service() -> None:
    assert set(COMPOSE["services"]) == {
        "postgres",
        "redis",
        "migrate",
        "persona-actor",
        "room-actor",
        "edge",
        "envoy",
    }
    assert set(OURS) == set(COMPOSE["services"]) - {"postgres", "redis"}


@pytest.mark.parametrize("service", OURS)
def test_every_command_is_one_that_lovelm_has(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    group = typer.main.get_command(app)
    name, *arguments = OURS[service]["command"]
    command = group.commands[name]  # type: ignore[attr-defined]
    command.make_context(name, arguments)  # raises for an option or an argument that it does not know


@pytest.mark.parametrize("service", [service for service in OURS if service != "envoy"])
def test_the_settings_of_every_service_are_keys_and_values_that_its_process_accepts(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = SETTINGS[service]
    variables = environment(service)
    assert {key.removeprefix(ENV_PREFIX).lower() for key in variables} <= set(kind.model_fields)
    for key, value in variables.items():
        monkeypatch.setenv(key, value)
    read(kind)


@pytest.mark.parametrize("service", [service for service in COMPOSE["services"] if service != "migrate"])
def test_every_service_that_stays_has_a_health_check(service: str) -> None:
    assert COMPOSE["services"][service]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("service", ["persona-actor", "room-actor", "edge"])
def test_health_is_asked_where_the_process_listens(service: str) -> None:
    asked = OURS[service]["healthcheck"]["test"]
    assert asked[:3] == ["CMD", "lovelm", "health"]
    listened = {
        value.rpartition(":")[2] for key, value in environment(service).items() if key.endswith("LISTEN")
    }
    assert re.search(r":(\d+)", asked[3].partition("//")[2])[1] in listened  # type: ignore[index]


def test_who_waits_for_whom_exists_and_what_runs_once_is_waited_for_to_the_end() -> None:
    for service in OURS.values():
        for name, condition in service.get("depends_on", {}).items():
            assert name in COMPOSE["services"]
            wanted = "service_completed_successfully" if name == "migrate" else "service_healthy"
            assert condition == {"condition": wanted}


def test_envoy_stands_before_what_the_services_listen_on() -> None:
    edge, persona = environment("edge"), environment("persona-actor")
    port = re.compile(r".*:")
    assert TOPOLOGY["edges"] == [
        {
            "websocket": port.sub("edge:", edge["LOVELM_LISTEN"]),
            "http": port.sub("edge:", edge["LOVELM_HTTP_LISTEN"]),
        }
    ]
    assert TOPOLOGY["persona_actors"] == [port.sub("persona-actor:", persona["LOVELM_LISTEN"])]
    published = [mapping.split(":")[-1] for mapping in OURS["envoy"]["ports"]]
    assert published == [str(TOPOLOGY["port"]), str(TOPOLOGY["grpc_port"])]


def test_nothing_is_published_beyond_this_machine() -> None:
    published = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_volumes_are_named() -> None:
    mounted = {
        volume.split(":")[0]
        for service in COMPOSE["services"].values()
        for volume in service.get("volumes", [])
    }
    assert mounted == set(COMPOSE["volumes"])


def test_the_image_copies_only_what_exists_and_every_package() -> None:
    copied = {
        source.rstrip("/")
        for line in DOCKERFILE.splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for source in shlex.split(line)[1:-1]
    }
    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} <= copied


def test_the_image_does_not_run_as_root() -> None:
    last_stage = DOCKERFILE.rpartition("FROM ")[2]
    assert re.search(r"^USER (?!root)\w+$", last_stage, re.MULTILINE)


@pytest.mark.parametrize(
    ("service", "handed_on"),
    [
        ("persona-actor", ("model_",)),
        ("edge", ("say_", "operator_")),
        ("room-actor", ("operator_", "knobs", "read_rate")),
    ],
)
def test_what_is_documented_of_models_and_of_speaking_is_handed_on_with_its_default(
    service: str, handed_on: tuple[str, ...]
) -> None:
    kind = SETTINGS[service]
    keys = [key for key in kind.model_fields if key.startswith(handed_on)]
    assert keys
    for key in keys:
        name = f"{ENV_PREFIX}{key.upper()}"
        assert OURS[service]["environment"][name] == f"${{{name}:-{kind.model_fields[key].default}}}"


def test_every_process_has_a_name_of_its_own() -> None:
    names = [environment(service)["LOVELM_NAME"] for service in OURS if service != "envoy"]
    assert len(set(names)) == len(OURS) - 1
