"""Inputs that nobody thought of, for each part of the bot that reads or writes what strangers made.

    python -m tests.fuzz [--seconds 600] [--seed N] [target …]

Each module whose name is a key of `TARGETS` says what its inputs are, and what must hold for every one of them.
"""
