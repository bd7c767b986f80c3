"""A fault's parameters: declared on its dataclass with unit, range and meaning, checked when it is made."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeAlias

from faults.errors import BadParameter

Value: TypeAlias = str | int | float | bool
KEY = "parameter"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter; *low* and *high* bound a number.

    *mild* and *severe* differ and show its reach, the rest as it is by default; a parameter that only says
    where or by whom has neither.
    """

    means: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    mild: Value | None = None
    severe: Value | None = None
    options: tuple[str, ...] = ()
    pattern: str = ""

    @property
    def range(self) -> str:
        """The values that it takes, as a person would write them."""
        if self.options:
            return " | ".join(self.options)
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.high:g} {self.unit}".strip()
        return f"text like {self.pattern}" if self.pattern else "text"


def number(
    default: Any,
    *,
    low: float,
    high: float,
    means: str,
    unit: str = "",
    mild: float | None = None,
    severe: float | None = None,
) -> Any:
    """A number from *low* to *high*; whole where the default is."""
    known = Parameter(means=means, unit=unit, low=low, high=high, mild=mild, severe=severe)
    return field(default=default, metadata={KEY: known})


def name(
    default: str,
    *,
    means: str,
    pattern: str = r"[A-Za-z_][A-Za-z0-9_.:-]{0,62}",
    mild: str | None = None,
    severe: str | None = None,
) -> Any:
    """The name of something in the victim; safe to stand in a statement."""
    known = Parameter(means=means, pattern=pattern, mild=mild, severe=severe)
    return field(default=default, metadata={KEY: known})


def choice(
    default: str, *options: str, means: str, mild: str | None = None, severe: str | None = None
) -> Any:
    """One of *options*."""
    known = Parameter(means=means, options=options, mild=mild, severe=severe)
    return field(default=default, metadata={KEY: known})


def text(default: str, *, means: str, mild: str | None = None, severe: str | None = None) -> Any:
    """Free text, quoted by whoever uses it."""
    known = Parameter(means=means, mild=mild, severe=severe)
    return field(default=default, metadata={KEY: known})


def declared(fault: Any) -> dict[str, tuple[Parameter, Value | None]]:
    """A fault's parameters by name (of the class or of one of its instances), each with its default."""
    return {
        one.name: (one.metadata[KEY], None if one.default is MISSING else one.default)
        for one in fields(fault)
        if KEY in one.metadata
    }


def check(fault: Any) -> None:
    """Raise BadParameter where a value is not of its parameter's kind or range."""
    for key, (known, default) in declared(fault).items():
        _check_one(type(fault).__name__, key, known, default, getattr(fault, key))


def _check_one(owner: str, key: str, known: Parameter, default: Value | None, value: Any) -> None:
    said = f"{owner}: {key} must be {known.range}, got {value!r}"
    if known.low is not None and known.high is not None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadParameter(said)
        if isinstance(default, int) and not isinstance(value, int):
            raise BadParameter(f"{said}: it must be whole")
        if not known.low <= value <= known.high:
            raise BadParameter(said)
    elif (
        not isinstance(value, str)
        or (known.options and value not in known.options)
        or (known.pattern and not re.fullmatch(known.pattern, value))
    ):
        raise BadParameter(said)


def made(fault_class: type[Any], values: Mapping[str, Any]) -> Any:
    """The fault with these *values*, wherever they were written; BadParameter where they are off.

    Of a parameter that it has not, the nearest that it has is named, with what that takes.
    """
    for key in values:
        _known(fault_class, key)
    return fault_class(**values)


def typed(fault_class: type[Any], words: Mapping[str, str]) -> Any:
    """The fault with parameters as typed on a command line, turned into their kinds."""
    owner = fault_class.__name__
    values = {key: _of_kind(owner, key, *_known(fault_class, key), word) for key, word in words.items()}
    return made(fault_class, values)


def _known(fault_class: type[Any], key: str) -> tuple[Parameter, Value | None]:
    """That parameter and its default."""
    known = declared(fault_class)
    if key in known:
        return known[key]
    near = difflib.get_close_matches(str(key), known, n=1)
    raise BadParameter(
        f"{fault_class.__name__} has no parameter {key!r}; it has {', '.join(known) or 'none'}",
        hint=f"did you mean {near[0]}? It takes {known[near[0]][0].range}" if near else "",
    )


def _of_kind(owner: str, key: str, known: Parameter, default: Value | None, word: str) -> Value:
    if known.low is None:
        return word
    try:
        return int(word) if isinstance(default, int) else float(word)
    except ValueError:
        raise BadParameter(f"{owner}: {key} must be {known.range}, got {word!r}") from None
