"""What of PostgreSQL's log is the trainee's."""

import pytest

from lab.referee.samplers.postgres_log import Assembler, Statement, statement

HEAD = "2026-11-22 02:26:46.119 UTC [540] host={host} user={role} db=shop LOG:  {said}"
T = 1795314406.119


def entry(said: str, *, role: str = "dba", host: str = "10.0.0.9") -> str:
    """A line as the server writes it."""
    return HEAD.format(role=role, host=host, said=said)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (entry("statement: select 1"), Statement(t=T, text="select 1", role="dba")),
        (entry("execute <unnamed>: select $1"), Statement(t=T, text="select $1", role="dba")),
        (entry("duration: 1.2 ms"), None),
        (entry("connection authorized: user=dba database=shop"), None),
        (entry("statement: drop table orders", role="shop", host="10.0.0.2"), None),
        (
            entry("statement: select 2", role="shop", host="10.0.0.7"),
            Statement(t=T, text="select 2", role="shop"),
        ),
        (
            entry("connection authorized: user=shop database=shop", role="shop", host="10.0.0.7"),
            Statement(t=T, text="(connected)", role="shop"),
        ),
        ("2026-11-22 02:26:46.119 UTC [1] host= user= db= LOG:  user=dba checkpoint", None),
        ("not a log line user=dba ", None),
        (
            entry("statement: delete from orders", role="x db=y LOG:  z", host="10.0.0.7"),
            Statement(t=T, text="delete from orders", role="x"),
        ),
    ],
)
def test_the_trainees_statements_are_those_of_the_dba_and_of_the_toolbox(
    line: str, wanted: Statement | None
) -> None:
    """Whatever role they use from there."""
    assert statement(line, toolbox="10.0.0.7") == wanted


def test_a_statement_of_several_lines_is_one_entry() -> None:
    """The server indents what continues; the last entry is whole when nothing more comes."""
    assembler = Assembler()
    first = assembler.feed([entry("statement: select"), "\t1,", "\t2", entry("statement: select 3")])
    assert [statement(e, toolbox="") for e in first] == [Statement(t=T, text="select\n1,\n2", role="dba")]
    assert assembler.feed([]) == [entry("statement: select 3")]
    assert assembler.feed([]) == []
