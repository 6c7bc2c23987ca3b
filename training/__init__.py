"""Owns making, measuring and rolling out the personas' models. Nothing in it runs while a show is live."""
