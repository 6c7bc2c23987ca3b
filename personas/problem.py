"""Owns how a fault of a persona pack is told: file, line, rule, message."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from runtime.errors import LovelmError


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule. line: 1-based, 0 when it is about the file as a whole; rule: a constant name."""

    path: Path
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else f"{self.path}"
        return f"{where}: {self.rule}: {self.message}"


class PackInvalid(LovelmError):
    """A persona pack cannot be read. `problems` holds every fault that was found, the message one a line."""

    code = 1300

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
