"""Owns checking persona packs from the command line."""

from collections.abc import Sequence
from pathlib import Path

import personas
from cli.errors import CannotStart

PACKS = Path(personas.__file__).parent


def check(ids: Sequence[str]) -> list[str]:
    """One line a problem of the named packs (none named: all). Raises CannotStart for a name without a pack."""
    known = sorted(card.parent.name for card in PACKS.glob("*/card.json"))
    unknown = sorted(set(ids) - set(known))
    if unknown:
        raise CannotStart(f"no such persona pack: {', '.join(unknown)} (there are: {', '.join(known)})")
    return [str(problem) for name in ids or known for problem in personas.check_pack(PACKS / name)]
