"""The `lab` command of the toolbox."""

import os

import click

from lab.trainee.client import Client
from lab.trainee.errors import VerbError
from lab.trainee.verbs import COMMANDS

NEEDED = ("LAB_URL", "LAB_TOKEN", "LAB_CA")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(ctx: click.Context) -> None:
    """The on-call's verbs: `lab brief` is the page, `lab status` what users see, `lab grade` the end."""
    ctx.obj = _client


def _client() -> Client:
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        raise VerbError(f"{', '.join(missing)} not set", hint="this command works in the toolbox: lab shell")
    return Client(os.environ["LAB_URL"], os.environ["LAB_TOKEN"], os.environ["LAB_CA"])


for command in COMMANDS:
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="lab")
