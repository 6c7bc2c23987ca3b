"""How fast one viewer may speak."""

from edge.rate import TokenBucket


def test_a_burst_passes_at_once_and_then_as_many_as_flow_in() -> None:
    bucket = TokenBucket(per_s=2.0, burst=3)

    assert [bucket.may_pass(100.0) for _ in range(5)] == [True, True, True, False, False]
    assert [bucket.may_pass(100.4), bucket.may_pass(100.5), bucket.may_pass(100.5)] == [False, True, False]


def test_silence_gathers_no_more_than_a_burst() -> None:
    bucket = TokenBucket(per_s=2.0, burst=3)
    bucket.may_pass(0.0)

    assert [bucket.may_pass(1e9) for _ in range(4)] == [True, True, True, False]


def test_a_refusal_takes_nothing() -> None:
    bucket = TokenBucket(per_s=1.0, burst=1)
    bucket.may_pass(0.0)
    refusals = [bucket.may_pass(0.1 * tenth) for tenth in range(1, 10)]

    assert refusals == [False] * 9
    assert bucket.may_pass(1.001)
