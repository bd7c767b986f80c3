"""`lab run`: a whole drill with nobody present."""

import sys
from pathlib import Path

import click

from lab.cli import _drill
from lab.cli._graded import wait_for_report
from lab.cli._host import Host
from lab.cli._judged import judge
from lab.cli._options import drill_options, named
from lab.errors import UsageError
from lab.report import dumps
from lab.report.text import render
from lab.stack import runs
from lab.stack.fix import Toolbox
from lab.stack.state import LabState
from lab.stack.submission import File, Submission, read_fix, read_submission

LIMIT_S = 600.0

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("run")
@click.argument("scenario")
@named
@click.option(
    "--fix",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What to run in the toolbox when the page has fired; '#!' names its interpreter, else bash. A plain "
    "file of at most 1 MiB.",
)
@click.option(
    "--submission",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder to copy there instead, whose fix.sh is run in it. At most 1 MiB in 100 plain files.",
)
@click.option(
    "--limit",
    "limit_s",
    type=click.FloatRange(min=1.0),
    default=LIMIT_S,
    show_default=True,
    help="Seconds from the symptom until service must hold. The fix is ended then, and the run judged as it "
    "stands; a hold reached before still gets its replay.",
)
@click.option("--junit", type=FILE, help="Write JUnit XML there.")
@click.option("--json", "json_file", type=FILE, help="Write the report as JSON there; - prints it.")
@click.option("--html", type=FILE, help="Write the report as one page there.")
@click.option("--keep", is_flag=True, help="Leave the lab up afterwards.")
@drill_options
@click.pass_context
def run(
    ctx: click.Context,
    scenario: str,
    name: str,
    fix: Path | None,
    submission: Path | None,
    limit_s: float,
    junit: Path | None,
    json_file: Path | None,
    html: Path | None,
    keep: bool,
    speed: float,
    calm: bool,
    seed: int | None,
    targets: str | None,
) -> None:
    """Run SCENARIO unattended: start, wait for the symptom, run a fix as the trainee, grade, down.

    The fix gets a trainee's rights and 1 MiB of output; what it leaves running is ended.
    Exits by the verdict: 0 pass, 1 fail, 3 unknown.

    \b
      lab run max-connections --fix my-fix.sh --junit junit.xml --json report.json --html report.html
      lab run max-connections --submission my-folder --limit 900
    """
    start = _start_of(fix, submission)
    host = Host()
    order = host.order(scenario, name, speed=speed, calm=calm, seed=seed, targets=targets, limit_s=limit_s)
    up = _drill.start(host, order, wait=True)
    with _drill.undone_on_failure(host, name):
        _drilled(host, up, start, limit_s)
    if not keep:
        _down(host, name)
    judged = judge(runs.find(up.run_id))
    judged.write()
    prints_json = json_file is not None and str(json_file) == "-"
    judged.copy({"junit": junit, "html": html, "json": None if prints_json else json_file})
    click.echo(dumps(judged.report) if prints_json else render(judged.report), nl=False)
    ctx.exit(judged.report.exit_code)


def _start_of(fix: Path | None, submission: Path | None) -> File | Submission:
    """What will be run; what is wrong with it is said before anything starts."""
    if fix is not None and submission is None:
        return read_fix(fix)
    if submission is not None and fix is None:
        return read_submission(submission)
    raise UsageError("say what to run: one of --fix FILE and --submission DIR", hint="lab run --help")


def _drilled(host: Host, up: LabState, start: File | Submission, limit_s: float) -> None:
    """Run the fix now that the page has fired, and wait until the run is graded."""
    toolbox = Toolbox(runner=host.runner, lab=up.name)
    with host.progress.step("the fix"):
        if isinstance(start, Submission):
            fixed = toolbox.run_submission(start, limit_s=limit_s, sink=_show)
        else:
            fixed = toolbox.run(start, limit_s=limit_s, sink=_show)
    host.progress.say(fixed.said())
    wait_for_report(host, up)


def _show(chunk: bytes) -> None:
    """The fix's own words go to standard error: the report alone is on standard output."""
    sys.stderr.buffer.write(chunk)
    sys.stderr.flush()


def _down(host: Host, name: str) -> None:
    with _drill.uninterrupted(), host.progress.step("down"):
        host.runner.resume()
        host.launcher.demolition.clear(name, host.progress.say)
