"""Owns why the command line gives up. Every message is for the person at the keyboard: what is wrong, what helps."""

from runtime.errors import LovelmError


class CannotStart(LovelmError):
    """The platform, or one of its parts, cannot be started as asked."""

    code = 1020


class NotRunning(LovelmError):
    """No `lovelm up` runs on this home."""

    code = 1021


class CannotMove(LovelmError):
    """Rooms cannot be moved as asked. Nothing was moved."""

    code = 1022


class CannotDirect(LovelmError):
    """A show does not do what an operator asked."""

    code = 1023
