"""Sev0: real outages on real databases, graded by machines."""

__version__ = "0.1.0"
