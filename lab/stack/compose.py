"""Compose, by its own command line."""

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.engine.runner import Output, Runner
from lab.errors import PortTaken, StackNotReady
from lab.stack import extras
from lab.stack.images import OPTIONAL
from lab.stack.places import project
from lab.stack.state import LabState

FILE = "compose/lab.yml"
UP_WITHIN_S = 180.0
ORDER_STREAM = "orders:placed"
TAKEN = re.compile(r"(?:port is already allocated|address already in use)", re.IGNORECASE)


def environment(state: LabState) -> Mapping[str, str]:
    """All that `compose/lab.yml` interpolates."""
    # Compose wants a name for the image of a service that it is not going to start, too.
    absent = {image.name: "none" for image in OPTIONAL}
    images = {f"IMAGE_{name.upper()}": tag for name, tag in {**absent, **state.images}.items()}
    ports = {f"PORT_{name.upper()}": str(port) for name, port in state.ports.items()}
    return {
        "SIGNING_KEY": "",
        **state.secrets,
        **images,
        **ports,
        "API_IMAGES": json.dumps(dict(state.api_images), sort_keys=True),
        "LAB_NAME": state.name,
        "RUN_ID": state.run_id,
        "RUN_DIR": str(state.run_dir),
        "RUN_FACTS": json.dumps(dict(state.facts), sort_keys=True),
        "RANDOM_SEED": str(state.seed),
        "SCENARIO": state.scenario,
        "SPEED": f"{state.speed:g}",
        "TARGETS": state.targets,
        "LIMIT_S": f"{state.limit_s:g}",
        "CALM": "1" if state.calm else "0",
        "HOST_UID": str(os.getuid()),
        "HOST_GID": str(os.getgid()),
        "TLS_DIR": str(state.tls_dir),
        "ENGINE_SOCKET": state.engine_socket,
        "TARGETS_DIR": str(state.targets_dir),
        "WITH_POSTGRES_REPLICA": "1" if "postgres-replica" in state.extras else "",
        "HEARTBEAT_NODES": " ".join(extras.nodes(state.extras)),
        "EXTRAS": " ".join(state.extras),
        "CATALOGUE_URL": _catalogue_url(state) if "mysql" in state.extras else "",
        "ORDER_STREAM": ORDER_STREAM if "worker" in state.extras else "",
    }


def _catalogue_url(state: LabState) -> str:
    """Where the shop's products and stock are; the secret needs no quoting."""
    return f"mysql://shop:{state.secrets['SHOP_MYSQL_PASSWORD']}@mysql:3306/shop"


@dataclass(frozen=True, kw_only=True)
class Compose:
    """The Compose project of a lab."""

    runner: Runner
    root: Path

    def up(self, state: LabState, note: Callable[[str], None]) -> None:
        """Create and start every service; returns when all containers run."""
        argv = ["docker", "compose", "--project-name", project(state.name), "--file", str(self.root / FILE)]
        argv += [word for name in state.extras for word in ("--profile", name)]
        argv += ["--progress", "plain", "up", "--detach", "--no-build", "--pull", "never", "--quiet-pull"]
        output = self.runner.watch(
            argv, on_line=lambda line: note(line.strip()), timeout_s=UP_WITHIN_S, env=environment(state)
        )
        if not output.ok:
            raise _trouble(output, state)


def _trouble(output: Output, state: LabState) -> Exception:
    last = "\n".join(output.text.splitlines()[-8:])
    if TAKEN.search(output.text):
        ports = ", ".join(f"{name} {port}" for name, port in state.ports.items())
        return PortTaken(
            f"a port was taken between asking and starting ({ports}):\n{last}", hint="start again"
        )
    return StackNotReady(f"docker compose up failed:\n{last}", hint="lab doctor")
