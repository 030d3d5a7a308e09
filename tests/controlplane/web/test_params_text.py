"""Parameters as lines of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbgateway.controlplane.web.params_text import params_text, read_params
from tbgateway.domain.description import check_params
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import ParamValue


def test_each_line_is_a_parameter() -> None:
    text = '\n lr = 1e-3\nlayers=12\n\nflag =true\noptimizer.name = adam w\nversion = "3"\n  '
    read = read_params(text)
    assert read == {
        "lr": 1e-3,
        "layers": 12,
        "flag": True,
        "optimizer.name": "adam w",
        "version": "3",
    }
    assert [type(one) for one in read.values()] == [float, int, bool, str, str]


def test_a_value_may_hold_what_its_line_is_made_of() -> None:
    assert read_params("command = a=b == c") == {"command": "a=b == c"}
    assert read_params(r'text = "two\nlines "') == {"text": "two\nlines "}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("lr = 1\nlr", "Line 2: 'lr' is not key = value."),
        ("\n\n= 3", "Line 3: '= 3' is not key = value."),
        ("lr =", "Line 1: 'lr =' is not key = value."),
        ("lr == 3", "Line 1: 'lr == 3' is not key = value."),
        ("lr < 3", "Line 1: 'lr < 3' is not key = value."),
        ("a = 1\nb = 2\na = 3", "Line 3: the parameter 'a' stands there twice."),
        ('a = "b', "Line 1: '\"b' is no text in double quotes."),
        ('a = "b" c', "Line 1: '\"b\" c' is no text in double quotes."),
        ("a<b = 1", "Line 1: 'a<b' cannot be the name of a parameter."),
        (f"a = {'x' * 1001}", "Line 1: The parameter 'a' cannot be"),
        ("\n".join(f"p{n} = {n}" for n in range(5000)), "1001 parameters are too many."),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, why: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_params(text)
    assert caught.value.detail.startswith(why)
    assert caught.value.hint
    assert caught.value.field == "params"


def _fits(key: str, value: ParamValue) -> bool:
    try:
        return bool(check_params({key: value}))
    except InvalidInputError:
        return False


values = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.sampled_from(["true", "1", "1e5", '"', '"a"', " a", "a ", "", "=", "= 1", "a\nb", "nan"]),
)


@given(st.dictionaries(st.text(max_size=12), values, max_size=4))
def test_what_is_written_is_read_as_it_was(params: dict[str, ParamValue]) -> None:
    kept = {key: value for key, value in params.items() if _fits(key, value)}
    read = read_params(params_text(kept))
    assert read == kept
    assert [*map(type, read.values())] == [*map(type, kept.values())]
