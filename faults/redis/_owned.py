"""A key that a fault makes holds the receipt's mark: only a key that holds it is removed."""

from faults import tags
from faults.redis.server import RedisServer

DROP = "if %s then redis.call('UNLINK', KEYS[1]) end return redis.call('EXISTS', KEYS[1])"


def drop(target: RedisServer, key: str, ours: str, mark: str) -> str:
    """Remove the key in one step with the look *ours*, of Lua, at the mark; says what it left alone."""
    left = target.run("EVAL", DROP % ours, "1", key, mark) != "0"
    return tags.left_alone(f"key {key} of {target.name}") if left else ""
