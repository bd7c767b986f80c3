"""The load's two files become seconds, each once it can no longer change."""

from pathlib import Path

from lab.history.bins import UNACCOUNTED, Request, Tick, bin_seconds
from lab.history.follow import LoadLog

T0 = 1000


def ticks(
    lo: float, hi: float, *, rate: float = 60.0, offset_s: float = 0.0, late_ms: float = 2.0
) -> list[Tick]:
    """A tick each second, a little off the full second."""
    return [
        Tick(
            t=t + offset_s,
            planned_total=(t + offset_s) * rate,
            scheduled_total=round((t + offset_s) * rate),
            late_ms=late_ms,
        )
        for t in range(round(lo), round(hi) + 1)
    ]


def requests(
    lo: int, hi: int, *, per_s: int = 60, result: str = "ok", took_s: float = 0.012
) -> list[Request]:
    return [
        Request(scheduled_t=s + i / per_s, end_t=s + i / per_s + took_s, route="login", result=result)
        for s in range(lo, hi)
        for i in range(per_s)
    ]


def test_a_request_counts_in_the_second_of_its_scheduled_start() -> None:
    late = Request(scheduled_t=T0 + 0.9, end_t=T0 + 2.9, route="login", result="timeout")
    seconds = bin_seconds([late], ticks(T0, T0 + 3), from_s=T0, until_s=T0 + 3)
    login = seconds[0].routes["login"]
    assert login.bad == {"timeout": 1}
    assert (login.first_bad_t, login.last_bad_t) == (T0 + 0.9, T0 + 0.9)
    assert login.latency_counts[-1] == 1


def test_offers_are_read_between_ticks_that_are_off_the_full_second() -> None:
    seconds = bin_seconds(
        requests(T0, T0 + 6), ticks(T0 - 1, T0 + 6, offset_s=0.37), from_s=T0, until_s=T0 + 5
    )
    assert [second.scheduled for second in seconds] == [60] * 5
    assert all(abs(second.planned - 60) < 0.01 for second in seconds)


def test_expected_answers_are_counted_apart_and_quick_refusals_are_no_latency() -> None:
    rows = [*requests(T0, T0 + 1, result="expected"), *requests(T0, T0 + 1, result="http_5xx")]
    login = bin_seconds(rows, ticks(T0, T0 + 1), from_s=T0, until_s=T0 + 1)[0].routes["login"]
    assert (login.ok, login.expected, login.bad) == (0, 60, {"http_5xx": 60})
    assert sum(login.latency_counts) == 60


def test_seconds_without_ticks_are_left_out() -> None:
    around = [*ticks(T0, T0 + 3), *ticks(T0 + 60, T0 + 63)]
    seconds = bin_seconds([], around, from_s=T0, until_s=T0 + 63)
    assert [second.t - T0 for second in seconds] == [0, 1, 2, 60, 61, 62]


def test_totals_that_start_again_are_a_gap() -> None:
    restarted = [*ticks(T0, T0 + 3), Tick(t=T0 + 4, planned_total=10, scheduled_total=10, late_ms=0)]
    assert [s.t - T0 for s in bin_seconds([], restarted, from_s=T0, until_s=T0 + 4)] == [0, 1, 2]


def test_requests_that_were_offered_and_never_ended_are_bad() -> None:
    seconds = bin_seconds(requests(T0, T0 + 1, per_s=20), ticks(T0, T0 + 1), from_s=T0, until_s=T0 + 1)
    assert seconds[0].routes[UNACCOUNTED].bad == {"timeout": 40}


def write(folder: Path, rows: list[Request], beats: list[Tick]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "requests.csv").write_text(
        "scheduled,sent,end,route,result,status,burst\n"
        + "".join(f"{r.scheduled_t},{r.scheduled_t},{r.end_t},{r.route},{r.result},200,\n" for r in rows)
    )
    (folder / "ticks.csv").write_text(
        "t,planned_total,scheduled_total,done_total,inflight,late_ms\n"
        + "".join(f"{k.t},{k.planned_total},{k.scheduled_total},0,0,{k.late_ms}\n" for k in beats)
    )


def with_one_under_way(lo: int, hi: int) -> list[Request]:
    """One arrival of each second has not ended."""
    return [request for n, request in enumerate(requests(lo, hi)) if n % 60 != 30]


def test_a_second_is_handed_out_once_and_only_when_closed(tmp_path: Path) -> None:
    write(tmp_path, with_one_under_way(T0, T0 + 10), ticks(T0, T0 + 10))
    log = LoadLog(tmp_path)
    assert [s.t - T0 for s in log.closed(T0 + 3.69)] == []
    assert [s.t - T0 for s in log.closed(T0 + 3.71)] == [0]
    assert [s.t - T0 for s in log.closed(T0 + 6.8)] == [1, 2, 3]
    assert log.closed(T0 + 6.9) == ()


def test_a_second_of_which_all_has_ended_is_not_waited_for(tmp_path: Path) -> None:
    """Once the tick after its own is there, which tells how late its last arrivals were."""
    everything, beats = requests(T0, T0 + 6), ticks(T0, T0 + 6)
    write(tmp_path, everything[:200], beats[:4])
    log = LoadLog(tmp_path)
    early = log.closed(T0 + 3.1)
    assert [s.t - T0 for s in early] == [0, 1]
    assert early == bin_seconds(everything, beats, from_s=T0, until_s=T0 + 2)
    write(tmp_path, everything[:200] + everything[201:], beats)  # one of the fourth second's is under way
    assert [s.t - T0 for s in log.closed(T0 + 5.1)] == [2]
    write(tmp_path, [*everything[:200], *everything[201:], everything[200]], beats)
    assert [s.t - T0 for s in log.closed(T0 + 5.2)] == [3, 4]


def test_half_a_line_waits_for_its_rest(tmp_path: Path) -> None:
    write(tmp_path, requests(T0, T0 + 2), ticks(T0, T0 + 2))
    whole = (tmp_path / "requests.csv").read_bytes()
    (tmp_path / "requests.csv").write_bytes(whole[:-9])
    log = LoadLog(tmp_path)
    log.closed(T0 + 1.0)
    (tmp_path / "requests.csv").write_bytes(whole)
    assert [s.routes["login"].ok for s in log.closed(T0 + 5.0)] == [60, 60]


def test_a_resumed_reader_does_not_repeat_what_is_in_the_journal(tmp_path: Path) -> None:
    write(tmp_path, with_one_under_way(T0, T0 + 10), ticks(T0, T0 + 10))
    assert [s.t - T0 for s in LoadLog(tmp_path, after_t=float(T0 + 4)).closed(T0 + 9.0)] == [5]


def test_files_that_are_not_there_yet_are_no_data(tmp_path: Path) -> None:
    assert LoadLog(tmp_path / "nothing").closed(T0) == ()
