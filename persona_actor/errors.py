"""Owns the persona actor's exceptions: numbers 1350-1399. The server translates them to gRPC statuses."""

from runtime.errors import LovelmError


class RequestInvalid(LovelmError):
    """A request breaks the contract of persona.proto. The message names the field and its limit."""

    code = 1350

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field


class PersonaUnknown(LovelmError):
    """No pack of that id is loaded here."""

    code = 1351


class ModelUnavailable(LovelmError):
    """The model cannot be reached, broke off, or said nothing."""

    code = 1352
    retryable = True


class ReplyBroken(LovelmError):
    """The model failed after words were said. The caller keeps them; the same call would say them again."""

    code = 1354


class TooBusy(LovelmError):
    """No place came free within the time that a reply may wait for one."""

    code = 1353
    retryable = True
