"""Owns what a part of the benchmark leaves behind: one JSON file of rows. Knows nothing of what was measured."""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

BENCH = Path(__file__).resolve().parent
RESULTS = BENCH / "results"

Cell = str | int | float | bool | None
Row = dict[str, Cell]


class Part:
    """One part's run. Rows are flat; the unit of a number stands in its key (`took_s`, `p99_ms`, `cpu_us_each`).

    directory: where `save` writes `<name>.json`; None: nowhere, the rows are only printed.
    """

    def __init__(self, name: str, directory: Path | None = RESULTS) -> None:
        self.name = name
        self.rows: list[Row] = []
        self.notes: list[str] = []
        self._directory = directory
        self._began = time.monotonic()
        self._load = os.getloadavg()[0]
        self._at = datetime.now(UTC).isoformat(timespec="seconds")

    def add(self, **row: Cell) -> None:
        """One more row, told on stderr at once: a long run is watched."""
        self.rows.append({key: _short(value) for key, value in row.items()})
        print(f"{self.name}: {json.dumps(self.rows[-1], ensure_ascii=False)}", file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        """A sentence that belongs beside the figures."""
        self.notes.append(text)
        print(f"{self.name}: {text}", file=sys.stderr, flush=True)

    def save(self) -> Path | None:
        """Writes the file, whole or not at all. Prints the rows as a table."""
        print(table(self.rows))
        if self._directory is None:
            return None
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / f"{self.name}.json"
        written = {
            "part": self.name,
            "at": self._at,
            "commit": commit(),
            "machine": {**machine(), "load_before": self._load, "load_after": os.getloadavg()[0]},
            "command": " ".join(["python", "-m", f"bench.{self.name}", *sys.argv[1:]]),
            "took_s": round(time.monotonic() - self._began, 1),
            "rows": self.rows,
            "notes": self.notes,
        }
        draft = path.with_suffix(".tmp")
        draft.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n")
        draft.replace(path)
        return path


def arguments(name: str, about: str) -> argparse.ArgumentParser:
    """What every part takes: `--quick` (a few seconds, to see that it works) and `--out DIRECTORY`."""
    parser = argparse.ArgumentParser(prog=f"python -m bench.{name}", description=about)
    parser.add_argument("--quick", action="store_true", help="a few seconds, to see that it works; not kept")
    parser.add_argument("--out", type=Path, default=None, help="where to write the rows; bench/results")
    return parser


def part_of(name: str, given: argparse.Namespace) -> Part:
    """The part that these arguments ask for. A quick run is kept only where `--out` says."""
    return Part(name, given.out or (None if given.quick else RESULTS))


def machine() -> Row:
    return {
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "kernel": f"{platform.system()} {platform.release()}",
        "cpu": _cpu_model(),
    }


def commit() -> str:
    """The commit that was measured, with `+` when files of it were changed; empty outside of a repository."""
    try:
        head = _git("rev-parse", "--short", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def table(rows: Sequence[Row]) -> str:
    """Markdown; rows with the same keys share a table."""
    blocks: list[str] = []
    keys: tuple[str, ...] = ()
    for row in rows:
        if tuple(row) != keys:
            keys = tuple(row)
            blocks += ["", _line(keys), _line("---" for _ in keys)]
        blocks.append(_line("" if cell is None else str(cell) for cell in row.values()))
    return "\n".join(blocks[1:])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _short(value: Cell) -> Cell:
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(BENCH), *arguments], capture_output=True, text=True, check=True, timeout=10
    )
    return done.stdout.strip()


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
