"""What a board was asked for with by Gradient's API: it is told again, and means nothing else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from tbgateway.domain.model import GradientRequest
from tbgateway.domain.names import BoardId


@dataclass(frozen=True, slots=True)
class Wish:
    """The container image and the machine that somebody wanted; both may be empty."""

    image: str = ""
    instance: Mapping[str, str | int] = field(default_factory=dict)

    def record(self, board_id: BoardId) -> GradientRequest:
        """Return it as it is stored."""
        instance = json.dumps(dict(self.instance)) if self.instance else ""
        return GradientRequest(board_id=board_id, image=self.image, instance=instance)

    @classmethod
    def stored(cls, record: GradientRequest | None) -> "Wish":
        """Return what a record holds; an empty one if there is none."""
        if record is None:
            return cls()
        return cls(record.image, json.loads(record.instance) if record.instance else {})
