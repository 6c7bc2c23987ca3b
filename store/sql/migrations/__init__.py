"""Owns the steps from an empty database to today's. A released file is never edited; `store.migrate` checks."""
