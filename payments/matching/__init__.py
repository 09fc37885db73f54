"""Which payment a bank's transfer is for, and the books that say so."""
