"""Passwords are kept out of the history: it is shown in reports, and a report is passed on."""

import re

HIDDEN = "…"

# ALTER ROLE … PASSWORD 'x', CREATE USER … IDENTIFIED BY 'x', and the settings that name one inside a string.
_PASSWORD = re.compile(
    r"(?P<before>(?:(?<![^\W_])password(?:\s+for\s+\S+)?|\bidentified(?:\s+with\s+\w+)?\s+by)\s*=?\s*)"
    r"(?P<secret>E?'(?:[^'\\]|''|\\.)*'|\"[^\"]*\"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|(?<==)[^\s'\"]+)",
    re.IGNORECASE | re.DOTALL,
)


def redacted(statement: str) -> str:
    """The statement without the passwords that it sets."""
    return _PASSWORD.sub(lambda found: f"{found['before']}'{HIDDEN}'", statement)
