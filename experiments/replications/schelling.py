"""Schelling's model of residential segregation (placeholder until the moving verb knows neighbours by radius)."""
