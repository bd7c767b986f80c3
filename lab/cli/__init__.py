"""The `lab` command: the only place that prints and picks exit codes."""

import signal
import sys
from types import FrameType

import click

from lab.cli._crash import INTERNAL, report_crash
from lab.cli._verbs import Verbs
from lab.errors import LabError

INTERRUPTED = 130

HELP = """Bring real databases back from real outages, and be graded by machines.

\b
  lab start max-connections    the shop comes up, then something goes wrong
  lab shell                    the toolbox: psql, mysql, redis-cli, curl, jq, lab
  lab grade                    "I am done"
  lab down                     nothing is left

\b
Exit codes: 0 pass · 1 fail · 2 usage · 3 unknown, the machine was in the way · 70 our own bug ·
130 interrupted
"""


@click.command(
    cls=Verbs, help=HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(package_name="sev0", message="%(version)s")
def cli() -> None:
    """Hold the verbs together; `HELP` is what people read."""


def main(argv: list[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # What was started to be left alone (nohup) stays so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    sys.exit(run(argv))


def run(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        code = cli.main(argv, prog_name="lab", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except LabError as error:
        show_error(error)
        return error.exit_code
    except BrokenPipeError:
        return 0  # whoever read our output has seen enough
    except Exception as error:  # noqa: BLE001  the last resort: a short message, and the traceback in a file
        report_crash(error)
        return INTERNAL
    return code if isinstance(code, int) else 0


def show_error(error: LabError) -> None:
    """Print what went wrong and what to type next."""
    click.echo(f"{click.style('lab:', fg='red', bold=True)} {error}", err=True)
    for line in error.hint.splitlines():
        click.echo(f"  {line}", err=True)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Be told to end as Ctrl-C would: what was begun is cleaned up."""
    raise KeyboardInterrupt
