"""Acts that are recognised in every run: verbs and words of SQL, never a scenario's own. Values only.

They stand apart from the judging that uses them, for a lint before each start asks for them, too.
"""

from collections.abc import Mapping

from lab.recogniser import Recogniser
from lab.scenario import Scenario

ACTS = (
    Recogniser(
        id="scaled-to-zero",
        verb="scale",
        pattern=r"\b0\b",
        tone="trap",
        lesson="Scaling to zero takes the service away from everybody; what comes back is the same release.",
    ),
    Recogniser(
        id="scaled-out",
        verb="scale",
        pattern=r"\b([3-9]|[1-9]\d+)\b",
        tone="trap",
        lesson="More pods ask the same few servers more often: what is short there gets shorter.",
    ),
    Recogniser(
        id="bounded-pool",
        verb="set-env",
        pattern=r"DB_(MAX_OVERFLOW|POOL_SIZE)[^-\w]+\d",
        tone="trap",
        lesson="A bounded pool spares the database, but a leak empties the pool: the wait moves to the API.",
    ),
    Recogniser(
        id="restarted-database",
        verb="restart-database",
        pattern=r"",
        tone="trap",
        lesson="A restart of the database is an outage of its own, and clients that fill it go on doing so.",
    ),
    Recogniser(
        id="restarted-pods",
        verb="restart",
        pattern=r"",
        tone="trap",
        lesson="A restart clears what a process holds and leaves its release, so what leaked can leak again.",
    ),
    Recogniser(
        id="rolled-back",
        verb="rollback",
        pattern=r"",
        tone="good",
        lesson="Going back to the release before is the quickest way to undo a change that broke something.",
    ),
)

SQL = (
    Recogniser(
        id="kept-out",
        pattern=r"\balter\s+(role|user)\s+\S+\s+(with\s+)?(nologin|connection\s+limit\s+0)",
        tone="good",
        lesson="A role that cannot sign in does not come back; its owner has to be told.",
    ),
    Recogniser(
        id="raised-max-connections",
        pattern=r"\balter\s+system\s+set\s+max_connections\b",
        tone="trap",
        lesson="More slots only fill later; the change needs a restart, and every slot costs memory.",
    ),
    Recogniser(
        id="wrote-to-data",
        pattern=r"\b(delete\s+from|truncate|update\s+(?!pg_)\w+\s+set|drop\s+(table|schema|database))\b",
        tone="trap",
        lesson="Rewriting customers' data during an incident is how an outage turns into a loss.",
    ),
    Recogniser(
        id="bounded-idle-time",
        pattern=r"\bset\s+(idle_session_timeout|idle_in_transaction_session_timeout)\b",
        tone="good",
        lesson="A time limit on idle sessions bounds what a leak holds; the pool must then test connections.",
    ),
    Recogniser(
        id="bounded-replay",
        pattern=r"\balter\s+system\s+set\s+max_standby_(streaming|archive)_delay\b",
        tone="good",
        lesson="A replica whose replay waits for nobody for long stays fresh; who is in its way is ended.",
    ),
    Recogniser(
        id="promoted-replica",
        pattern=r"\bpg_promote\s*\(",
        tone="trap",
        lesson="A promoted replica follows nobody: what it lacked, and all that comes, it never gets.",
    ),
    Recogniser(
        id="ended-sessions",
        pattern=r"\bpg_(terminate|cancel)_backend\b",
        tone="trap",
        lesson="Ending sessions frees slots, not the cause: whatever opened them is still running.",
    ),
)

REDIS = (
    Recogniser(
        id="flushed-cache",
        pattern=r"^\W*flush(all|db)\b",
        tone="trap",
        lesson="An emptied Redis signs everybody out, and the database answers for all until it is warm.",
    ),
)

MYSQL = (
    Recogniser(
        id="gave-a-key",
        pattern=r"\balter\s+table\b.*\badd\s+(constraint\s+\S+\s+)?primary\s+key\b",
        tone="good",
        lesson="With a key each changed row is found at once, instead of by reading the table.",
    ),
    Recogniser(
        id="applied-in-parallel",
        pattern=r"\bset\s+(@@)?(global|persist)[\s.]+(replica|slave)_parallel_workers\s*=\s*([2-9]|1\d)",
        tone="good",
        lesson="What did not wait for each other on the source need not on the replica.",
    ),
    Recogniser(
        id="held-the-batch",
        pattern=r"\b(rename\s+table|alter\s+table\s+\S+\s+rename)\b",
        tone="good",
        lesson="A batch that does not find its table changes nothing; its owner has to be told.",
    ),
    Recogniser(
        id="skipped-transaction",
        pattern=r"\bset\s+(@@)?(session\b[\s.]*|global\b[\s.]*)?(gtid_next\s*=\s*'[^a]|\w*skip_counter\s*=)",
        tone="trap",
        lesson="A transaction that is skipped is lost to the replica for good: its data differ from then on.",
    ),
    Recogniser(
        id="reset-replica",
        pattern=r"^\s*reset\s+(replica|slave|binary\s+logs)\b",
        tone="trap",
        lesson="A replica that forgets what it has applied cannot go on from there.",
    ),
    Recogniser(
        id="ended-sessions",
        pattern=r"^\s*kill\b",
        tone="trap",
        lesson="Ending a session ends what it does now, not whoever starts it again.",
    ),
    Recogniser(
        id="wrote-to-data",
        pattern=r"^\s*(delete\s+from|truncate|update\s+\S+\s+set|drop\s+(table|schema|database))\b",
        tone="trap",
        lesson="Rewriting customers' data during an incident is how an outage turns into a loss.",
    ),
)

TYPED: Mapping[str, tuple[Recogniser, ...]] = {"sql": SQL, "mysql": MYSQL, "redis": REDIS}
STATEMENTS = tuple(TYPED)
"""The kinds of what was typed into a database, as its server recorded it."""

CURES = frozenset(
    {
        "rolled-back",
        "bounded-idle-time",
        "bounded-replay",
        "kept-out",
        "gave-a-key",
        "applied-in-parallel",
        "held-the-batch",
    }
)
"""Acts that remove or bound a cause: after one of them, clearing up is no trap any more."""

CLEARING_UP = frozenset({"ended-sessions", "restarted-pods"})


def known(scenario: Scenario) -> tuple[Recogniser, ...]:
    """All that is recognised in a run of the scenario, its own first."""
    return (*scenario.traps, *ACTS, *(one for typed in TYPED.values() for one in typed))


def cures(scenario: Scenario) -> frozenset[str]:
    """The ids of acts that remove or bound a cause."""
    return CURES | {one.id for one in scenario.traps if one.cures}
