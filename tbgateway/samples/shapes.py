"""A solid for the mesh dashboard."""

import math
from array import array
from dataclasses import dataclass

from tensorboard.compat.proto import types_pb2
from tensorboard.plugins.mesh import metadata as mesh_metadata
from tensorboard.plugins.mesh import plugin_data_pb2

from tbgateway.samples.pictures import ramp
from tbgateway.samples.values import Value, packed

_PARALLELS = 18
_MERIDIANS = 28


@dataclass(frozen=True, slots=True)
class Solid:
    """Points, triangles of point numbers, and a colour per point, as flat arrays."""

    points: "array[float]"
    triangles: "array[int]"
    colours: bytes


def bumpy_sphere(bumpiness: float) -> Solid:
    """Return a sphere with bumps, coloured by height."""
    points = array("f")
    colours = bytearray()
    for parallel in range(_PARALLELS + 1):
        for meridian in range(_MERIDIANS):
            down, around = math.pi * parallel / _PARALLELS, math.tau * meridian / _MERIDIANS
            bump = bumpiness * math.sin(5.0 * around) * math.sin(4.0 * down)
            radius = (1.0 + bump) * math.sin(down)
            height = (1.0 + bump) * math.cos(down)
            points.extend((radius * math.cos(around), height, radius * math.sin(around)))
            colours.extend(ramp(0.5 + height / 2.5))
    return Solid(points, _triangles(), bytes(colours))


def _triangles() -> "array[int]":
    triangles = array("i")
    for parallel in range(_PARALLELS):
        for meridian in range(_MERIDIANS):
            beside = (meridian + 1) % _MERIDIANS
            a, b = parallel * _MERIDIANS + meridian, parallel * _MERIDIANS + beside
            triangles.extend((a, b, a + _MERIDIANS, b, b + _MERIDIANS, a + _MERIDIANS))
    return triangles


def mesh(name: str, solid: Solid, about: str = "") -> list[Value]:
    """Return the three values that make one step of a mesh."""
    kinds = plugin_data_pb2.MeshPluginData
    parts = (
        (kinds.VERTEX, types_pb2.DT_FLOAT, solid.points.tobytes(), solid.points.itemsize),
        (kinds.FACE, types_pb2.DT_INT32, solid.triangles.tobytes(), solid.triangles.itemsize),
        (kinds.COLOR, types_pb2.DT_UINT8, solid.colours, 1),
    )
    components = mesh_metadata.get_components_bitmask([kind for kind, *_ in parts])
    values = []
    for kind, dtype, content, width in parts:
        shape = (1, len(content) // width // 3, 3)
        metadata = mesh_metadata.create_summary_metadata(
            name, name, kind, components, shape, description=about
        )
        tag = mesh_metadata.get_instance_name(name, kind)
        values.append(Value(tag=tag, metadata=metadata, tensor=packed(dtype, shape, content)))
    return values
