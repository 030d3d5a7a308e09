import os
from dataclasses import replace

from tbgateway.telemetry.board_usage import BoardUsage
from tbgateway.telemetry.process_table import Process, proportional

HEAD = Process(pid=2**30, parent=1, cpu=2.0, born=100.0, resident=300)
SERVER = Process(pid=2**30 + 1, parent=2**30, cpu=1.0, born=102.0, resident=100)


def cpu(usage: BoardUsage, *family: Process, now: float) -> float:
    share, _ = usage.measure(family, now, exactly=False)
    return share


def test_at_first_cpu_is_counted_since_the_birth() -> None:
    assert cpu(BoardUsage(), HEAD, now=110.0) == 0.2


def test_then_it_is_counted_since_the_last_look() -> None:
    usage = BoardUsage()
    cpu(usage, HEAD, SERVER, now=110.0)
    assert cpu(usage, replace(HEAD, cpu=6.0), replace(SERVER, cpu=2.0), now=120.0) == 0.5
    assert cpu(usage, replace(HEAD, cpu=6.0), replace(SERVER, cpu=2.0), now=130.0) == 0.0


def test_a_process_that_is_new_counts_with_all_it_used() -> None:
    usage = BoardUsage()
    cpu(usage, HEAD, now=101.0)
    assert cpu(usage, HEAD, SERVER, now=111.0) == 0.1


def test_a_process_that_came_in_from_elsewhere_used_nothing_yet() -> None:
    usage = BoardUsage()
    cpu(usage, HEAD, now=110.0)
    assert cpu(usage, HEAD, SERVER, now=120.0) == 0.0


def test_the_same_number_again_is_another_process() -> None:
    usage = BoardUsage()
    cpu(usage, HEAD, now=110.0)
    assert cpu(usage, replace(HEAD, cpu=1.0, born=115.0), now=120.0) == 0.2


def test_what_ended_takes_nothing_back() -> None:
    usage = BoardUsage()
    cpu(usage, HEAD, SERVER, now=110.0)
    assert cpu(usage, HEAD, now=120.0) == 0.0


def test_without_an_exact_look_shared_memory_counts_in_full() -> None:
    assert BoardUsage().measure((HEAD, SERVER), 110.0, exactly=False) == (0.3, 400)


def test_memory_follows_the_last_exact_look() -> None:
    usage = BoardUsage()
    ourselves = Process.read(os.getpid())
    _, exact = usage.measure((ourselves,), ourselves.born + 1, exactly=True)
    assert usage.exact_at == ourselves.born + 1
    assert 0 < exact <= ourselves.resident * 2
    assert abs(exact - proportional(ourselves.pid)) < 50_000_000

    grown = replace(ourselves, resident=ourselves.resident + 1_000_000)
    assert usage.measure((grown,), ourselves.born + 2, exactly=False)[1] == exact + 1_000_000


def test_memory_is_never_less_than_none() -> None:
    usage = BoardUsage()
    ourselves = Process.read(os.getpid())
    usage.measure((ourselves,), 110.0, exactly=True)
    assert usage.measure((replace(ourselves, resident=0),), 120.0, exactly=False)[1] >= 0


def test_who_has_ended_counts_with_what_was_seen() -> None:
    assert BoardUsage().measure((HEAD,), 110.0, exactly=True)[1] == 300
