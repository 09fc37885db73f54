"""What is left after kills: thousands of payments and the last pieces, through the doors that people use.

`make faults` pays ten thousand times, `make test` a twentieth of that (FAULT_PAYMENTS says how many).
"""

from __future__ import annotations
