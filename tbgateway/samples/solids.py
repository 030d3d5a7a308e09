"""A network that learns to reconstruct a solid from a point cloud."""

from pathlib import Path

from tbgateway.samples import curves, values
from tbgateway.samples.run import Run
from tbgateway.samples.shapes import bumpy_sphere, mesh

_STEPS = 80
_SECONDS = 5400.0
_MESHES = 5


def write(directory: Path, ended: float) -> None:
    """Write the training into one run: the directory itself."""
    chance = curves.chance_of(5)
    began = ended - _SECONDS
    with Run(directory, began) as run:
        for number in range(_STEPS + 1):
            progress = number / _STEPS
            at = began + _SECONDS * progress
            distance = curves.approach(progress, 0.4, 0.021) * chance.uniform(0.93, 1.07)
            run.add(
                number * 100,
                at,
                values.scalar("chamfer_distance", distance, "Between given and rebuilt surface."),
            )
            if number % (_STEPS // (_MESHES - 1)) == 0:
                solid = bumpy_sphere(curves.approach(progress, 0.02, 0.28, 3.0))
                run.add(number * 100, at, *mesh("rebuilt", solid, "The rebuilt surface."))
