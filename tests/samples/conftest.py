from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tbgateway.samples import Sample, write_samples

NOW = 1_750_000_000.0


@dataclass(frozen=True)
class Written:
    """All samples, written once for all tests that only read."""

    directory: Path
    samples: Mapping[str, Sample]


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    directory = tmp_path_factory.mktemp("samples")
    samples = write_samples(directory, now=NOW)
    return Written(directory, {sample.name: sample for sample in samples})
