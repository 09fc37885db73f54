"""What is left after kills: thousands of payments and the last pieces, through the doors that people use.

`make faults` runs all of it; `make test` a twentieth of the payments (FAULT_PAYMENTS says how many).
"""

from __future__ import annotations
