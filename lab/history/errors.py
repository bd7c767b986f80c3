"""What can be wrong with a journal.

JournalError (70)
└── JournalBroken (3)   a line was changed, removed or put in: the chain does not hold
"""

from lab.errors import LabError


class JournalError(LabError):
    """The journal cannot be used."""


class JournalBroken(JournalError):
    """A line was changed, removed or put in: the chain does not hold."""

    exit_code = 3
