"""Errors of the worker.

WorkerError
├── Away      a server cannot be asked now: no message is at fault
└── Refused   this message cannot be handled
"""


class WorkerError(Exception):
    """The root of what the worker raises."""


class Away(WorkerError):
    """A server cannot be asked now: no message is at fault."""


class Refused(WorkerError):
    """This message cannot be handled."""
