"""The market as a Saleor App: manifest, installation, signed webhooks, gateways, delivery methods, copies of orders."""

from __future__ import annotations
