"""Wiring: settings, URLs, commands, and the people and keys that may use the studio."""

__version__ = "0.1.0"
