import os

import pytest


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no variable of whoever runs the tests become a setting."""
    for name in os.environ:
        if name.startswith("TBGATEWAY_"):
            monkeypatch.delenv(name)
