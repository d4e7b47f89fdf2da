"""What watches over the registers: monthly returns, patterns, reports and bulletins. It reads what records write.

Nothing below imports it; the ledger and the rows are how it learns what happened.
"""

from pathlib import Path

TEXTS = Path(__file__).parent / "data" / "texts.csv"
"""What oversight says besides the catalogue of core: give it to `core.texts.Texts.load`."""
