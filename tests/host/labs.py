"""Labs for tests that need none of their services."""

import signal

from lab.cli._host import Host
from lab.stack import secrets
from lab.stack.state import LabState


def a_state(name: str) -> LabState:
    """The state of a lab whose images and ports do not matter."""
    return LabState(
        name=name,
        run_id=f"20260102-030405-max-connections-{name[-4:]}",
        scenario="max-connections",
        phase="up",
        began_t=1000.0,
        speed=1.0,
        calm=False,
        seed=7,
        ports={"shop": 8080, "prometheus": 9090, "referee": 40001},
        images={},
        api_images={},
        secrets=secrets.fresh(),
    )


def a_host() -> Host:
    """This machine."""
    return Host()


def from_a_terminal() -> None:
    """Be started as a person starts a command: what a shell runs in the background ignores Ctrl-C, and so do
    its children.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
