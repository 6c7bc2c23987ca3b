"""A short round of chaos on the real processes: what `make chaos` does for ten minutes, with one seed."""

from pathlib import Path

import pytest

from tests.chaos.checker import check
from tests.chaos.history import Acknowledged, Entered, History
from tests.chaos.run import keep, play

SECONDS = 40.0
SEED = 3


@pytest.mark.timeout(300)
async def test_a_short_round_of_faults_breaks_no_promise(loop: None, tmp_path: Path) -> None:
    history = History()
    home = tmp_path / "home"
    home.mkdir()
    try:
        await play(home, seconds=SECONDS, seed=SEED, history=history)
        violations = check(history)
        assert not violations, "\n".join(map(str, violations[:20]))
    except BaseException:
        keep(tmp_path / "kept", home, history)
        raise
    events = [event for record in history.records for event in record.events]
    assert sum(isinstance(event, Acknowledged) for event in events) > 200
    assert sum(isinstance(event, Entered) and event.recovered for event in events) > 0
    assert len({fault.kind for fault in history.faults}) > 8
    assert len({entry.fence for entry in history.entries}) > 1
    assert sum(entry.body["t"] == "reply" for entry in history.entries) > 3
    assert len(history.payments) > 5
