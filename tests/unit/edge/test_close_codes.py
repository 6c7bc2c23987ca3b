"""Why a connection is closed."""

import pytest

from edge.close_codes import Close


@pytest.mark.parametrize(
    ("code", "reason"), [(Close.SLOW, "slow"), (Close.NO_PONG, "no pong"), (Close.BAD_REQUEST, "bad request")]
)
def test_a_reason_is_the_name_in_words(code: Close, reason: str) -> None:
    assert code.reason == reason


def test_the_numbers_are_those_of_the_protocol() -> None:
    assert [int(code) for code in Close] == [
        3000, 3001, 3004, 3005, 3008, 3009, 3010, 3011, 3012, 3500, 3501, 3502, 3503, 3504, 3505,
    ]  # fmt: skip
