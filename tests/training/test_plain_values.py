import argparse
from enum import Enum
from pathlib import Path

import numpy as np
import pytest

from tbgateway.domain.description import check_params
from tbgateway.domain.errors import InvalidInputError
from tbgateway.training.plain_values import plain_params


class Optimizer(Enum):
    ADAM = 1


class Unreadable:
    shape = ()

    def item(self) -> None:
        raise RuntimeError("on another device")

    def __str__(self) -> str:
        return "unreadable"


def test_plain_values_stay_as_they_are() -> None:
    params = {"lr": 3e-4, "layers": 50, "amp": True, "model": "resnet"}
    assert plain_params(params) == params


def test_arguments_of_a_script_are_taken_as_they_come() -> None:
    arguments = argparse.Namespace(lr=0.1, resume=None, gpus=[0, 1], data=Path("/data"))
    assert plain_params(vars(arguments)) == {
        "lr": 0.1,
        "resume": "None",
        "gpus": "[0, 1]",
        "data": "/data",
    }


def test_a_nested_configuration_gets_names_with_dots() -> None:
    told = plain_params({"optimizer": {"name": "adam", "betas": {"first": 0.9}}, "empty": {}})
    assert told == {"optimizer.name": "adam", "optimizer.betas.first": 0.9, "empty": "{}"}


def test_what_holds_itself_ends_somewhere() -> None:
    endless: dict[str, object] = {}
    endless["again"] = endless
    assert len(plain_params(endless)) == 1


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.float32(0.5), 0.5),
        (np.float32(0.05), 0.05),
        (np.float32(1 / 3), 0.33333334),
        (np.float32(3e38), 3e38),
        (np.float64(1 / 3), 1 / 3),
        (list(range(1000)), f"{str(list(range(1000)))[:999]}…"),
        (Path("a\x1b\udcff"), "a\ufffd\ufffd"),
        (np.int64(3), 3),
        (np.bool_(True), True),  # noqa: FBT003 - numpy's own
        (np.array(2.0), 2.0),
        (float("inf"), "inf"),
        (np.float32("nan"), "nan"),
        (Optimizer.ADAM, "ADAM"),
        (Unreadable(), "unreadable"),
    ],
)
def test_scalars_of_libraries_become_plain(value: object, plain: object) -> None:
    told = plain_params({"value": value})
    assert told == {"value": plain}
    assert check_params(told) == told


def test_what_is_no_mapping_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="no mapping") as caught:
        plain_params(["lr"])  # type: ignore[arg-type] # that is the mistake
    assert caught.value.field == "params"


class Wordless:
    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__


def test_what_has_no_text_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="cannot be read: RuntimeError") as caught:
        plain_params({"a": {"b": Wordless()}})
    assert caught.value.field == "params"


def test_a_text_of_the_scripts_own_is_not_cut() -> None:
    assert plain_params({"a": "x" * 2000}) == {"a": "x" * 2000}
