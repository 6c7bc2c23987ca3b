"""Owns the way from recordings and talks to training data. Nothing in it runs while a show is live."""
