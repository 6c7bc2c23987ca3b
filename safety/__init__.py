"""Owns what may pass the door: pure checks on text, shared by rooms, personas and the pipeline. No I/O, no clock."""
