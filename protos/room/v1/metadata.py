"""Owns the names that the room service uses in gRPC metadata, and the size of its messages."""

OWNER_KEY = "lovelm-owner"
"""Trailing metadata of FAILED_PRECONDITION: host:port of the actor that owns the room."""

MESSAGE_MAX_BYTES = 16 * 1024 * 1024
"""A welcome brings 1,000 publications; the longest replies make that some 4 MB."""

SIZES = (
    ("grpc.max_receive_message_length", MESSAGE_MAX_BYTES),
    ("grpc.max_send_message_length", MESSAGE_MAX_BYTES),
)
"""Options of both ends."""
