"""What all tests share: the skip policy and the corpus of real event files."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ALLOWED_SKIPS = frozenset(
    line
    for line in (TESTS / "allowed_skips.txt").read_text().splitlines()
    if line and not line.startswith("#")
)
CORPUS = Path(os.environ.get("TBGATEWAY_TEST_CORPUS", TESTS.parent.parent / "shared" / "corpus"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Iterator[None]:
    """Turn a skip into a failure in CI, unless its reason is on the list."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        reason = str(call.excinfo.value) if call.excinfo else ""
        if reason.removeprefix("Skipped: ") not in ALLOWED_SKIPS:
            report.outcome = "failed"
            report.longrepr = f"skipped in CI for a reason that is not allowed: {reason!r}"
    return report


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the directory of real event files, if this machine has it."""
    if not CORPUS.is_dir():
        pytest.skip("the shared corpus is not on this machine")
    return CORPUS
