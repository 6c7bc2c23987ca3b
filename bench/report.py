"""Writes docs/benchmarks.md and its charts from bench/results/*.json and bench/benchmarks.template.md, whole.

    python -m bench.report [--results DIRECTORY] [--no-charts]

The template holds the prose and what was measured by other means; `{{part}}` alone on a line is where a part's tables
go. What was not measured is said to be missing; nothing is made up.
"""

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.draw import Chart, draw
from bench.sections import OURS, charts_of, one, tables_of
from bench.tables import Cell, Column, Row, number, ratio, table

BENCH = Path(__file__).parent
ROOT = BENCH.parent
TEMPLATE = BENCH / "benchmarks.template.md"
PAGE = ROOT / "docs" / "benchmarks.md"
CHARTS = ROOT / "docs" / "images" / "bench"
MARK = re.compile(r"^\{\{(\w+)\}\}$", re.MULTILINE)
SHORT = "short"


@dataclass(frozen=True, slots=True)
class Measured:
    """One part's file."""

    part: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    command: str = ""
    at: str = ""
    commit: str = ""
    machine: str = ""
    took_s: float | None = None

    @classmethod
    def of(cls, part: str, written: Mapping[str, Any]) -> "Measured":
        machine = written.get("machine") or {}
        words = [
            f"{machine['cpus']} cores" if "cpus" in machine else "",
            str(machine.get("cpu", "")),
            f"Python {machine['python']}" if "python" in machine else "",
            str(machine.get("kernel", "")),
        ]
        return cls(
            part,
            tuple(row for row in written.get("rows") or () if isinstance(row, dict)),
            tuple(str(note) for note in written.get("notes") or ()),
            str(written.get("command", "")),
            str(written.get("at", "")),
            str(written.get("commit", "")),
            ", ".join(filter(None, words)),
            number(written, "took_s"),
        )


def read(folder: Path) -> dict[str, Measured]:
    """By part. A file that is no JSON object stops the report: better than a page without it."""
    return {
        path.stem: Measured.of(path.stem, json.loads(path.read_text()))
        for path in sorted(folder.glob("*.json"))
    }


def page(template: str, measured: Mapping[str, Measured], drawn: bool = True) -> tuple[str, list[Chart]]:
    """The page, and the charts that it shows. drawn: False leaves the charts out."""
    charts: list[Chart] = []
    last_run = measured["run"].rows if "run" in measured else ()
    outcomes = {str(row.get("part")): str(row.get("outcome")) for row in last_run}

    def fill(mark: re.Match[str]) -> str:
        part = mark[1]
        if part == SHORT:
            return short(measured)
        found = measured.get(part)
        if found is None or not (tables := tables_of(part, found.rows)):
            return missing(part)
        shown = charts_of(part, found.rows) if drawn else []
        charts.extend(shown)
        notes = "\n".join(f"* {note}" for note in found.notes)
        if (outcome := outcomes.get(part, "done")) != "done":
            notes += f"\n* In the last whole run this part {outcome}; these figures are of an earlier one."
        images = [f"![{chart.title}](images/bench/{chart.name}.svg)" for chart in shown]
        return "\n\n".join(filter(None, [tables[0], *images, *tables[1:], notes.strip(), source(found)]))

    return MARK.sub(fill, template), charts


def missing(part: str) -> str:
    if part == "tried":
        return "*Nothing has been noted in `bench/results/tried.json` yet.*"
    return f"*Not measured yet: `{'make bench' if part == 'run' else f'python -m bench.{part}'}`.*"


def source(found: Measured) -> str:
    """Whence the figures are."""
    command = "make bench" if found.part == "run" else found.command
    took = None if found.took_s is None else f"{found.took_s:.0f} s"
    parts = [
        f"`{command}`" if command else "",
        found.at.replace("T", " ").replace("+00:00", " UTC"),
        f"commit {found.commit}" if found.commit else "",
        f"took {took}" if took else "",
        found.machine,
    ]
    text = " · ".join(filter(None, parts))
    return f"<sub>{text}</sub>" if text else ""


# -- in short -----------------------------------------------------------------------------------------


def short(measured: Mapping[str, Measured]) -> str:
    """The promises of the fan-out beside what came out, as far as it was measured."""
    rows: list[Row] = []

    def tell(what: str, value: Cell, aim: str) -> None:
        text = f"{value:,.4g}" if isinstance(value, float) else str(value)
        rows.append({"what": what, "measured": "not measured" if value is None else text, "aim": aim})

    def rows_of(part: str) -> Sequence[Row]:
        return measured[part].rows if part in measured else ()

    floor = one(rows_of("fanout"), kind="unpaced", viewers=1_000)
    tell("the C floor, one event a frame: CPU per delivery", times(number(floor, "ratio_cpu")), "≤ 1.25×")
    tell("the C floor, one event a frame: deliveries/s", times(number(floor, "ratio_deliveries")), "≥ 0.85×")
    beside = [row for row in rows_of("beside") if row.get("viewers") == 1_000]
    ours = one(beside, system=OURS)
    single = one(beside, system="ours, one event a frame")
    for system, aim in (
        ("Django Channels + Daphne + Redis", "≥ 30×"),
        ("websockets broadcast()", "≥ 1.5×"),
        ("websockets broadcast(), uvloop", ""),
        ("python-socketio", ""),
        ("Node ws", ""),
        ("Node socket.io", ""),
    ):
        peer = one(beside, system=system)
        for own, how in ((ours, "as it runs"), (single, "one event a frame")):
            value = ratio(number(own, "deliveries_per_s"), number(peer, "deliveries_per_s"))
            same_cpu = ratio(number(peer, "cpu_us_each"), number(own, "cpu_us_each"))
            if value is not None or (aim and own is ours):
                text = None if value is None or same_cpu is None else f"{times(value)} ({times(same_cpu)})"
                tell(f"beside {system}, {how}: deliveries/s (for the same CPU)", text, aim)
    busy = one(rows_of("fanout"), kind="whole", viewers=10_000, lines_per_s=300) or one(
        rows_of("fanout"), kind="paced", viewers=10_000, lines_per_s=300
    )
    tell(
        "10,000 viewers, 300 lines/s: deliveries/s", number(busy, "events_per_s"), "3,000,000 is all of them"
    )
    tell("the same: p99 from say to screen, ms", number(busy, "p99_ms"), "")
    joined = [row for row in rows_of("memory") if "joined" in str(row.get("state", ""))]
    most = max(joined, key=lambda row: number(row, "viewers") or 0, default=None)
    tell("a joined viewer, kernel included, KB", number(most, "all_kb_each"), "≤ 20")
    storms = [value for row in rows_of("connects") if (value := number(row, "reached_per_s")) is not None]
    tell("viewers who enter, with snapshot, a second", max(storms, default=None), "2,000")
    changes = [
        value
        for row in rows_of("slow")
        if row.get("who") == "the others" and (value := number(row, "p99_change_pct")) is not None
    ]
    tell("slow viewers: change of the others' p99, at most, %", max(changes, default=None), "< 10")
    errors = [value for row in rows_of("historical") if (value := number(row, "errors")) is not None]
    tell("errors in the first system's load test, all sizes", sum(errors) if errors else None, "0")
    return table(rows, [Column("what", "what"), Column("measured", "measured"), Column("aim", "aim")])


def times(value: float | None) -> str | None:
    if value is None:
        return None
    return f"{value:.2f}×" if value < 10 else f"{value:,.0f}×"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.report", description="The page of the benchmark.")
    parser.add_argument("--results", type=Path, default=BENCH / "results")
    parser.add_argument("--no-charts", action="store_true", help="tables only; needs no matplotlib")
    given = parser.parse_args()
    text, charts = page(TEMPLATE.read_text(encoding="utf-8"), read(given.results), drawn=not given.no_charts)
    for chart in charts:
        draw(chart, CHARTS)
    if not given.no_charts:
        for old in set(CHARTS.glob("*.svg")) - {CHARTS / f"{chart.name}.svg" for chart in charts}:
            old.unlink()
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)} and {len(charts)} charts")


if __name__ == "__main__":
    main()
