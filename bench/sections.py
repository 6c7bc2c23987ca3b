"""Owns which tables and charts each part of the benchmark gets. Pure: rows in, Markdown and chart data out.

A row may lack any key, and a part may be missing: what cannot be shown is left out here, and `bench.report` says so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from bench.draw import Chart, Series
from bench.evening_sections import evening_charts, evening_tables
from bench.show_sections import empty_room_tables, preemption_tables, rounds_tables
from bench.tables import Cell, Column, Row, added, columns_of, number, ratio, shown, table

Results = Mapping[str, Sequence[Row]]
"""Rows by part."""

SIDE_BY_SIDE_MOST = 10
"""Columns of a table, above which figures go down and rows across."""

OURS, FLOOR, PEER = "ours", "floor", "peer"

HEADS = {
    "viewers": "viewers",
    "deliveries_per_s": "deliveries/s",
    "events_per_s": "deliveries/s",
    "lines_per_s": "lines/s",
    "frames_per_s": "frames/s",
    "events_a_frame": "deliveries a frame",
    "cpu_us_each": "CPU per delivery, µs",
    "edge_cpu_us_each": "edge: CPU per delivery, µs",
    "floor_cpu_us_each": "floor: CPU per delivery, µs",
    "server_cpu_percent": "its core in use, %",
    "memory_each_kb": "memory a connection, KB",
    "burst_lost_percent": "lost of a burst, %",
    "p999_ms": "p99.9, ms",
    "ack_p999_ms": "ack p99.9, ms",
    "p99_ms": "p99, ms",
    "p50_ms": "p50, ms",
    "ratio_deliveries": "edge/floor: deliveries/s",
    "ratio_cpu": "edge/floor: CPU per delivery",
    "to_bare": "to the bare loop",
}


def tables_of(part: str, rows: Sequence[Row]) -> list[str]:
    """Ratios first."""
    tables = TABLES[part](rows) if part in TABLES and rows else _plain(rows)
    return [each for each in tables if each]


def charts_of(part: str, rows: Sequence[Row]) -> list[Chart]:
    return [chart for chart in CHARTS[part](rows) if chart.series] if part in CHARTS else []


# -- beside others ------------------------------------------------------------------------------------


def sizes(rows: Sequence[Row]) -> list[Cell]:
    return sorted(
        {row["viewers"] for row in rows if row.get("viewers") is not None}, key=lambda n: -float(n or 0)
    )


def one(rows: Sequence[Row], **wanted: Cell) -> Row | None:
    return next((row for row in rows if all(row.get(key) == value for key, value in wanted.items())), None)


def _beside_tables(rows: Sequence[Row]) -> Iterator[str]:
    for viewers in sizes(rows):
        here = [row for row in rows if row.get("viewers") == viewers]
        yield _beside_ratios(here, viewers)
        yield table(
            here,
            [
                Column("system", f"{shown(viewers)} viewers"),
                *_heads("deliveries_per_s", "cpu_us_each", "frames_per_s", "lines_per_s", "p99_ms"),
                *_heads("server_cpu_percent", "memory_each_kb", "lost", "burst_lost_percent", "faults"),
                Column("versions", "made with"),
            ],
        )


def _beside_ratios(here: Sequence[Row], viewers: Cell) -> str:
    """Each of ours to the floor and to each peer."""
    ours = [row for row in here if row.get("kind") == OURS]
    others: list[Row] = []
    for other in here:
        if other.get("kind") == OURS:
            continue
        line: dict[str, Cell] = {"system": other.get("system")}
        for at, own in enumerate(ours):
            line[f"per_s_{at}"] = ratio(number(own, "deliveries_per_s"), number(other, "deliveries_per_s"))
            line[f"cpu_{at}"] = ratio(number(other, "cpu_us_each"), number(own, "cpu_us_each"))
        others.append(line)
    columns = [Column("system", f"{shown(viewers)} viewers: beside …")]
    for at, own in enumerate(ours):
        columns.append(Column(f"per_s_{at}", f"{own.get('system')}: deliveries/s", ratio=True))
        columns.append(Column(f"cpu_{at}", f"{own.get('system')}: deliveries for the same CPU", ratio=True))
    return table(others, columns)


def _beside_charts(rows: Sequence[Row]) -> Iterator[Chart]:
    if not (all_sizes := sizes(rows)):
        return
    viewers = all_sizes[0]
    here = [row for row in rows if row.get("viewers") == viewers]
    for key, name, label in (
        ("deliveries_per_s", "beside-deliveries", "deliveries/s"),
        (
            "cpu_us_each",
            "beside-cpu",
            "CPU of all its processes per delivery, µs (logarithmic; less is better)",
        ),
    ):
        yield Chart(
            name,
            f"{shown(viewers)} viewers, lines of 200 bytes, one core",
            "bars",
            label,
            "",
            _bars(here, "system", (key, label)),
            log_x=key == "cpu_us_each",
            highlight=OURS,
        )


# -- the fan-out of one edge --------------------------------------------------------------------------


def _fanout_tables(rows: Sequence[Row]) -> Iterator[str]:
    unpaced = [row for row in rows if row.get("kind") == "unpaced"]
    first = ("viewers", "ratio_deliveries", "ratio_cpu")
    ratios = [Column("viewers", "viewers"), *(Column(key, HEADS[key], ratio=True) for key in first[1:])]
    rest = columns_of(unpaced, HEADS, leave_out=("kind", *first))
    yield table(unpaced, [*ratios, *rest])
    yield from _plain([row for row in rows if row.get("kind") != "unpaced"])


def _fanout_charts(rows: Sequence[Row]) -> Iterator[Chart]:
    unpaced = [row for row in rows if row.get("kind") == "unpaced"]
    yield Chart(
        "fanout-floor",
        "One event a frame, without a pause: CPU per delivery",
        "lines",
        "viewers (logarithmic)",
        "CPU per delivery, µs",
        _lines(unpaced, "viewers", {"edge_cpu_us_each": "edge", "floor_cpu_us_each": "C floor"}),
        log_x=True,
    )
    paced = [row for row in rows if row.get("kind") == "paced"]
    for key, name, label in (
        ("edge_cpu_us_each", "fanout-cpu", "edge's CPU per delivery, µs"),
        ("p99_ms", "fanout-p99", "p99 from the line's time to the viewer, ms (logarithmic)"),
    ):
        yield Chart(
            name,
            "Lines at a pace, gathered into frames",
            "lines",
            "viewers (logarithmic)",
            label,
            _families(paced, "viewers", key, "lines_per_s", "lines/s"),
            log_x=True,
            log_y=key == "p99_ms",
        )


# -- the other parts ----------------------------------------------------------------------------------


def _by_state_charts(rows: Sequence[Row]) -> Iterator[Chart]:
    states = [
        {**row, "name": f"{row.get('state')}, {shown(row.get('viewers'))}"}
        for row in rows
        if number(row, "kernel_kb_each") is not None
    ]
    yield Chart(
        "memory",
        "Memory of one viewer",
        "bars",
        "KB",
        "",
        _bars(states, "name", ("edge_pss_kb_each", "edge process"), ("kernel_kb_each", "kernel")),
    )


def _slow_charts(rows: Sequence[Row]) -> Iterator[Chart]:
    others = [
        {**row, "name": f"{row.get('beside')}, {shown(row.get('lines_per_s'))} lines/s"}
        for row in rows
        if row.get("who") == "the others"
    ]
    yield Chart(
        "slow",
        "The others' time from say to screen, beside …",
        "bars",
        "ms",
        "",
        _bars(others, "name", ("p50_ms", "p50"), ("p99_ms", "p99")),
    )


def _connects_charts(rows: Sequence[Row]) -> Iterator[Chart]:
    yield Chart(
        "connects",
        "Time from connect to being in its room",
        "bars",
        "ms",
        "",
        _bars(rows, "storm", ("enter_p50_ms", "p50"), ("enter_p99_ms", "p99")),
    )


def _hot_rooms_charts(rows: Sequence[Row]) -> Iterator[Chart]:
    figures = {"p50_ms": "p50", "p99_ms": "p99", "p999_ms": "p99.9"}
    yield Chart(
        "hot-rooms",
        "Rooms on one edge: time from the line to the viewer",
        "lines",
        "rooms (logarithmic)",
        "ms (logarithmic)",
        _lines(rows, "rooms", figures),
        log_x=True,
        log_y=True,
    )


def _latency_charts(rows: Sequence[Row]) -> Iterator[Chart]:
    named = [
        {
            **row,
            "name": f"{row.get('door')}, {shown(row.get('viewers'))} viewers, {shown(row.get('lines_per_s'))} lines/s",
        }
        for row in rows
    ]
    for prefix, name, title in (
        ("", "latency", "From say to screen"),
        ("ack_", "latency-ack", "From say to its acknowledgement"),
    ):
        yield Chart(
            name,
            title,
            "bars",
            "ms (logarithmic)",
            "",
            _bars(
                named,
                "name",
                (f"{prefix}p50_ms", "p50"),
                (f"{prefix}p99_ms", "p99"),
                (f"{prefix}p999_ms", "p99.9"),
            ),
            log_x=True,
        )


def _historical_charts(rows: Sequence[Row]) -> Iterator[Chart]:
    for what, name, title in (
        ("ack", "historical-ack", "From a line to its acknowledgement"),
        (
            "first_delta_after_asked",
            "historical-delta",
            "From the turn's beginning to the first delta on a screen",
        ),
    ):
        yield Chart(
            name,
            title,
            "lines",
            "viewers (logarithmic)",
            "ms (logarithmic)",
            _lines(rows, "users", {f"{what}_p{share}_ms": f"p{share}" for share in (50, 95, 99)}),
            log_x=True,
            log_y=True,
        )


def _tries_tables(rows: Sequence[Row]) -> Iterator[str]:
    """Ways down, payloads across."""
    payloads = sorted({size for row in rows if (size := number(row, "payload_bytes")) is not None})
    ways = dict.fromkeys(row.get("way") for row in rows)
    lines: list[Row] = []
    for way in ways:
        line: dict[str, Cell] = {"way": way}
        for size in payloads:
            row = one(rows, way=way, payload_bytes=size)
            line[f"to_bare_{size}"], line[f"cpu_us_{size}"] = number(row, "to_bare"), number(row, "cpu_us")
        lines.append(line)
    ratios = [
        Column(f"to_bare_{size}", f"{shown(size)} bytes: to the bare loop", ratio=True) for size in payloads
    ]
    costs = [Column(f"cpu_us_{size}", f"{shown(size)} bytes: CPU, µs") for size in payloads]
    yield table(lines, [Column("way", "way"), *ratios, *costs])


def _tried_tables(rows: Sequence[Row]) -> Iterator[str]:
    """A ratio above 1 is better, whatever the unit: `better` says which way."""

    def gain(row: Row) -> float | None:
        before, after = number(row, "before"), number(row, "after")
        return ratio(after, before) if row.get("better") == "more" else ratio(before, after)

    known = [
        Column("what", "tried"),
        Column("gain", "gain (above 1: better)", ratio=True),
        Column("before", "before"),
        Column("after", "after"),
        Column("unit", "unit"),
        Column("kept", "kept"),
        Column("why", "why, and how it was measured"),
    ]
    rest = columns_of(rows, HEADS, leave_out=(*(column.key for column in known), "better"))
    yield table(added(rows, gain=gain), [*known, *rest])


def _run_tables(rows: Sequence[Row]) -> Iterator[str]:
    yield table(rows, [Column("part", "part"), Column("outcome", "outcome"), *_heads("took_s", "bound_s")])


TABLES: dict[str, Callable[[Sequence[Row]], Iterator[str]]] = {
    "beside": _beside_tables,
    "fanout": _fanout_tables,
    "tries": _tries_tables,
    "tried": _tried_tables,
    "run": _run_tables,
    "rounds": rounds_tables,
    "preemption": preemption_tables,
    "empty_room": empty_room_tables,
    "evening": evening_tables,
}

CHARTS: dict[str, Callable[[Sequence[Row]], Iterator[Chart]]] = {
    "beside": _beside_charts,
    "fanout": _fanout_charts,
    "memory": _by_state_charts,
    "slow": _slow_charts,
    "connects": _connects_charts,
    "hot_rooms": _hot_rooms_charts,
    "latency": _latency_charts,
    "historical": _historical_charts,
    "evening": evening_charts,
}


# -- what they are made of ----------------------------------------------------------------------------


def _heads(*keys: str) -> list[Column]:
    return columns_of([dict.fromkeys(keys, 0)], HEADS)


def _plain(rows: Sequence[Row]) -> Iterator[str]:
    """Every key there is; rows of the same keys share a table, and wide tables are turned. `kind` only tells tables
    apart."""
    kinds: dict[tuple[Cell, frozenset[str]], list[Row]] = {}
    for row in rows:
        kinds.setdefault((row.get("kind"), frozenset(row)), []).append(row)
    for alike in kinds.values():
        columns = columns_of(alike, HEADS, leave_out=("kind",))
        if len(columns) > SIDE_BY_SIDE_MOST and len(alike) < len(columns):
            yield _turned(alike, columns)
        else:
            yield table(alike, columns)


def _turned(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    """Figures down, rows across. The first column heads them."""
    first, *rest = (column for column in columns if any(row.get(column.key) is not None for row in rows))
    lines = [
        {"figure": column.head, **{str(at): shown(row.get(column.key)) for at, row in enumerate(rows)}}
        for column in rest
    ]
    heads = [Column(str(at), shown(row.get(first.key))) for at, row in enumerate(rows)]
    return table(lines, [Column("figure", first.head), *heads], right=True)


def _bars(rows: Sequence[Row], name_key: str, *figures: tuple[str, str]) -> tuple[Series, ...]:
    made = []
    for key, label in figures:
        points = [(str(row.get(name_key)), value) for row in rows if (value := number(row, key)) is not None]
        if points:
            made.append(Series(label, tuple(name for name, _ in points), tuple(value for _, value in points)))
    return tuple(made)


def _lines(rows: Sequence[Row], x_key: str, figures: Mapping[str, str]) -> tuple[Series, ...]:
    made = []
    for key, label in figures.items():
        points = sorted(
            (x, y)
            for row in rows
            if (x := number(row, x_key)) is not None and (y := number(row, key)) is not None
        )
        if len({x for x, _ in points}) > 1 and len({x for x, _ in points}) == len(points):
            made.append(Series(label, tuple(x for x, _ in points), tuple(y for _, y in points)))
    return tuple(made)


def _families(rows: Sequence[Row], x_key: str, y_key: str, by: str, unit: str) -> tuple[Series, ...]:
    """One line for each value of `by`."""
    made: list[Series] = []
    for value in sorted({v for row in rows if (v := number(row, by)) is not None}):
        made += _lines(
            [row for row in rows if number(row, by) == value], x_key, {y_key: f"{shown(value)} {unit}"}
        )
    return tuple(made)
