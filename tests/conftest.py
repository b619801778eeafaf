"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# A slow machine is no defect: timings live in benchmarks.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
