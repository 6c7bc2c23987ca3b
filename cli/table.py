"""Owns how rows are shown to a person: columns of one width, two blanks between them."""

import unicodedata
from collections.abc import Collection, Sequence


def print_table(
    head: Sequence[str], rows: Sequence[Sequence[object]], *, right: Collection[int] = ()
) -> None:
    """right: columns of numbers. None is shown as -, True and False as yes and no."""
    shown = [tuple(head), *(tuple(_show(cell) for cell in row) for row in rows)]
    widths = [max(_width(row[column]) for row in shown) for column in range(len(head))]
    for row in shown:
        cells = [
            (" " * (width - _width(cell)) + cell)
            if column in right
            else (cell + " " * (width - _width(cell)))
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def _show(cell: object) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "-" if cell is None else str(cell)


def _width(text: str) -> int:
    """Columns of a terminal: a syllable of Korean takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
