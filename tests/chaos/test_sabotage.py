"""Chaos that cannot fail proves nothing: room actors that break a promise are caught by well-aimed faults."""

from pathlib import Path

import pytest

from tests.chaos.checker import Broken, check
from tests.chaos.cluster import Size
from tests.chaos.faults import KINDS, Fault
from tests.chaos.history import History
from tests.chaos.run import NotConverged, play

SECONDS = 22.0
STRAND, DEPOSE = (next(kind for kind in KINDS if kind.action == action) for action in ("strand", "depose"))
FAULTS = [Fault(3.0, STRAND, 0, 1.0), Fault(9.0, DEPOSE, 0, 2.0), Fault(15.0, DEPOSE, 1, 2.0)]


async def violations_of(home: Path, sabotage: str) -> set[Broken]:
    size = Size()
    if sabotage:
        size = Size(room_actor="tests.chaos.sabotage", settings={"SABOTAGE": sabotage})
    history = History()
    try:
        await play(home, seconds=SECONDS, seed=1, history=history, size=size, faults=FAULTS)
    except* NotConverged:
        assert sabotage
    assert len(history.entries) > 100
    assert len({entry.fence for entry in history.entries}) > 1
    return {violation.broken for violation in check(history)}


@pytest.mark.timeout(200)
async def test_the_same_faults_without_sabotage_break_no_promise(loop: None, tmp_path: Path) -> None:
    assert await violations_of(tmp_path, "") == set()


@pytest.mark.timeout(200)
async def test_an_owner_who_acknowledges_before_the_commit_is_caught(loop: None, tmp_path: Path) -> None:
    assert Broken.LOST in await violations_of(tmp_path, "acknowledge-early")


@pytest.mark.timeout(200)
async def test_a_store_without_the_fence_is_caught(loop: None, tmp_path: Path) -> None:
    assert {Broken.LOST, Broken.FOREIGN, Broken.ORDER} & await violations_of(tmp_path, "skip-fence")
