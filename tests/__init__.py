"""A package, so that `python -m tests.faults` finds these: a dependency has a `tests`, too."""
