"""The market's own GraphQL, at /market/graphql/: places, sellers, the OCOP register, markets, stalls and their charges,
and one's own orders.

Anybody reads what anybody may see in the market's pages. What belongs to somebody is asked of the rooms' own access
helpers, and is null to everybody else, as if it were not there. Tokens and limits are those of /graphql/
(backend.api.saleor). The schema is committed beside this file (schema.graphql), and `make check` compares it.
"""

from __future__ import annotations
