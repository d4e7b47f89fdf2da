"""What watches over the registers: monthly returns, patterns, reports and bulletins. It reads what records write.

Nothing below imports it; the ledger and the rows are how it learns what happened.
"""
