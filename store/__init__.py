"""Owns what is remembered (PostgreSQL) and what is only kept in mind (Redis). Knows no rule of the room."""
