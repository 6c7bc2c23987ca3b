"""Owns the tables of the parts that measure the show: rounds, pre-emption, an empty room. Pure, as `bench.sections`."""

from collections.abc import Iterator, Sequence

from bench.tables import Column, Row, added, number, ratio, table


def rounds_tables(rows: Sequence[Row]) -> Iterator[str]:
    def over_model_ms(row: Row) -> float | None:
        ours_s, model_s, rounds = (number(row, key) for key in ("ours_s", "model_s", "rounds"))
        return (
            None if ours_s is None or model_s is None or not rounds else 1_000 * (ours_s - model_s) / rounds
        )

    def gain(row: Row) -> float | None:
        return ratio(number(row, "one_at_a_time_s"), number(row, "ours_s"))

    def gain_wide(row: Row) -> float | None:
        return ratio(number(row, "one_at_a_time_s"), number(row, "wide_s"))

    columns = [
        Column("rounds", "rounds"),
        Column("lines_each", "lines each"),
        Column("ours_s", "ours, s"),
        Column("gain", "to one at a time", ratio=True),
        Column("over_model_ms", "above the model's own time, ms a round"),
        Column("wide_s", "the same lines, 8 a round, s"),
        Column("gain_wide", "that to one at a time", ratio=True),
        Column("one_at_a_time_s", "one at a time, s"),
        Column("langgraph_s", "LangGraph, s (historical)"),
        Column("langchain_s", "LangChain, s (historical)"),
    ]
    yield table(added(rows, gain=gain, gain_wide=gain_wide, over_model_ms=over_model_ms), columns)


def preemption_tables(rows: Sequence[Row]) -> Iterator[str]:
    yield table(
        rows,
        [
            Column("voice", "voice"),
            Column("payments", "payments"),
            Column("talked", "while the persona talked by itself"),
            Column("first_word_p50_ms", "payment to first word: p50, ms"),
            Column("first_word_p99_ms", "p99, ms"),
            Column("ended_p50_ms", "payment to the end of the talk: p50, ms"),
            Column("ended_p99_ms", "p99, ms"),
            Column("stopped_p50_ms", "payment to the end of the model's generation: p50, ms"),
            Column("stopped_p99_ms", "p99, ms"),
            Column("left_running", "generations left running"),
            Column("exact", "replies that are exactly what was sent"),
        ],
    )


def empty_room_tables(rows: Sequence[Row]) -> Iterator[str]:
    yield table(
        rows,
        [
            Column("when", "when"),
            Column("minutes", "minutes"),
            Column("viewers", "viewers"),
            Column("lines_said", "lines said"),
            Column("turns", "turns"),
            Column("model_calls", "calls of the model"),
        ],
    )
