"""What can go wrong in the referee.

RefereeError
├── BadConfig        the environment it was started with is incomplete or wrong
├── BalancerError    the balancer's socket did not answer, or said no
├── EngineTrouble    the Docker engine did not answer, or said no
├── LedgerBroken     the ledger of acknowledged writes is missing or garbled: asking again does not help
├── NoImage          a pod's image does not exist
├── SampleError      a witness could not be read
└── Refused          somebody asked for something that cannot be done; carries the HTTP status
    ├── UnknownName  404
    ├── BadRequest   400
    └── NotNow       409
"""

from lab.errors import LabError


class RefereeError(LabError):
    """Root of everything the referee raises on purpose."""


class BadConfig(RefereeError):
    """The environment it was started with is incomplete or wrong."""


class BalancerError(RefereeError):
    """The balancer's socket did not answer, or said no."""


class EngineTrouble(RefereeError):
    """The Docker engine did not answer, or said no."""


class LedgerBroken(RefereeError):
    """The ledger of acknowledged writes is missing or garbled."""


class NoImage(RefereeError):
    """A pod's image does not exist."""


class SampleError(RefereeError):
    """A witness could not be read."""


class Refused(RefereeError):
    """Somebody asked for something that cannot be done."""

    status = 400


class UnknownName(Refused):
    """No pod, deployment or service has that name."""

    status = 404


class BadRequest(Refused):
    """The request is malformed or out of bounds."""

    status = 400


class NotNow(Refused):
    """Possible, but not in this phase of the run."""

    status = 409
