"""The benchmark's page, from results as the parts write them, as they should not, and from none."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.report import MARK, TEMPLATE, Measured, page, read
from bench.sections import CHARTS, TABLES, charts_of, tables_of
from bench.tables import Column, head_of, shown, table

PARTS = ("beside", "fanout", "latency", "hot_rooms", "slow", "memory", "connects", "storm", "historical")

BESIDE: list[dict[str, Any]] = [
    {"system": "C floor", "kind": "floor", "viewers": 1_000, "deliveries_per_s": 200_000, "cpu_us_each": 5.0},
    {"system": "ours", "kind": "ours", "viewers": 1_000, "deliveries_per_s": 400_000, "cpu_us_each": 2.0},
    {
        "system": "slow peer",
        "kind": "peer",
        "viewers": 1_000,
        "deliveries_per_s": 4_000,
        "cpu_us_each": 200.0,
    },
]


def measured(part: str, rows: list[dict[str, Any]], **more: Any) -> dict[str, Measured]:
    return {part: Measured.of(part, {"rows": rows, **more})}


def test_the_template_has_a_place_for_every_part() -> None:
    marks = MARK.findall(TEMPLATE.read_text(encoding="utf-8"))
    assert set(PARTS) <= set(marks)
    assert set(TABLES) | set(CHARTS) <= set(marks)
    assert len(marks) == len(set(marks))


def test_without_results_the_page_says_what_is_missing_and_shows_no_chart() -> None:
    text, charts = page(TEMPLATE.read_text(encoding="utf-8"), {})
    assert charts == []
    assert MARK.search(text) is None
    for part in PARTS:
        assert f"*Not measured yet: `python -m bench.{part}`.*" in text


def test_a_ratio_stands_before_the_absolutes_and_says_how_many_times_as_many() -> None:
    ratios, absolutes = tables_of("beside", BESIDE)
    assert "| slow peer | 100× | 100× |" in ratios
    assert "| C floor | 2× | 2.50× |" in ratios
    assert "| slow peer | 4,000 | 200 |" in absolutes


def test_a_row_may_lack_any_key() -> None:
    for part in PARTS:
        for row in (*BESIDE, {"kind": "unpaced", "viewers": 100}, {"kind": "paced"}, {"state": "joined"}):
            for key in row:
                rows = [*BESIDE, {name: cell for name, cell in row.items() if name != key}]
                text, _ = page("{{short}}\n\n{{" + part + "}}\n", measured(part, rows))
                assert "not measured" in text
                assert text.count("\n|") > 3


def test_a_chart_has_its_points_from_the_rows_and_units_on_its_axes() -> None:
    rows = [
        {"kind": "unpaced", "viewers": viewers, "edge_cpu_us_each": viewers / 100, "floor_cpu_us_each": 4.0}
        for viewers in (1_000, 100)
    ]
    [chart] = charts_of("fanout", rows)
    edge, floor = chart.series
    assert (edge.xs, edge.ys) == ((100.0, 1_000.0), (1.0, 10.0))
    assert floor.ys == (4.0, 4.0)
    assert chart.y_label.endswith("µs")


def test_every_chart_on_the_page_is_handed_out_to_be_drawn() -> None:
    text, charts = page("{{beside}}\n", measured("beside", BESIDE))
    assert [chart.name for chart in charts] == ["beside-deliveries", "beside-cpu"]
    assert all(f"(images/bench/{chart.name}.svg)" in text for chart in charts)
    without, none = page("{{beside}}\n", measured("beside", BESIDE), drawn=False)
    assert (none, "images/bench" in without) == ([], False)


def test_a_table_says_its_command_its_time_its_commit_and_its_machine() -> None:
    text, _ = page(
        "{{storm}}\n",
        measured(
            "storm",
            [{"viewers": 2_000, "back": 2_000}],
            command="python -m bench.storm",
            at="2030-01-02T03:04:05+00:00",
            commit="abc1234",
            machine={"cpus": 2, "python": "3.11.7", "kernel": "Linux 6", "cpu": "a processor"},
            notes=["Seen once."],
            took_s=61.4,
        ),
    )
    assert text.splitlines()[-1] == (
        "<sub>`python -m bench.storm` · 2030-01-02 03:04:05 UTC · commit abc1234 · took 61 s · "
        "2 cores, a processor, Python 3.11.7, Linux 6</sub>"
    )
    assert "* Seen once." in text


def test_figures_of_a_part_that_failed_in_the_last_run_are_said_to_be_older() -> None:
    runs = measured(
        "run", [{"part": "storm", "outcome": "took too long"}, {"part": "slow", "outcome": "done"}]
    )
    rows = [{"viewers": 10, "back": 10}]
    failed, _ = page("{{storm}}\n", {**runs, **measured("storm", rows)})
    assert "* In the last whole run this part took too long; these figures are of an earlier one." in failed
    done, _ = page("{{slow}}\n", {**runs, **measured("slow", rows)})
    assert "earlier" not in done


def test_many_figures_of_few_rows_stand_below_each_other() -> None:
    rows = [{"users": users, **{f"figure_{n}_ms": n + users for n in range(12)}} for users in (120, 1_200)]
    [turned] = tables_of("historical", rows)
    assert turned.splitlines()[:3] == [
        "| users | 120 | 1,200 |",
        "|---|---:|---:|",
        "| figure 0, ms | 120 | 1,200 |",
    ]


def test_what_was_tried_shows_its_gain_whichever_way_is_better() -> None:
    [tried] = tables_of(
        "tried",
        [
            {
                "what": "fewer calls",
                "before": 9.0,
                "after": 6.0,
                "unit": "µs",
                "better": "less",
                "kept": True,
            },
            {
                "what": "more at once",
                "before": 100,
                "after": 50,
                "unit": "lines/s",
                "better": "more",
                "kept": False,
            },
        ],
    )
    assert "| fewer calls | 1.50× | 9 | 6 | µs | yes |" in tried
    assert "| more at once | 0.50× | 100 | 50 | lines/s | no |" in tried


def test_results_are_read_from_their_files(tmp_path: Path) -> None:
    (tmp_path / "storm.json").write_text(json.dumps({"part": "storm", "rows": [{"back": 7}]}))
    assert read(tmp_path)["storm"].rows == ({"back": 7},)
    assert read(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (True, "yes"),
        (0, "0"),
        (0.0123, "0.0123"),
        (0.5, "0.50"),
        (12.34, "12.3"),
        (123_456.7, "123,457"),
    ],
)
def test_a_number_is_shown_with_the_digits_that_count(value: float | None, text: str) -> None:
    assert shown(value) == text


def test_a_heads_unit_comes_from_its_key() -> None:
    assert [head_of(key) for key in ("p99_ms", "all_kb_each", "lines_per_s", "back")] == [
        "p99, ms",
        "all each, KB",
        "lines/s",
        "back",
    ]


def test_a_column_that_no_row_has_is_left_out() -> None:
    text = table([{"a": 1}, {"a": 2, "c": "x|y"}], [Column("a", "A"), Column("b", "B"), Column("c", "C")])
    assert text.splitlines() == ["| A | C |", "|---:|---|", "| 1 | – |", "| 2 | x\\|y |"]
