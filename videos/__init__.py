"""Videos: from a request to a stored file, and the books about it. Called by `studio`."""
