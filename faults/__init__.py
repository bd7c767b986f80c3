"""Reversible things that go wrong with real services; usable without the lab."""
