"""Runway as a provider of videos: catalogue, wire format, keys. Called by `videos` and `studio`."""
