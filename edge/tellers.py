"""Owns who of this edge's viewers told which story, as long as it may still be opened. Pure."""

from store.ids import StoryId, ViewerId

TELLERS_KEPT = 10_000
"""With 200 bytes each, 2 MB; the oldest gives way, and that teller hears of it as everybody does."""


class Tellers:
    """Filled by what viewers here tell, and by what they ask of their stories when they come back."""

    def __init__(self) -> None:
        self._tellers: dict[StoryId, ViewerId] = {}

    def note(self, story: StoryId, viewer: ViewerId) -> None:
        """It waits."""
        self._tellers.pop(story, None)
        self._tellers[story] = viewer
        if len(self._tellers) > TELLERS_KEPT:
            del self._tellers[next(iter(self._tellers))]

    def opened(self, story: StoryId) -> ViewerId | None:
        """Whom to tell that it has begun; None: nobody here, or they were told."""
        return self._tellers.pop(story, None)
