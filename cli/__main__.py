"""Lets `python -m cli` be the `lovelm` command: how the launcher starts its children."""

from cli.main import main

main()
