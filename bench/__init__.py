"""Measures the lab from outside: how long, how much, how exact. See bench/README.md."""
