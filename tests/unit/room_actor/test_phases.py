"""The phases of a show: the table says everything that may happen."""

import pytest

from room_actor.show import TRANSITIONS, Happening, Phase, after


def test_an_evening_goes_from_its_opening_to_its_end() -> None:
    phase: Phase | None = Phase.SCHEDULED
    for happening, expected in (
        (Happening.STARTED, Phase.OPENING),
        (Happening.OPENED, Phase.CHATTING),
        (Happening.STORY_OPENED, Phase.STORY),
        (Happening.STORY_DONE, Phase.CHATTING),
        (Happening.PANEL_OPENED, Phase.PANEL),
        (Happening.POLL_OPENED, Phase.POLL),
        (Happening.POLL_CLOSED, Phase.CHATTING),
        (Happening.PAUSED, Phase.BREAK),
        (Happening.RESUMED, Phase.CHATTING),
        (Happening.ENDING, Phase.CLOSING),
        (Happening.ENDED, Phase.OVER),
    ):
        assert phase is not None
        phase = after(phase, happening)
        assert phase is expected


@pytest.mark.parametrize(
    ("phase", "happening"),
    [
        (Phase.CHATTING, Happening.STARTED),
        (Phase.STORY, Happening.STORY_OPENED),
        (Phase.POLL, Happening.STORY_OPENED),
        (Phase.STORY, Happening.PAUSED),
        (Phase.SCHEDULED, Happening.STORY_OPENED),
        (Phase.SCHEDULED, Happening.ENDING),
        (Phase.CLOSING, Happening.RESUMED),
        (Phase.CLOSING, Happening.ENDING),
    ],
)
def test_what_is_not_in_the_table_may_not_happen(phase: Phase, happening: Happening) -> None:
    assert after(phase, happening) is None


def test_nothing_leads_out_of_a_show_that_is_over() -> None:
    assert not [happening for phase, happening in TRANSITIONS if phase is Phase.OVER]


def test_every_phase_can_be_reached_and_can_end() -> None:
    reached, front = {Phase.SCHEDULED}, [Phase.SCHEDULED]
    while front:
        here = front.pop()
        for (phase, _), follows in TRANSITIONS.items():
            if phase is here and follows not in reached:
                reached.add(follows)
                front.append(follows)
    assert reached == set(Phase)
    assert all(after(phase, Happening.ENDED) is Phase.OVER for phase in Phase if phase is not Phase.OVER)


def test_a_list_of_rooms_tells_three_kinds_of_shows() -> None:
    assert {phase.show for phase in Phase} == {"scheduled", "live", "over"}
    assert [phase for phase in Phase if phase.show == "live"] == [
        Phase.OPENING,
        Phase.CHATTING,
        Phase.STORY,
        Phase.PANEL,
        Phase.POLL,
        Phase.BREAK,
        Phase.CLOSING,
    ]
