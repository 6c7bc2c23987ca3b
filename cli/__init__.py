"""Owns the `lovelm` command and the launcher. Puts everything together; nothing imports it."""
