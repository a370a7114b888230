"""People, API keys and the error envelope: the bottom layer, imported by every door."""
