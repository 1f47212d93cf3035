"""What the operations have refused while the tests of this process ran, for tests/completeness/declared_errors.py."""

PROVOKED: set[tuple[str, str]] = set()
"""Each operation with the type of an error that it answered."""
