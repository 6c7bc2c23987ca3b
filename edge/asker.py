"""Owns what carrying out a viewer's command needs of the viewer's connection. Knows no command."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from edge.commands import Command
from edge.pending import Outcome
from runtime.refusal import Refused
from store.ids import ViewerId


class Asker(Protocol):
    """A viewer who is in and waits for an answer."""

    @property
    def viewer(self) -> ViewerId: ...

    @property
    def nick(self) -> str: ...

    def reply(self, command: Command, method: str, result: dict[str, Any]) -> None: ...

    def refuse(self, command: Command, refused: Refused) -> None: ...

    def settle(self, command: Command, outcome: Outcome) -> None:
        """Answers a command with what its room says: where it stands, or why not."""
        ...

    def beside(self, command: Command, work: Callable[[], Awaitable[None]]) -> None:
        """Does what may wait beside the reading; refuses the command when too much waits already."""
        ...
