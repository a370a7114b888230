"""Runway as a provider of videos: its catalogue, its wire format, its keys. Called by `videos` and `studio`."""
