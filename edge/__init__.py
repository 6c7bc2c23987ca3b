"""Owns the viewers' connections: their wire, their place in each room, their HTTP. Decides nothing of a room."""
