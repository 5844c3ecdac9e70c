"""What is counted while a corpus is made: the ledger's figures, and what the gate judges."""
