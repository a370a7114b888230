"""Official clients against a running studio."""
