"""The deployment of the shop's API that every lab begins with."""

NAME = "api"
REPLICAS = 2
READY_AFTER_S = 1
"""How long a fresh pod takes until it may be sent users, beyond its own start."""
