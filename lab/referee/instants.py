"""The engine's time stamps."""

from datetime import datetime

NEVER = "0001-01-01"


def unix(text: str) -> float:
    """Seconds of the engine's time stamps, which have nine digits of a second; 0 for its "never"."""
    if text.startswith(NEVER):
        return 0.0
    whole, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")
