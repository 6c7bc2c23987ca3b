"""Who may come in: never more than there is room for, never faster than the edge can greet."""

from hypothesis import given
from hypothesis import strategies as st

from edge.admission import Admission, Busy


def test_a_full_edge_takes_nobody_until_somebody_leaves() -> None:
    admission = Admission(most=2, per_s=100)
    assert [admission.enter(1.0) for _ in range(4)] == [None, None, Busy.FULL, Busy.FULL]

    admission.leave()
    assert [admission.enter(1.0) for _ in range(2)] == [None, Busy.FULL]


def test_a_burst_of_two_seconds_passes_and_then_as_many_as_the_rate_allows() -> None:
    admission = Admission(most=1_000, per_s=10)
    assert [admission.enter(5.0) for _ in range(21)].count(None) == 20
    assert [admission.enter(5.5) for _ in range(9)].count(None) == 5


def test_who_finds_the_edge_full_does_not_use_up_the_rate() -> None:
    admission = Admission(most=1, per_s=0.5)
    assert admission.enter(0.0) is None
    assert {admission.enter(0.0) for _ in range(50)} == {Busy.FULL}
    admission.leave()
    assert admission.enter(2.0) is None


def test_a_rate_below_one_a_second_still_lets_somebody_in() -> None:
    assert Admission(most=1, per_s=0.1).enter(0.0) is None


@given(
    st.integers(1, 20),
    st.floats(0.1, 50),
    st.lists(st.tuples(st.booleans(), st.floats(0, 2)), max_size=200),
)
def test_the_cap_and_the_rate_hold_whoever_comes_and_goes(
    most: int, per_s: float, steps: list[tuple[bool, float]]
) -> None:
    admission, now_s, let_in = Admission(most=most, per_s=per_s), 0.0, 0
    for comes, pause_s in steps:
        now_s += pause_s
        if comes:
            let_in += admission.enter(now_s) is None
        elif admission.inside:
            admission.leave()
        assert 0 <= admission.inside <= most
        assert let_in <= max(1.0, 2 * per_s) + per_s * now_s + 1e-6
