"""The names that a scenario may use, each from where it is defined."""

from dataclasses import fields

from lab.referee.fingerprints import Fingerprints
from lab.referee.samplers import prometheus
from lab.stack.extras import CHOICES

READINGS = frozenset((prometheus.READINGS | prometheus.READINGS_OF_SOME).values())

FINGERPRINTS = frozenset(field.name for field in fields(Fingerprints))

# The load shares no code with the lab; a test compares the two.
ROUTES = frozenset({"browse", "cart", "checkout", "history", "login", "register"})

# As compose/lab.yml has them; a test compares the two.
ALWAYS = frozenset({"postgres", "redis", "pay", "lb", "load", "prometheus", "toolbox", "referee"})

SERVICES = ALWAYS | frozenset(CHOICES)
