"""Writing: one verb = one function = one transaction (transactions.transaction)."""
