"""Money: VietQR codes, who is to be paid, what banks report, and which payment a transfer was for.

The folders `vietqr/` and `banks/` and the modules `references.py` and `plaintext.py` are pure Python: they
import no Django, so that command-line doors start at once and the demo bank can use them. Nothing here knows
sellers, orders or stalls: they enter as values.
"""
