"""Owns reading the named queries from store/sql/*.sql. Knows nothing of what they do.

A query begins with a line `-- name --` and a line `-- what it does`, and ends where the next one begins.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

_HEAD = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Query:
    """One statement. sql: with its comments, without its head."""

    name: str
    description: str
    sql: str


def parse(text: str) -> dict[str, Query]:
    """The queries of one file by name. Raises ValueError for a name that comes twice, or a missing description."""
    before, *parts = _HEAD.split(text)
    if before.strip():
        raise ValueError(f"text before the first query: {before.strip()[:40]!r}")
    found: dict[str, Query] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        description, _, sql = body.lstrip("\n").partition("\n")
        if not description.startswith("-- ") or not sql.strip():
            raise ValueError(f"query {name!r} needs a line '-- what it does' and a statement")
        if name in found:
            raise ValueError(f"query {name!r} comes twice")
        found[name] = Query(name, description.removeprefix("-- "), sql.strip())
    return found


def load(file: str) -> Mapping[str, str]:
    """SQL by query name, of store/sql/<file>.sql."""
    text = resources.files("store.sql").joinpath(f"{file}.sql").read_text(encoding="utf-8")
    return {name: query.sql for name, query in parse(text).items()}
