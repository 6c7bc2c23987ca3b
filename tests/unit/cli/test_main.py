"""The command line as a person meets it: help, versions, and one clear message for what is wrong."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = (
    "up",
    "edge",
    "room-actor",
    "persona-actor",
    "migrate",
    "ps",
    "health",
    "envoy",
    "rooms",
    "show",
    "persona",
)


def lovelm(*arguments: str, home: Path | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LOVELM_")}
    environment = {**kept, "COLUMNS": "100", **settings}
    if home is not None:
        environment["LOVELM_HOME"] = str(home)
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


def test_help_lists_every_command() -> None:
    done = lovelm("--help")
    assert done.returncode == 0
    for command in COMMANDS:
        assert re.search(rf"^\W*{command} ", done.stdout, re.MULTILINE), command


def test_help_of_up_names_its_options_and_settings() -> None:
    text = lovelm("up", "--help").stdout
    for word in ("--edges", "--room-actors", "--persona-actors", "--no-envoy", "LOVELM_HOME", "LOVELM_PORT"):
        assert word in text


def test_the_version_is_printed() -> None:
    assert re.fullmatch(r"lovelm \d+\.\d+\.\d+\n", lovelm("--version").stdout)


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        (["up"], {"LOVELM_PORT": "many"}, "LOVELM_PORT: Input should be a valid integer"),
        (["up"], {"LOVELM_GRPC_PORT": "0"}, "LOVELM_GRPC_PORT: Input should be greater than or equal to 1"),
        (["up"], {"LOVELM_SAY_RATE": "-1"}, "LOVELM_SAY_RATE: Input should be greater than 0"),
        (
            ["up"],
            {"LOVELM_SAYRATE": "1"},
            "LOVELM_SAYRATE: there is no such setting; did you mean LOVELM_SAY_RATE?",
        ),
        (["up"], {"LOVELM_MODEL_URL": "vllm:8000"}, "LOVELM_MODEL_URL: Value error, must start with http"),
        (
            ["up"],
            {"LOVELM_REDIS_URL": "foo"},
            "LOVELM_REDIS_URL: Value error, must be a URL that starts with redis://",
        ),
        (
            ["up"],
            {"LOVELM_DATABASE_URL": "foo"},
            "LOVELM_DATABASE_URL: Value error, must be a URL that starts with",
        ),
        (["up"], {"LOVELM_GRPC_PORT": "8080"}, "LOVELM_GRPC_PORT: must not be 8080, which is LOVELM_PORT"),
        (
            ["up"],
            {"LOVELM_METRICS_PORT": "8079"},
            "LOVELM_METRICS_PORT: metrics take the ports 8079 to 8081, and 8080 is LOVELM_PORT",
        ),
        (["up"], {"LOVELM_BIND": "999.1.1.1"}, "LOVELM_BIND: Value error, must be an IPv4 address"),
        (["up"], {"LOVELM_EDGES": "2"}, "LOVELM_EDGES: there is no such setting; did you mean --edges?"),
        (["up"], {"LOVELM_ROOM_ACTORS_COUNT": "2"}, "there is no such setting; did you mean --room-actors?"),
        (["up"], {"LOVELM_PERSONA_ACTORS": "2"}, "LOVELM_PERSONA_ACTORS: holds addresses; how many"),
        (["persona-actor"], {"LOVELM_LISTEN": "a b:1"}, "LOVELM_LISTEN: String should match"),
        (["ps"], {"LOVELM_LOG_LEVEL": "loud"}, "LOVELM_LOG_LEVEL: Input should be 'debug'"),
        (["migrate"], {}, "LOVELM_DATABASE_URL: Field required"),
        (["up", "--edges", "0"], {}, "--edges"),
        (["fly"], {}, "No such command 'fly'"),
        (["up"], {"LOVELM_OPERATOR_TOKEN": "short"}, "LOVELM_OPERATOR_TOKEN: Value error, must have 16"),
        (["show", "knobs", "panel", "width"], {}, "width: not NAME=VALUE"),
        (["show", "donate", "panel", "민", "0"], {}, "AMOUNT"),
        (["health", "127.0.0.1"], {}, "not http://host:port/path"),
    ],
)
def test_wrong_settings_and_usage_are_one_message_and_status_2(
    tmp_path: Path, arguments: list[str], settings: dict[str, str], message: str
) -> None:
    done = lovelm(*arguments, home=tmp_path, **settings)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_ps_without_a_running_up_is_a_clear_error(tmp_path: Path) -> None:
    done = lovelm("ps", "--json", home=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"lovelm: no 'lovelm up' runs on {tmp_path}\n"


def test_health_of_nobody_is_status_1() -> None:
    done = lovelm("health", "http://127.0.0.1:1/readyz")
    assert (done.returncode, done.stdout) == (1, "not ready\n")


def test_an_unknown_persona_is_named_beside_those_that_exist() -> None:
    done = lovelm("persona", "check", "nobody")
    assert done.returncode == 1
    assert "no such persona pack: nobody (there are: " in done.stderr
    assert "hong-sehyeon" in done.stderr


def test_help_comes_without_loading_what_the_processes_need() -> None:
    code = (
        "import sys, cli.main; print(*{'grpc', 'langgraph', 'asyncpg', 'fastapi', 'trio'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_setting_that_resembles_none_is_not_guessed_at(tmp_path: Path) -> None:
    done = lovelm("up", home=tmp_path, LOVELM_COLOUR="red")
    assert done.returncode == 2
    assert "LOVELM_COLOUR: there is no such setting\n" in done.stderr
