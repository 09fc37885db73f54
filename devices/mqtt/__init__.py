"""How the market talks with its devices: the contract, one client, the accounts, and the broker.

Pure: no Django. Server and simulators import the same `contract`.
"""

from __future__ import annotations
