"""Options survive the way through a command line."""

import pytest

from tbgateway.worker.options import Options


@pytest.mark.parametrize(
    "options",
    [
        Options(),
        Options(with_assets=False),
        Options(plugins=("a", "-b", "*"), left_out=("plugin c: no\nluck", "--without-assets")),
    ],
)
def test_they_are_read_back_as_they_were_written(options: Options) -> None:
    assert Options.parse(options.arguments()) == options
