"""Options that several verbs share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from lab.errors import LabError
from lab.stack.extras import CHOICES
from lab.stack.places import checked_name
from lab.targets import FACTORS

F = TypeVar("F", bound=Callable[..., Any])

NAME_KEY = "lab.name"


def _remember(ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    try:
        ctx.meta[NAME_KEY] = checked_name(value)
    except LabError as error:
        raise click.BadParameter(str(error)) from error
    return value


def name_option(*, expose: bool = False) -> click.Option:
    """The option that says which lab; the context remembers it."""
    return click.Option(
        # A trainee's verb may have an argument *name* of its own.
        ["--name", "name" if expose else "lab_name"],
        envvar="LAB_NAME",
        default="main",
        show_default=True,
        show_envvar=True,
        metavar="LAB",
        expose_value=expose,
        callback=_remember,
        help="Which lab, where several run.",
    )


def named(function: F) -> F:
    """Give a verb the argument *name*."""
    return _decorate(function, name_option(expose=True))


def json_flag(function: F) -> F:
    """Give a verb the argument *as_json*."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")(function)


def drill_options(function: F) -> F:
    """Give a verb *seed* and *targets*, and what the proofs set: *speed* and *calm*."""
    speed = click.option("--speed", type=click.FloatRange(min=1.0), default=1.0, hidden=True)
    calm = click.option("--calm", is_flag=True, hidden=True)
    seed = click.option(
        "--seed",
        type=click.IntRange(min=0),
        metavar="N",
        help="Choose what varies, the cause among it where a scenario has several [default: by chance].",
    )
    targets = click.option(
        "--targets",
        type=click.Choice(tuple(FACTORS)),
        help="Whose times count: a learner's are twice the scenario's, an expert's half. [default: standard]",
    )
    return seed(targets(speed(calm(function))))


def _services(_ctx: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    unknown = sorted(set(names) - set(CHOICES))
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)}: not one of {', '.join(CHOICES)}")
    return names


def with_option(function: F) -> F:
    """Give a verb the argument *more*: services beyond the scenario's."""
    return click.option(
        "--with",
        "more",
        metavar="SERVICE,...",
        default="",
        callback=_services,
        help=f"More services than the scenario asks for, of {', '.join(CHOICES)}.",
    )(function)


def _decorate(function: F, option: click.Option) -> F:
    parameters = getattr(function, "__click_params__", [])
    parameters.append(option)
    function.__click_params__ = parameters  # type: ignore[attr-defined]
    return function
