"""A market changes its engine: everything that is in one shop stands in the other afterwards, once."""
