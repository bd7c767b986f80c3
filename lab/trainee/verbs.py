"""The trainee's verbs. Each gets its client from `ctx.obj()`: toolbox and host make it differently."""

import json
import sys
import time
from collections.abc import Mapping
from typing import Any

import click

from lab.trainee import screen
from lab.trainee.client import Client
from lab.trainee.waiting import until_report
from lab.trainee.waiting_line import WaitingLine

EXIT_CODES = {"pass": 0, "fail": 1, "unknown": 3}
WATCH_S = 2.0

_as_json = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")


def _client(ctx: click.Context) -> Client:
    client: Client = ctx.obj()
    return client


def _say(answer: Any, text: str, *, as_json: bool) -> None:
    click.echo(json.dumps(answer, indent=1) if as_json else text)


class _Asked(click.Option):
    """An option that is asked for where it is not given; standard output is the answer's alone."""

    def prompt_for_value(self, ctx: click.Context) -> Any:
        """Ask on standard error."""
        return click.prompt(
            str(self.prompt), err=True, value_proc=lambda value: self.process_value(ctx, value)
        )


@click.command("brief")
@_as_json
@click.pass_context
def brief(ctx: click.Context, as_json: bool) -> None:
    """Show the page that called you.

    \b
      lab brief
    """
    answer = _client(ctx).get("/v1/brief")
    _say(answer, str(answer["text"]), as_json=as_json)


@click.command("status")
@_as_json
@click.option("--watch", is_flag=True, help="Show it again every two seconds.")
@click.pass_context
def status(ctx: click.Context, as_json: bool, watch: bool) -> None:
    """Show the clock, what users see, what pages, and what has held so far.

    \b
      lab status
      lab status --watch
      lab status --json | jq .users
    """
    while True:
        answer = _client(ctx).get("/v1/status")
        if watch:
            click.clear()
        _say(answer, screen.status(answer), as_json=as_json)
        if not watch:
            return
        time.sleep(WATCH_S)


@click.command("ack")
@_as_json
@click.pass_context
def ack(ctx: click.Context, as_json: bool) -> None:
    """Acknowledge the page: somebody is on it. Only the first time counts.

    \b
      lab ack
    """
    answer = _client(ctx).post("/v1/ack")
    text = f"acknowledged {screen.duration(answer['acknowledged_after_s'])} after the page"
    _say(answer, text, as_json=as_json)


@click.command("status-update")
@click.argument("text")
@_as_json
@click.pass_context
def status_update(ctx: click.Context, text: str, as_json: bool) -> None:
    """Put a line on the status page: what customers feel, and what is being done.

    \b
      lab status-update "Sign-ins fail. We know why and expect to be back in ten minutes."
    """
    answer = _client(ctx).post("/v1/status-update", {"text": text})
    _say(answer, f"posted (update {answer['updates']}): {answer['posted']}", as_json=as_json)


@click.command("diagnose")
@click.option("--component", cls=_Asked, prompt="Which component is at fault", help="Where the fault is.")
@click.option("--fault", cls=_Asked, prompt="What is wrong with it", help="What is wrong there.")
@click.option("--evidence", cls=_Asked, prompt="How do you know", help="What shows it.")
@_as_json
@click.pass_context
def diagnose(ctx: click.Context, component: str, fault: str, evidence: str, as_json: bool) -> None:
    """Say what is wrong, where, and how you know. You may say it again; the report judges.

    \b
      lab diagnose --component "orders database" --fault "an index is missing" --evidence "slow scans in …"
    """
    answer = _client(ctx).post("/v1/diagnose", {"component": component, "fault": fault, "evidence": evidence})
    _say(answer, "recorded; the report says how right it was", as_json=as_json)


@click.command("hint")
@click.option("--yes", is_flag=True, help="Take it without being asked.")
@_as_json
@click.pass_context
def hint(ctx: click.Context, yes: bool, as_json: bool) -> None:
    """Take the next hint; its price is said first, and nothing is taken without a yes.

    \b
      lab hint
      lab hint --yes
    """
    client = _client(ctx)
    offer = client.get("/v1/hint")
    if offer["n"] is None:
        _say(offer, "there is no hint left", as_json=as_json)
        return
    if not yes and not _wanted(offer):
        _say(offer, "no hint taken", as_json=as_json)
        return
    taken = client.post("/v1/hint")
    _say(taken, f"hint {taken['n']} (-{taken['price']} points)\n\n{taken['text']}", as_json=as_json)


def _wanted(offer: Mapping[str, Any]) -> bool:
    asked = f"hint {offer['n']} costs {offer['price']} points ({offer['left']} left). Take it?"
    return click.confirm(asked, err=True)


@click.command("grade")
@click.option("--no-wait", is_flag=True, help="Only say it; the report comes later.")
@_as_json
@click.pass_context
def grade(ctx: click.Context, no_wait: bool, as_json: bool) -> None:
    """Say that you are done: waits until service has held, replays the trigger, prints the verdict.

    Exit code 0 is pass, 1 fail, 3 unknown. Asked again it prints the same report.

    \b
      lab grade
      lab grade --json | jq .verdict
    """
    client = _client(ctx)
    asked = client.post("/v1/grade")
    if no_wait:
        _say(asked, "asked; `lab grade` again waits for the report", as_json=as_json)
        return
    line = WaitingLine(sys.stderr)
    report = until_report(client, show=line.show)
    line.end()
    _say({k: v for k, v in report.items() if k != "text"}, str(report["text"]).rstrip(), as_json=as_json)
    ctx.exit(EXIT_CODES.get(str(report["verdict"]), 3))


COMMANDS: tuple[click.Command, ...] = (
    brief,
    status,
    ack,
    status_update,
    diagnose,
    hint,
    grade,
)
