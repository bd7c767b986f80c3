"""The state of a lab whose images and ports do not matter, as the host writes it down.

Not a test module.
"""

from lab.stack import secrets
from lab.stack.state import LabState


def a_state(name: str = "main") -> LabState:
    """A lab that is up."""
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
