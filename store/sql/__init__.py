"""Owns the SQL: named queries beside this file, migrations below. Holds no Python."""
