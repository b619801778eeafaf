"""Faults, one by one: each is done to the whole bot in the sandbox, and docs/faults.md shows what could be seen of it."""
