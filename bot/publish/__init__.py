"""The papers of the last digest, outside Discord."""
