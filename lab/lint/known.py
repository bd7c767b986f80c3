"""The names that a scenario may use, each from where it is defined."""

import re
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

ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

# What the cluster writes down of a change; a test compares the two.
VERBS = frozenset(
    {
        "annotate",
        "create",
        "delete",
        "pause",
        "restart",
        "restart-database",
        "resume",
        "rollback",
        "scale",
        "select",
        "set-config",
        "set-env",
        "set-image",
        "set-resources",
    }
)
