"""What is read out of locust's statistics, and out of the looks at the platform."""

from typing import Any

from bench.historical import Load, _figures, _load, percentile


def entry(kind: str, name: str, times: dict[int, int], failures: int = 0) -> dict[str, Any]:
    return {
        "method": kind,
        "name": name,
        "num_requests": sum(times.values()),
        "num_failures": failures,
        "response_times": {str(ms): number for ms, number in times.items()},
        "max_response_time": max(times),
        "total_content_length": 0,
    }


def test_a_percentile_is_the_time_that_so_many_stay_within() -> None:
    acks = entry("say", "ack", {4: 50, 9: 45, 1_200: 5})
    assert [percentile(acks, share) for share in (0.5, 0.95, 0.99)] == [4, 9, 1_200]


def test_nothing_measured_has_no_percentile() -> None:
    assert percentile({"response_times": {}}, 0.5) is None


def test_a_line_held_back_by_slow_mode_is_counted_apart_and_is_no_error() -> None:
    row = _figures([entry("say", "ack", {5: 10}, failures=2), entry("refused", "402 slow mode", {5: 3})])
    assert (row["lines"], row["held_back_402"], row["errors"]) == (8, 3, 2)


def test_the_interval_reached_is_the_largest_that_was_announced() -> None:
    assert _figures([entry("slow mode", "interval", {2_000: 3, 30_000: 1, 0: 1})])["slow_mode_most_s"] == 30


def test_load_is_told_of_the_whole_run_and_of_the_time_in_which_all_are_in() -> None:
    loads = [
        Load(float(at), {"edge": 0.1 * at + (0.4 * (at - 10) if at > 10 else 0)}, 5 * at) for at in range(21)
    ]
    told = _load(loads, enter_s=10, hold_s=10)
    assert (told["events_per_s"], told["cpu_edge_pct"]) == (5, 30)
    assert (told["held_events_per_s"], told["held_cpu_edge_pct"]) == (5, 50)
