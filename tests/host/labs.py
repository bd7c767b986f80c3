"""Labs for tests that need none of their services."""

import signal

from lab.cli._host import Host


def a_host() -> Host:
    """This machine."""
    return Host()


def from_a_terminal() -> None:
    """Be started as a person starts a command: what a shell runs in the background ignores Ctrl-C, and so do
    its children.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
