"""Tests, by door and layer. Run with `make test`."""
