"""Only changes are told."""

from tbgateway.worker.trouble_watch import pause_after, tell_changes


def test_what_is_new_different_or_over_is_told_and_nothing_else() -> None:
    said: list[tuple[str, str]] = []

    def report(run: str, why: str) -> None:
        said.append((run, why))

    told = tell_changes({}, {"a": "broken", "b": "gone"}, report)
    assert said == [("a", "broken"), ("b", "gone")]
    said.clear()
    assert tell_changes(told, told, report) == told
    assert said == []
    assert tell_changes(told, {"b": "damaged", "c": "new"}, report) == {"b": "damaged", "c": "new"}
    assert said == [("a", ""), ("b", "damaged"), ("c", "new")]


def test_a_flood_of_problems_is_cut() -> None:
    said: list[str] = []
    found = {f"run {number:04}": "broken" for number in range(1000)}

    assert len(tell_changes({}, found, lambda run, _why: said.append(run))) == len(said) == 100


def test_looks_become_rare_while_all_is_well_and_frequent_again_at_once() -> None:
    pauses = [10.0]
    for _ in range(5):
        pauses.append(pause_after(pauses[-1], quiet=True))

    assert pauses == [10, 20, 40, 80, 80, 80]
    assert pause_after(80, quiet=False) == 10
