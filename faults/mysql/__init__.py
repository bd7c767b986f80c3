"""Faults of MySQL: sessions, locks, replication, settings, data."""
