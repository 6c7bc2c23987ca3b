"""Owns what every process and actor shares: loops, clocks, mailboxes, settings, logs. Knows no domain word."""
