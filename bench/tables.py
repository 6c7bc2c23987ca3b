"""Owns how rows of results become Markdown tables. Pure; knows no part and no file.

Robust to what others leave out: a column that no row has is not shown, a cell that a row lacks is a dash.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

Cell = str | int | float | bool | None
Row = Mapping[str, Cell]

DASH = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """key: of the rows; head: as shown, with the unit; ratio: shown as `1.25×`."""

    key: str
    head: str
    ratio: bool = False


def table(rows: Sequence[Row], columns: Sequence[Column], *, right: bool = False) -> str:
    """Numbers to the right, words to the left; right: all but the first column to the right. Empty when there are no
    rows or none of the columns."""
    present = [column for column in columns if any(row.get(column.key) is not None for row in rows)]
    if not rows or not present:
        return ""
    marks = [
        "---:" if (right and column is not present[0]) or _is_number(rows, column.key) else "---"
        for column in present
    ]
    lines = [_line(column.head for column in present), f"|{'|'.join(marks)}|"]
    lines += [_line(shown(row.get(c.key), ratio=c.ratio) for c in present) for row in rows]
    return "\n".join(lines)


def shown(value: Cell, *, ratio: bool = False) -> str:
    """As a reader wants it: three digits that count, thousands apart."""
    match value:
        case None:
            return DASH
        case bool():
            return "yes" if value else "no"
        case str():
            return value.replace("|", "\\|").replace("\n", " ")
        case _ if ratio:
            return f"{_number(value)}×"
        case _:
            return _number(value)


def columns_of(rows: Iterable[Row], heads: Mapping[str, str], leave_out: Iterable[str] = ()) -> list[Column]:
    """Every key of the rows in order of appearance, with its head from `heads` or made of the key."""
    keys = dict.fromkeys(key for row in rows for key in row)
    for key in leave_out:
        keys.pop(key, None)
    return [Column(key, heads.get(key, head_of(key))) for key in keys]


UNITS = {
    "per_s": "/s",
    "percent": ", %",
    "pct": ", %",
    "us": ", µs",
    "ms": ", ms",
    "s": ", s",
    "kb": ", KB",
    "mb": ", MB",
    "bytes": ", bytes",
}


def head_of(key: str) -> str:
    """`p99_ms` is `p99, ms`; `cpu_us_each` is `cpu each, µs`."""
    for unit, text in UNITS.items():
        if key.endswith(f"_{unit}"):
            return key.removesuffix(f"_{unit}").replace("_", " ") + text
    for unit, text in UNITS.items():
        if f"_{unit}_" in key and unit != "s":
            before, _, after = key.partition(f"_{unit}_")
            return f"{before} {after}".replace("_", " ") + text
    return key.replace("_", " ")


def added(rows: Iterable[Row], **made: Callable[[Row], Cell]) -> list[Row]:
    """The rows with more columns; one that cannot be worked out for a row is left out of it."""
    out: list[Row] = []
    for row in rows:
        more: dict[str, Cell] = dict(row)
        for key, make in made.items():
            value = make(row)
            if value is not None:
                more[key] = value
        out.append(more)
    return out


def number(row: Row | None, key: str) -> float | None:
    """The number under the key; None when there is none."""
    value = None if row is None else row.get(key)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def ratio(over: float | None, under: float | None) -> float | None:
    return None if over is None or not under else over / under


def _is_number(rows: Sequence[Row], key: str) -> bool:
    values = [row.get(key) for row in rows if row.get(key) is not None]
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)


def _number(value: float) -> str:
    size = abs(value)
    if value == int(value) or size >= 1_000:
        return f"{value:,.0f}"
    if size >= 100:
        return f"{value:.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.3g}" if size < 0.095 else f"{value:.2f}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
