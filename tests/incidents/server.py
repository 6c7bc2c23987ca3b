"""Owns one real server for as long as its standard input is open: `python -m tests.incidents.server postgres HOME`.

A process of its own, for starting PostgreSQL as another user forks, and a fork of a process in which gRPC runs may
crash. Prints the URL once the server answers.
"""

import sys
from pathlib import Path

from cli.embedded import EmbeddedPostgres, EmbeddedRedis, running


def main(kind: str, home: str) -> None:
    server = EmbeddedPostgres(Path(home)) if kind == "postgres" else EmbeddedRedis(Path(home))
    with running(server) as url:
        sys.stdout.write(url + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
