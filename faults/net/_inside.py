"""Programs that run for a moment inside a container's network, each in a container of its own.

Such a container shares the victim's interfaces, rules and name files (/etc/hosts, /etc/resolv.conf), and
nothing else: no tool is needed in the victim, and none of its processes sees ours.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from docker.errors import APIError, ImageNotFound

from faults import actors, helpers
from faults.container import Container
from faults.engine import asked
from faults.errors import ExecFailed, MissingCapability, NoTarget

if TYPE_CHECKING:
    from docker.models.containers import Container as SdkContainer

SHARED = ("host", "none", "container:")
CAPABILITIES = ("NET_ADMIN", "NET_RAW")
NOT_RUNNING = "does not run: its network is gone, and all rules with it"


def require_own_network(target: Container) -> None:
    """Raise NoTarget where the container has no network of its own: a fault would hit others, or nobody."""
    if not target.running:
        raise NoTarget(f"{target.name} {NOT_RUNNING}", hint=f"docker start {target.name}")
    mode = str(target.attrs["HostConfig"]["NetworkMode"])
    if mode.startswith(SHARED):
        raise NoTarget(f"{target.name} has no network of its own (its network mode is {mode})")


def run(
    target: Container, script: str, *, environment: Mapping[str, str] | None = None, alone: bool = False
) -> str:
    """What a script says in the victim's network (*alone*: in an empty one); ExecFailed where it fails."""
    helper = _created(
        target,
        ["timeout", "-k", "1", f"{helpers.WITHIN_S}", "sh", "-euc", f"exec 2>&1; {script}"],
        environment=dict(environment or {}),
        network_mode="none" if alone else f"container:{target.id}",
    )
    with asked(f"{target.name}: work in its network"):
        try:
            helper.start()
            code = int(helper.wait()["StatusCode"])
            text = bytes(helper.logs()).decode(errors="replace").rstrip("\n")
        except APIError as error:
            raise ExecFailed(
                f"{target.name}: its network cannot be joined: {error.explanation or error}"
            ) from None
        finally:
            actors.remove(helper)
    if code:
        raise ExecFailed(f"{target.name}: {script[:200]}: exit {code}: {text[-600:]}")
    return text


def _created(target: Container, command: list[str], **options: Any) -> "SdkContainer":
    image = actors.image("the tools that work in a container's network")
    with asked(f"{target.name}: make the container that works in its network"):
        try:
            return target.engine.containers.create(
                image,
                command,
                user="0",
                labels=helpers.labels(target),
                cap_drop=["ALL"],
                cap_add=list(CAPABILITIES),
                security_opt=["no-new-privileges:true"],
                **options,
            )
        except ImageNotFound:
            raise MissingCapability(
                f"image {image} is not there", hint="lab images builds what is missing"
            ) from None


def devices(target: Container) -> tuple[str, ...]:
    """The names of its network interfaces but the loopback."""
    return tuple(name for name in run(target, "ls /sys/class/net").split() if name != "lo")
