"""`lab shell`: the toolbox."""

import subprocess
import sys

import click

from lab.cli._host import Host
from lab.cli._options import named
from lab.stack.fix import USER, Toolbox


@click.command("shell", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@named
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def shell(ctx: click.Context, name: str, command: tuple[str, ...]) -> None:
    """Open a shell in the toolbox, or run COMMAND there and pass its exit code on.

    \b
      lab shell
      lab shell -- psql -c "select count(*) from pg_stat_activity"
    """
    host = Host()
    host.running(name)
    toolbox = Toolbox(runner=host.runner, lab=name).container()
    ctx.exit(
        subprocess.call(exec_argv(toolbox.id, command, terminal=sys.stdin.isatty() and sys.stdout.isatty()))
    )


def exec_argv(container: str, command: tuple[str, ...], *, terminal: bool) -> list[str]:
    """The command line that runs *command* in the toolbox as the trainee."""
    flags = ["--interactive", "--tty"] if terminal else ["--interactive"]
    return ["docker", "exec", *flags, "--user", USER, container, *(command or ("bash", "-l"))]
