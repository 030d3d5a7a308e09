import pytest

from tbgateway.domain.assignments import parse_assignment, parse_assignments
from tbgateway.domain.errors import InvalidInputError


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("lr=1e-3", "lr", 0.001),
        ("epochs=30", "epochs", 30),
        ("amp=true", "amp", True),
        ("model=resnet50", "model", "resnet50"),
        ("command=a=b", "command", "a=b"),
        ("note=", "note", ""),
        (" optimizer.lr = 0.5 ", "optimizer.lr", 0.5),
    ],
)
def test_a_value_is_what_it_looks_like(text: str, key: str, value: object) -> None:
    found = parse_assignment(text)
    assert found == (key, value)
    assert type(found[1]) is type(value)


@pytest.mark.parametrize("text", ["lr<1e-3", "lr<=1", "lr==1", "lr!=1", "lr>1", "lr >= 1"])
def test_a_condition_is_told_where_conditions_go(text: str) -> None:
    with pytest.raises(InvalidInputError, match="is a condition, not KEY=VALUE") as refused:
        parse_assignment(text)
    assert refused.value.command.startswith("tbgateway experiment list --param ")
    assert "lr=0.001" in refused.value.hint


def test_a_parameter_is_said_once() -> None:
    assert parse_assignments(["a=1", "b=2"]) == {"a": 1, "b": 2}
    with pytest.raises(InvalidInputError, match="'a' is given twice") as refused:
        parse_assignments(["a=1", "b=2", "a = 1"])
    assert refused.value.hint == "Give it once."


@pytest.mark.parametrize("text", ["", "lr", "=1", " =1"])
def test_what_names_no_key_or_no_value_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInputError, match="is not KEY=VALUE") as refused:
        parse_assignment(text)
    assert "lr=0.001" in refused.value.hint


def test_a_command_that_is_proposed_survives_the_shell() -> None:
    with pytest.raises(InvalidInputError) as refused:
        parse_assignment("lr<$(reboot)")
    assert refused.value.command.endswith("--param 'lr<$(reboot)'")
