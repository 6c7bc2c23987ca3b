"""Owns how a chart looks: matplotlib, quiet, on white. Knows no part of the benchmark.

The files are the same for the same figures: no date, no random ids in them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

INK, FAINT = "#333333", "#d9d9d9"
COLOURS = ("#2f6f9f", "#d1793a", "#5a9367", "#9a5b8f", "#8a8a8a", "#b9a13a", "#4c4c4c")
OURS, THEIRS = COLOURS[0], "#b8b8b8"
WIDTH_IN, LINES_HIGH_IN, BAR_HIGH_IN = 7.2, 3.8, 0.36


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one line, or bars of one colour. xs: numbers for lines, names for bars."""

    label: str
    xs: tuple[float | str, ...]
    ys: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """name: of its file. The labels carry the units. highlight: bars whose name begins with it are ours."""

    name: str
    title: str
    kind: Literal["lines", "bars"]
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    log_x: bool = False
    log_y: bool = False
    highlight: str = ""


def draw(chart: Chart, folder: Path) -> Path:
    """Writes `<name>.svg`; lines upright, bars lying with their figures at the ends."""
    import matplotlib  # only who draws needs it

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    style: Any = {
        "svg.hashsalt": chart.name,
        "svg.fonttype": "path",
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "grid.color": FAINT,
        "grid.linewidth": 0.6,
        "legend.frameon": False,
        "figure.facecolor": "white",
        "axes.facecolor": "white",
    }
    with plt.rc_context(style):
        figure = _lines(plt, chart) if chart.kind == "lines" else _bars(plt, chart)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{chart.name}.svg"
        figure.savefig(path, metadata={"Date": None, "Creator": None}, bbox_inches="tight")
        plt.close(figure)
    # matplotlib leaves blanks at the ends of lines, which the repository has none of.
    path.write_text("\n".join(line.rstrip() for line in path.read_text().splitlines()) + "\n")
    return path


def _lines(plt: Any, chart: Chart) -> Any:
    figure, axes = plt.subplots(figsize=(WIDTH_IN, LINES_HIGH_IN))
    for series, colour in zip(chart.series, COLOURS * 3, strict=False):
        axes.plot(
            series.xs, series.ys, marker="o", markersize=4, linewidth=1.6, color=colour, label=series.label
        )
    every_x = sorted({x for series in chart.series for x in series.xs})
    if chart.log_x:
        axes.set_xscale("log")
    if not chart.log_y:
        axes.set_ylim(bottom=0)
    axes.set_xticks(every_x, [f"{x:,.0f}" if isinstance(x, (int, float)) else x for x in every_x])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(_plain)
    if chart.log_y:
        axes.set_yscale("log")
        _log_ticks(axes.yaxis)
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.set_xlabel(chart.x_label)
    axes.set_ylabel(chart.y_label)
    axes.set_title(chart.title, loc="left", fontsize=10)
    if len(chart.series) > 1:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def _bars(plt: Any, chart: Chart) -> Any:
    names = list(dict.fromkeys(str(x) for series in chart.series for x in series.xs))
    thick = 0.8 / len(chart.series)
    high = BAR_HIGH_IN * len(names) * max(1.0, 0.7 * len(chart.series)) + 1.0
    figure, axes = plt.subplots(figsize=(WIDTH_IN, high))
    for at, series in enumerate(chart.series):
        places = [names.index(str(x)) + (at - (len(chart.series) - 1) / 2) * thick for x in series.xs]
        if chart.highlight and len(chart.series) == 1:
            colours: Any = [OURS if str(x).startswith(chart.highlight) else THEIRS for x in series.xs]
        else:
            colours = COLOURS[at % len(COLOURS)]
        bars = axes.barh(places, series.ys, height=thick * 0.9, color=colours, label=series.label)
        axes.bar_label(bars, [f" {_short(y)}" for y in series.ys], fontsize=8, color=INK)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.xaxis.set_major_formatter(_plain)
    if chart.log_x:
        axes.set_xscale("log")
        _log_ticks(axes.xaxis)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(chart.x_label)
    if chart.y_label:
        axes.set_ylabel(chart.y_label)
    axes.set_title(chart.title, loc="left", fontsize=10)
    if len(chart.series) > 1:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def _log_ticks(axis: Any) -> None:
    """1, 2, 5, 10, 20 … in plain digits."""
    from matplotlib.ticker import LogLocator, NullLocator

    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(_plain)


def _plain(value: float, _: int | None = None) -> str:
    return f"{value:,.10g}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
