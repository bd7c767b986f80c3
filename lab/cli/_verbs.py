"""Find the verbs: every module here without a leading underscore is one, holding one click command.

The trainee's verbs come from `lab.trainee`, where the toolbox has them too.
"""

import copy
import importlib
import pkgutil
from collections.abc import Mapping

import click

import lab.cli
from lab.cli._options import name_option

ORDER = (
    "start",
    "status",
    "shell",
    "ack",
    "status-update",
    "diagnose",
    "hint",
    "grade",
    "reset",
    "down",
    "list",
)
"""As a drill goes; all others follow by name."""


def own_verbs() -> Mapping[str, str]:
    """The host's verbs and their modules."""
    names = (module.name for module in pkgutil.iter_modules(lab.cli.__path__))
    return {name.replace("_", "-"): name for name in names if not name.startswith("_")}


def trainee_verbs() -> Mapping[str, click.Command]:
    """The trainee's verbs, each with the host's way to name a lab."""
    from lab.trainee.verbs import COMMANDS  # brings an HTTP client along

    return {str(command.name): _named(command) for command in COMMANDS}


def _named(command: click.Command) -> click.Command:
    """A copy that also takes --name and finds its client by the lab's state."""
    mounted = copy.copy(command)
    mounted.params = [*command.params, name_option()]
    return mounted


class Verbs(click.Group):
    """A group that imports a verb when it is typed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, in the order of a drill."""
        names = {*own_verbs(), *trainee_verbs()}
        return [verb for verb in ORDER if verb in names] + sorted(names - set(ORDER))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name."""
        module = own_verbs().get(cmd_name)
        if module is None:
            return self._trainees(ctx, cmd_name)
        found = vars(importlib.import_module(f"{lab.cli.__name__}.{module}")).values()
        return next(value for value in found if isinstance(value, click.Command) and value.name == cmd_name)

    def _trainees(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = trainee_verbs().get(cmd_name)
        if command is not None:
            from lab.cli._client import client_of

            ctx.obj = client_of(ctx)
        return command
