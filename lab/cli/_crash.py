"""Our own bugs: a short message for the person, everything else in a file."""

import sys
import time
import traceback
from pathlib import Path

import click

from lab.stack.places import home

INTERNAL = 70


def report_crash(error: Exception) -> None:
    """Write the traceback to a file and say where."""
    text = f"argv: {sys.argv}\npython: {sys.version}\n\n" + "".join(traceback.format_exception(error))
    click.echo(
        f"{click.style('lab:', fg='red', bold=True)} our own bug: {type(error).__name__}: {error}", err=True
    )
    try:
        file = _write(home() / f"crash-{time.strftime('%Y%m%d-%H%M%S')}.log", text)
    except OSError:
        click.echo(text, err=True)
    else:
        click.echo(f"  the traceback is in {file}", err=True)


def _write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file
