"""Owns the rooms: one actor per room decides the order of everything in it. Knows nothing of sockets or models."""
