"""What Gradient's API asks and answers; see docs/gradient.md. Times are as in `answers`."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from tbgateway.schemas.answers import Answer, Time
from tbgateway.schemas.fields import REFUSED, References, Secret, UserName
from tbgateway.schemas.requests import Body

MOST_INSTANCES = 1_000_000

Words = Annotated[str, Field(max_length=1024, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
"""Text without control characters: Gradient's client would send them to people's terminals."""


def _some(experiments: tuple[str, ...]) -> tuple[str, ...]:
    if experiments:
        return experiments
    context = {
        "detail": "A tensorboard needs at least one experiment.",
        "hint": "Name experiments by id, name or path.",
    }
    raise PydanticCustomError(REFUSED, "{detail}", context)


class Instance(Body):
    """The machine that is wanted."""

    type: Words | None = None
    size: Words | None = None
    count: Annotated[int, Field(ge=0, le=MOST_INSTANCES)] | None = None


class CreateTensorboard(Body):
    """POST /tensorboards/v1/."""

    experiments: Annotated[References, AfterValidator(_some)]
    image: Words | None = None
    username: UserName | None = None
    password: Secret | None = None
    instance: Instance | None = None


class ChangeTensorboard(Body):
    """PUT /tensorboards/v1/{id}."""

    added_experiments: References = ()
    removed_experiments: References = ()


class TensorboardExperiment(Answer):
    """An experiment on a board; its project is the logdir that it lies in."""

    id: str
    project_id: str
    state: str


class Tensorboard(Answer):
    """A board; `cluster_id` and `dt_deleted` mean nothing here."""

    id: str
    name: str
    url: str
    state: str
    image: str
    instance: Mapping[str, str | int] | None
    username: str | None
    experiments: tuple[TensorboardExperiment, ...]
    dt_created: Time
    dt_deleted: None = None
    cluster_id: None = None


class Done(Answer):
    """That it is done; where there is something to tell, it is in `data`."""

    message: Literal["success"] = "success"
