"""What can be done with experiments, as the API's description tells it."""

from tbgateway.domain.errors import (
    AmbiguousNameError,
    ConflictError,
    NameTakenError,
    NotSharedError,
)
from tbgateway.schemas.answers import ExperimentAnswer, ExperimentList
from tbgateway.schemas.operations import Operation, Reply
from tbgateway.schemas.requests import (
    CompleteExperiment,
    DescribeExperiment,
    ExperimentsQuery,
    FailExperiment,
    RegisterExperiment,
    RenewLease,
    StopExperiment,
)

_TAG = "experiments"
_NOW = {200: Reply("The experiment as it is now.", ExperimentAnswer)}

LIST = Operation(
    id="listExperiments",
    tag=_TAG,
    summary="List experiments by name",
    query=ExperimentsQuery,
    replies={200: Reply("A part of the list.", ExperimentList)},
    errors=(AmbiguousNameError,),
)
REGISTER = Operation(
    id="registerExperiment",
    tag=_TAG,
    summary="Make a directory an experiment; one that is known is answered",
    body=RegisterExperiment,
    replies=_NOW,
    errors=(ConflictError, NameTakenError, NotSharedError),
    names={"experiment": "id"},
)
SHOW = Operation(
    id="showExperiment",
    tag=_TAG,
    summary="Show an experiment",
    replies=_NOW,
    errors=(AmbiguousNameError,),
)
DELETE = Operation(
    id="deleteExperiment",
    tag=_TAG,
    summary="Forget an experiment that is on no board and would not be found again",
    replies={204: Reply("It is forgotten; its files are not touched.")},
    errors=(AmbiguousNameError, ConflictError),
)
COMPLETE = Operation(
    id="completeExperiment",
    tag=_TAG,
    summary="Say that no more data will come",
    body=CompleteExperiment,
    replies=_NOW,
    errors=(AmbiguousNameError,),
)
FAIL = Operation(
    id="failExperiment",
    tag=_TAG,
    summary="Say that an experiment failed, and why",
    body=FailExperiment,
    replies=_NOW,
    errors=(AmbiguousNameError,),
)
STOP = Operation(
    id="stopExperiment",
    tag=_TAG,
    summary="Say that an experiment was stopped before its end, and why",
    body=StopExperiment,
    replies=_NOW,
    errors=(AmbiguousNameError,),
)
DESCRIBE = Operation(
    id="describeExperiment",
    tag=_TAG,
    summary="Change an experiment's parameters, tags and notes",
    body=DescribeExperiment,
    replies=_NOW,
    errors=(AmbiguousNameError,),
)
HEARTBEAT = Operation(
    id="sendHeartbeat",
    tag=_TAG,
    summary="Say that an experiment's script lives, and for how long it may be silent",
    body=RenewLease,
    replies=_NOW,
    errors=(AmbiguousNameError,),
)
