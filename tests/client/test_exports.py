import subprocess
import sys

import pytest

import tbgateway
from tbgateway import Client, errors
from tbgateway.domain.errors import ERRORS

LOADED = "print(sorted(name for name in sys.modules if name.startswith('tbgateway.')))"
STRANGERS = (
    "print(sorted({name.partition('.')[0] for name in set(sys.modules) - before}"
    " - set(sys.stdlib_module_names) - {'tbgateway'}))"
)


def said(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; before = set(sys.modules); {script}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_the_package_alone_loads_nothing_of_its_parts() -> None:
    assert said(f"import tbgateway; {LOADED}") == "[]"


@pytest.mark.parametrize("name", ["Client", "errors"])
def test_what_scripts_use_needs_the_standard_library_only(name: str) -> None:
    assert said(f"from tbgateway import {name}; {STRANGERS}") == "[]"


def test_the_client_and_every_error_are_at_the_top() -> None:
    assert Client.__module__ == "tbgateway.client.client"
    assert {getattr(errors, kind.__name__) for kind in ERRORS.values()} == set(ERRORS.values())
    assert {"Client", "errors", "__version__"} <= set(dir(tbgateway))


def test_what_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'nothing'"):
        _ = tbgateway.nothing
