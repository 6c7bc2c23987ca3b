"""`lovelm up` for real: it lets viewers in, lists what runs, brings back what dies, and leaves nothing behind."""

import json
import os
import select
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect

from cli.ports import LOOPBACK, is_free
from tests.launched import WAIT_S, Platform, running

KINDS = ("edge", "room-actor", "persona-actor", "envoy", "redis", "postgres")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running(tmp_path_factory.mktemp("home"), "--edges", "2", "--room-actors", "2") as platform:
        yield platform


def wait_until_gone(pids: list[int]) -> None:
    """Of any processes, not only children of ours."""
    for pid in pids:
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        gone, _, _ = select.select([descriptor], [], [], WAIT_S)
        os.close(descriptor)
        assert gone, f"process {pid} is still there"


def test_ready_is_all_that_stands_on_stdout_and_then_a_viewer_can_enter(platform: Platform) -> None:
    assert platform.out == [f"ready {platform.url}"]
    rooms = platform.get("/api/v1/rooms")["rooms"]
    assert {room["id"] for room in rooms} == {"hong-sehyeon", "oh-yul", "kim-chungi", "kang-sihyeon", "panel"}
    with connect(f"ws://{LOOPBACK}:{platform.port}/connection/websocket") as viewer:
        viewer.send('{"id":1,"connect":{}}')
        assert json.loads(viewer.recv(WAIT_S))["connect"]["data"]["viewer"]


def test_the_persona_api_answers_on_its_public_port(platform: Platform) -> None:
    assert platform.lovelm("health", f"grpc://{LOOPBACK}:{platform.grpc_port}").returncode == 0


def test_ps_lists_every_process_once_with_the_listener_of_every_edge(platform: Platform) -> None:
    listed = platform.ps()
    kinds = sorted(process["kind"] for process in listed)
    assert kinds == [
        "edge",
        "edge",
        "envoy",
        "persona-actor",
        "postgres",
        "redis",
        "room-actor",
        "room-actor",
    ]
    assert len({process["pid"] for process in listed}) == len(listed)
    assert all(set(process) == {"name", "kind", "pid", "address"} for process in listed)
    for edge in (process for process in listed if process["kind"] == "edge"):
        with connect(f"ws://{edge['address']}/connection/websocket") as viewer:
            viewer.send('{"id":1,"connect":{}}')
            assert json.loads(viewer.recv(WAIT_S))["connect"]["node"] == edge["name"]


def test_the_operators_token_lies_in_the_home_and_is_told_by_its_place_alone(platform: Platform) -> None:
    path = Path(platform.environment["LOVELM_HOME"]) / "operator-token"
    token = path.read_text().strip()
    platform.wait_for_log(f"operators' token: {path}")
    assert all(token not in line for line in platform.log)


def test_an_operator_directs_a_show_from_the_command_line_and_by_http(platform: Platform) -> None:
    pinned = platform.lovelm("show", "pin", "oh-yul", "처음이면 인사해 주세요", "--request", "r-1")
    assert (pinned.returncode, pinned.stderr) == (0, "")
    again = platform.lovelm("show", "pin", "oh-yul", "처음이면 인사해 주세요", "--request", "r-1")
    assert again.stdout == pinned.stdout
    shown = json.loads(platform.lovelm("show", "status", "oh-yul").stdout)
    assert shown["pinned"] == {"text": "처음이면 인사해 주세요", "nick": "", "of": 0}
    token = (Path(platform.environment["LOVELM_HOME"]) / "operator-token").read_text().strip()
    asked = urllib.request.Request(
        f"{platform.url}/api/v1/studio/rooms/oh-yul/show", headers={"authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(asked, timeout=WAIT_S) as answer:
        assert json.load(answer)["pinned"] == shown["pinned"]


def test_what_a_show_refuses_is_one_line(platform: Platform) -> None:
    done = platform.lovelm("show", "resume", "oh-yul")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("lovelm: oh-yul refuses: ")
    wrong = platform.lovelm("show", "skip", "oh-yul", LOVELM_OPERATOR_TOKEN="not the token of it")
    assert wrong.stderr == "lovelm: the token in LOVELM_OPERATOR_TOKEN is not that of this platform\n"


def test_a_second_up_on_the_same_home_says_what_is_in_the_way(platform: Platform) -> None:
    done = platform.lovelm("up")
    assert (done.returncode, done.stdout) == (1, "")
    assert "another 'lovelm up' runs on" in done.stderr


def test_an_up_on_a_busy_port_says_which_and_starts_nothing(platform: Platform, tmp_path: Path) -> None:
    done = platform.lovelm("up", LOVELM_HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"port {platform.port} on {LOOPBACK} is in use" in done.stderr
    assert not (tmp_path / "postgres").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_killed_comes_back_under_its_name_and_address(platform: Platform, kind: str) -> None:
    before = next(process for process in platform.ps() if process["kind"] == kind)
    said = len(platform.log)
    os.kill(before["pid"], signal.SIGKILL)
    platform.wait_for_log(f"{before['name']} is ready again", after=said)
    (after,) = [process for process in platform.ps() if process["name"] == before["name"]]
    assert after["pid"] != before["pid"]
    assert (after["kind"], after["address"]) == (before["kind"], before["address"])


def test_an_end_in_order_stops_edges_before_actors_before_servers_and_leaves_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as platform:
        listed = platform.ps()
        assert {process["kind"] for process in listed} == set(KINDS)
        said = len(platform.log)
        assert platform.end(signal.SIGTERM) == 0
    wait_until_gone([process["pid"] for process in listed])
    assert is_free(LOOPBACK, platform.port)
    assert is_free(LOOPBACK, platform.grpc_port)
    assert not any("killed" in line for line in platform.log[said:])
    drained = [line.split()[0] for line in platform.log[said:] if "process_drains" in line]
    assert drained == ["edge-1", "room-actor-1", "persona-actor-1"]
    assert "no 'lovelm up' runs on" in platform.lovelm("ps").stderr


def test_a_launcher_killed_without_a_word_takes_all_with_it_and_the_next_one_finds_the_rooms(
    tmp_path: Path,
) -> None:
    with running(tmp_path) as first:
        epochs = {room["id"]: room["epoch"] for room in first.get("/api/v1/rooms")["rooms"]}
        listed = first.ps()
        first.process.kill()
        wait_until_gone([process["pid"] for process in listed])
    with running(tmp_path, "--no-envoy") as second:
        assert "envoy" not in {process["kind"] for process in second.ps()}
        assert {room["id"]: room["epoch"] for room in second.get("/api/v1/rooms")["rooms"]} == epochs
        with connect(f"ws://{LOOPBACK}:{second.port}/connection/websocket") as viewer:
            viewer.send('{"id":1,"connect":{}}')
            assert json.loads(viewer.recv(WAIT_S))["connect"]["node"] == "edge-1"
        assert second.lovelm("health", f"grpc://{LOOPBACK}:{second.grpc_port}").returncode == 0


def test_ctrl_c_while_it_starts_ends_it_in_order_too(tmp_path: Path) -> None:
    platform = Platform(tmp_path)
    platform.wait_for_log("redis is ready")
    listed = platform.ps()
    assert platform.end(signal.SIGINT) == 0
    assert platform.out == ["<end>"]
    wait_until_gone([process["pid"] for process in listed])


def test_a_second_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    with running(tmp_path) as platform:
        listed = platform.ps()
        actor = next(process for process in listed if process["kind"] == "room-actor")
        os.kill(actor["pid"], signal.SIGSTOP)  # it will not end by itself
        platform.process.send_signal(signal.SIGINT)
        platform.wait_for_log("stopping (once more: at once)")
        assert platform.end(signal.SIGINT) == 0
        assert any("killing what is left" in line for line in platform.log)
    wait_until_gone([process["pid"] for process in listed])
