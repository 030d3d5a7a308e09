"""Event files as a training script writes them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tensorboardX import SummaryWriter


def write_scalars(
    directory: Path, tags: Mapping[str, Sequence[float]], *, first_step: int = 0
) -> None:
    """Write one event file with the values of each tag at consecutive steps."""
    writer = SummaryWriter(str(directory), write_to_disk=True)
    for tag, values in tags.items():
        for step, value in enumerate(values, start=first_step):
            writer.add_scalar(tag, value, step)
    writer.close()
