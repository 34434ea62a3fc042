"""Settings of all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A deadline for each example, or a complaint that making them is slow, fails on a busy machine and says nothing of the
# code: benchmarks live apart.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
