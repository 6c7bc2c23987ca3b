"""Owns what the launcher shows: one line on stderr for each of a child, its name in front. Stdout stays clean."""

import sys
from typing import TextIO

# Bright enough on dark and light grounds, in an order in which neighbours differ: ANSI foreground colours.
COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
LAUNCHER = "lovelm"


class Console:
    """Names are padded to one width; each keeps its colour. Colours only on a terminal."""

    def __init__(self, out: TextIO = sys.stderr, *, coloured: bool | None = None) -> None:
        self._out = out
        self._coloured = out.isatty() if coloured is None else coloured
        self._width = len(LAUNCHER)
        self._colours: dict[str, int] = {}

    def expect(self, names: list[str]) -> None:
        """Makes room for these names."""
        self._width = max([self._width, *(len(name) for name in names)])
        for name in names:
            self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])

    def say(self, name: str, line: str) -> None:
        """Prints the line. A reader of stderr that has gone away is no reason to stop."""
        label = f"{name:<{self._width}} |"
        if self._coloured:
            label = f"\x1b[{self._colours.get(name, 1)}m{label}\x1b[0m"
        try:
            print(label, line, file=self._out, flush=True)
        except (BrokenPipeError, ValueError):
            return

    def note(self, line: str) -> None:
        """A line of the launcher itself."""
        self.say(LAUNCHER, line)
