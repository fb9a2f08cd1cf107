"""The event benchmark: seeded hard worlds with truth, and a scorer. ``python -m benchmarks.events --help``."""
