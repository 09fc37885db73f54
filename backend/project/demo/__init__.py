"""A market full of invented people and real goods, for trying things out. Only where DEMO=1."""
