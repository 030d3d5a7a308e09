"""The installed TensorBoard's web files, and a small stand-in that is quick to compress."""

from collections.abc import Mapping

import pytest

from tbgateway.webassets import Library, Rewritten, read_installed, rewrite


@pytest.fixture(scope="session")
def installed() -> Mapping[str, bytes]:
    return read_installed()


@pytest.fixture(scope="session")
def rewritten(installed: Mapping[str, bytes]) -> Rewritten:
    return rewrite(installed)


@pytest.fixture(scope="session")
def library(rewritten: Rewritten) -> Library:
    return Library(rewritten)
