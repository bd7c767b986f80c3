"""The `lab` command of the toolbox."""

import os
import sys
from collections.abc import Sequence

import click

from lab.trainee.client import Client
from lab.trainee.errors import VerbError
from lab.trainee.verbs import COMMANDS

NEEDED = ("LAB_URL", "LAB_TOKEN", "LAB_CA")
INTERRUPTED = 130


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


def run(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code, the same that the host's `lab` has for it."""
    try:
        code = main.main(argv, prog_name="lab", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        # click's own 1 would say that the drill was failed.
        click.echo("interrupted", err=True)
        return INTERRUPTED
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(run())
