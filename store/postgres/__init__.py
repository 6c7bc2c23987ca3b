"""Owns the adapters to PostgreSQL, one a port of store/ports.py. Knows no rule of the room."""
