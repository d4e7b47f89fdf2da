"""The house of the records at the end of a month."""

from tests.records.conftest import house, kinds, limits

__all__ = ["house", "kinds", "limits"]
