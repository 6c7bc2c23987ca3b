"""Owns the wire contracts between processes: .proto files and the code generated from them. No logic."""
