"""Owns the base of the project's exceptions and their numbers. Knows nothing of who raises them.

An exception is a bug or a broken resource; a refusal to a viewer is a value (`runtime.refusal`). The number
of an error never changes; its text is for people and may.

| numbers | whose |
|---|---|
| 1000-1099 | process: settings, start |
| 1100-1199 | store |
| 1200-1299 | room actor |
| 1300-1399 | persona packs and persona actor |
| 1400-1499 | edge |
"""

from typing import ClassVar


class LovelmError(Exception):
    """Base of all errors of the project. `code` is unique; `retryable` says that the same call may succeed later."""

    code: ClassVar[int] = 1000
    retryable: ClassVar[bool] = False


class SettingsInvalid(LovelmError):
    """A setting is missing or wrong. The message names the key and the rule."""

    code = 1001


class MailboxClosed(LovelmError):
    """Nothing can be put into, or taken from, a mailbox any more."""

    code = 1002
