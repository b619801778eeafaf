"""Simulated years: the bot lives through storms that a seed draws, and then everything it owes must have arrived."""
