"""Owns how a persona answers: one graph, two voices, one gRPC service. Knows nothing of rooms."""
