"""Owns the store's errors. Adapters translate the libraries' exceptions into these and keep the cause."""

from runtime.errors import LovelmError


class StoreUnavailable(LovelmError):
    """PostgreSQL did not answer, or the connection broke. A write may or may not have happened: read back."""

    code = 1100
    retryable = True


class VolatileUnavailable(LovelmError):
    """Redis did not answer in time. Nothing durable depends on it."""

    code = 1101
    retryable = True


class SchemaOutdated(LovelmError):
    """The database lacks migrations that this version needs: run `lovelm migrate`."""

    code = 1102
