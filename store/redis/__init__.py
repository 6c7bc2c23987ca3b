"""Owns the adapters to Redis, one a port of store/ports.py. All they keep may be lost at any time."""
