"""`lovelm rooms` against a running platform: who owns what, moved by hand, emptied, spread again."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from cli.ports import LOOPBACK
from tests.launched import WAIT_S, Platform, running

ROOMS = ("hong-sehyeon", "oh-yul", "kim-chungi", "kang-sihyeon", "panel")


class Watcher:
    """A viewer in every room, on one connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = 0
        self._pushes: list[Any] = []

    def ask(self, method: str, /, **fields: Any) -> Any:
        self._ids += 1
        self._socket.send(json.dumps({"id": self._ids, method: fields}))
        while True:
            for message in map(json.loads, str(self._socket.recv(WAIT_S)).split("\n")):
                if message.get("id") == self._ids:
                    return message[method]
                if not message:
                    self._socket.send("{}")

    def say(self, room: str, text: str) -> int:
        data = {"channel": f"room:{room}", "text": text, "id": text}
        offset: int = self.ask("rpc", method="say", data=data)["data"]["offset"]
        return offset


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running(tmp_path_factory.mktemp("home"), "--room-actors", "2") as platform:
        yield platform


@pytest.fixture(scope="module")
def watcher(platform: Platform) -> Iterator[Watcher]:
    with connect(f"ws://{LOOPBACK}:{platform.port}/connection/websocket") as socket:
        watcher = Watcher(socket)
        watcher.ask("connect")
        for room in ROOMS:
            watcher.ask("subscribe", channel=f"room:{room}")
        yield watcher


def listed(platform: Platform) -> dict[str, Any]:
    done = platform.lovelm("rooms", "list", "--json")
    assert done.returncode == 0, done.stderr
    return {row["room"]: row for row in json.loads(done.stdout)}


def do(platform: Platform, *arguments: str) -> list[str]:
    done = platform.lovelm("rooms", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_every_room_is_listed_with_its_owner_and_who_is_there(platform: Platform, watcher: Watcher) -> None:
    offset = watcher.say("oh-yul", "안녕하세요")
    rows = listed(platform)
    assert tuple(rows) == ROOMS
    assert {row["state"] for row in rows.values()} == {"served"}
    assert {row["owner"] for row in rows.values()} <= {"room-actor-1", "room-actor-2"}
    row = rows["oh-yul"]
    assert row["position"] >= offset
    assert (row["edges"], row["viewers"], row["fence"]) == (1, 1, 1)
    table = do(platform, "list")
    assert table[0].split() == [
        "ROOM", "STATE", "OWNER", "ADDRESS", "FENCE", "POSITION", "EDGES", "VIEWERS", "WAITING", "SPEAKING",
    ]  # fmt: skip
    assert len(table) == 1 + len(ROOMS)


def test_rooms_move_by_name_or_address_and_their_viewers_stay(platform: Platform, watcher: Watcher) -> None:
    before = watcher.say("panel", "옮기기 전")
    for target in ("room-actor-1", "room-actor-2"):
        do(platform, "move", "panel", "oh-yul", "--to", target)
        rows = listed(platform)
        assert rows["panel"]["owner"] == rows["oh-yul"]["owner"] == target
        assert watcher.say("panel", f"{target}에서") > before
    address = rows["panel"]["address"]
    assert do(platform, "move", "panel", "--to", address) == ["panel is at room-actor-2 already"]
    history = watcher.ask("history", channel="room:panel", limit=1_000)["publications"]
    offsets = [publication["offset"] for publication in history]
    assert offsets == list(range(1, len(offsets) + 1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["move", "nowhere", "--to", "room-actor-1"],
            "lovelm: no such room: nowhere; there are hong-sehyeon, ",
        ),
        (
            ["move", "panel", "--to", "room-actor-9"],
            "lovelm: there is no room actor room-actor-9; those that answer: ",
        ),
        (["drain", "edge-1"], "lovelm: there is no room actor edge-1; "),
    ],
)
def test_what_cannot_be_is_one_clear_line(
    platform: Platform, watcher: Watcher, arguments: list[str], message: str
) -> None:
    done = platform.lovelm("rooms", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1


def test_rooms_are_spread_evenly_and_then_nothing_has_to_move(platform: Platform, watcher: Watcher) -> None:
    do(platform, "move", *ROOMS, "--to", "room-actor-1")
    assert len(do(platform, "spread")) == 2
    assert sorted(Counter(row["owner"] for row in listed(platform).values()).values()) == [2, 3]
    assert do(platform, "spread") == ["nothing had to move"]
    for room in ROOMS:
        assert watcher.say(room, f"{room}은 그대로")


def test_an_actor_is_emptied_and_the_last_one_that_takes_rooms_is_not(
    platform: Platform, watcher: Watcher
) -> None:
    said = do(platform, "drain", "room-actor-1")
    assert said[-1] == "room-actor-1 takes no more rooms until it is restarted"
    rows = listed(platform)
    assert {row["owner"] for row in rows.values()} == {"room-actor-2"}
    for room in ROOMS:
        assert watcher.say(room, f"{room}은 다른 곳에서")
    refused = platform.lovelm("rooms", "drain", "room-actor-2")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "room-actor-2 is the only room actor that takes rooms" in refused.stderr
    back = platform.lovelm("rooms", "move", "panel", "--to", "room-actor-1")
    assert back.returncode == 1
    assert "room-actor-1 takes no more rooms" in back.stderr


def test_without_a_running_up_or_servers_named_it_says_what_to_set(
    tmp_path: Path, platform: Platform
) -> None:
    done = platform.lovelm("rooms", "list", LOVELM_HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert "no 'lovelm up' runs on" in done.stderr
    assert "set LOVELM_DATABASE_URL and LOVELM_ROOM_ACTORS" in done.stderr


def test_a_database_that_is_away_is_one_clear_line(tmp_path: Path, platform: Platform) -> None:
    away = {
        "LOVELM_DATABASE_URL": f"postgresql://postgres@/x?host={tmp_path}",
        "LOVELM_ROOM_ACTORS": "127.0.0.1:9",
    }
    done = platform.lovelm("rooms", "list", LOVELM_HOME=str(tmp_path), **away)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("lovelm: ")
    assert "Traceback" not in done.stderr
