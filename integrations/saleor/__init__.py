"""Saleor behind the market: the commerce port over its GraphQL, and the market as its App."""
