"""The home of a launcher: one at a time, a secret made once, a state that tells only of the living."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cli.errors import CannotStart, NotRunning
from cli.home import Home, Running


def own_process(name: str = "edge-1") -> Running:
    return Running(name, "edge", os.getpid(), "127.0.0.1:20000")


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_second_launcher_is_told_that_the_home_is_taken(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with home.lock():
        home.write_state([own_process()])
        with pytest.raises(CannotStart, match="another 'lovelm up' runs on"), Home(home.path).lock():
            pass
        assert home.read_state() == [own_process()]


def test_the_home_is_free_again_after_the_first_has_left(tmp_path: Path) -> None:
    for _ in range(2):
        with Home(tmp_path).lock():
            pass


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(CannotStart, match="file/home as LOVELM_HOME"),
        Home(tmp_path / "file" / "home").lock(),
    ):
        pass


def test_the_secret_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    first = Home(tmp_path).secret()
    assert len(first) >= 32
    assert Home(tmp_path).secret() == first
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_the_operators_token_is_another_one_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    token = home.operator_token()
    assert Home(tmp_path).operator_token() == token == home.operator_token_path.read_text().strip()
    assert token != home.secret()
    assert stat.S_IMODE(home.operator_token_path.stat().st_mode) == 0o600


def test_what_runs_can_be_read_while_the_launcher_holds_the_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.lock():
        home.write_state([own_process()])
        assert Home(tmp_path).read_state() == [own_process()]


def test_the_dead_are_not_listed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.lock():
        home.write_state([Running("redis", "redis", dead_pid(), ""), own_process()])
        assert home.read_state() == [own_process()]


def test_without_a_launcher_nothing_is_read_whatever_a_killed_one_left(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with pytest.raises(NotRunning, match="no 'lovelm up' runs on"):
        home.read_state()
    home.write_state([own_process()])
    with pytest.raises(NotRunning, match="no 'lovelm up' runs on"):
        home.read_state()


def test_a_launcher_that_has_started_nothing_says_so(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.lock(), pytest.raises(NotRunning, match="has started nothing yet"):
        home.read_state()
