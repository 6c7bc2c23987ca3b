"""Owns the tables and charts of the simulated evening. Pure, as `bench.sections`."""

from collections.abc import Iterator, Sequence

from bench.draw import Chart, Series
from bench.tables import Column, Row, number, shown, table

CLASSES = {
    "paid": "paid",
    "payer": "paid, of one who pays 40 times in a row",
    "question": "questions",
    "mention": "mentions",
    "talk": "talk",
}

FIGURES = {
    "asked_answered_pct": "viewers who asked or paid and were answered, %",
    "gini": "Gini of answers over these viewers (0: all alike)",
    "to_spammers_pct": "answers spent on spammers, %",
    "paid_answered_pct": "payments answered, %",
    "turns": "turns",
    "answers": "answers spoken",
    "questions_merged": "questions answered with another that asks the same",
    "lines_merged": "all lines answered with another",
    "merged_wrong_pct": "of these not the same in truth, %",
    **{
        f"{why}_{key}": f"{name}: {text}"
        for why, name in CLASSES.items()
        for key, text in {
            "answered": "answered",
            "p50_s": "wait p50, s",
            "p95_s": "p95, s",
            "longest_s": "longest, s",
        }.items()
    },
    "stories_read": "stories read (of 60)",
    "story_longest_s": "stories: longest wait, s",
}


def evening_tables(rows: Sequence[Row]) -> Iterator[str]:
    """Figures down, policies across."""
    policies = _of(rows, "policy")
    lines = [
        {"figure": head, **{str(row.get("policy")): shown(row.get(key)) for row in policies}}
        for key, head in FIGURES.items()
        if any(row.get(key) is not None for row in policies)
    ]
    across = [Column(str(row.get("policy")), str(row.get("policy"))) for row in policies]
    yield table(lines, [Column("figure", "figure"), *across], right=True)
    yield table(
        _of(rows, "promises"),
        [
            Column("evenings", "evenings"),
            Column("told", "viewers told a bound"),
            Column("kept", "answered"),
            Column("too_old_before", "too old before"),
            Column("open", "still waiting at the end"),
            Column("broken", "answered later than told, or not at all"),
            Column("turns_over_bound_p50", "turns it took to turns told: p50"),
            Column("turns_over_bound_most", "most"),
            Column("soon_told", "told 25 turns or less, which pass before a line is too old"),
            Column("soon_kept", "of these answered by the end"),
            Column("soon_took_p50", "in turns, p50"),
        ],
    )
    yield table(
        _of(rows, "cost"),
        [
            Column("add_p50_us", "CPU of one more line: p50, µs"),
            Column("add_p99_us", "p99, µs"),
            Column("choose_p50_ms", "of choosing a turn: p50, ms"),
            Column("choose_p99_ms", "p99, ms"),
        ],
    )


def evening_charts(rows: Sequence[Row]) -> Iterator[Chart]:
    curves: dict[str, list[tuple[float, float]]] = {}
    for row in _of(rows, "lorenz"):
        x, y = number(row, "viewers_pct"), number(row, "answers_pct")
        if x is not None and y is not None:
            curves.setdefault(str(row.get("policy")), []).append((x, y))
    yield Chart(
        "evening-lorenz",
        "How answers spread over the viewers who asked (a diagonal: all alike)",
        "lines",
        "viewers, the least answered first, %",
        "share of all answers, %",
        tuple(
            Series(name, tuple(x for x, _ in points), tuple(y for _, y in points))
            for name, points in curves.items()
        ),
    )
    policies = _of(rows, "policy")
    yield Chart(
        "evening-waits",
        "Waits of those who were answered: p95 by class",
        "bars",
        "s (logarithmic)",
        "",
        tuple(
            Series(name, tuple(why for why, _ in waits), tuple(wait for _, wait in waits))
            for row in policies
            if (name := str(row.get("policy")))
            and (waits := [(CLASSES[why], w) for why in CLASSES if (w := number(row, f"{why}_p95_s"))])
        ),
        log_x=True,
    )
    yield Chart(
        "evening-answered",
        "Viewers who asked or paid and were answered",
        "bars",
        "%",
        "",
        (
            Series(
                "answered",
                tuple(str(row.get("policy")) for row in policies),
                tuple(number(row, "asked_answered_pct") or 0.0 for row in policies),
            ),
        )
        if policies
        else (),
        highlight="ours",
    )


def _of(rows: Sequence[Row], kind: str) -> list[Row]:
    return [row for row in rows if row.get("kind") == kind]
