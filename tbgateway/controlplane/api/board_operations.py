"""What the API says about its operations on boards."""

from tbgateway.domain.errors import (
    AmbiguousNameError,
    BoardFailedError,
    BoardPausedError,
    ConflictError,
    DeniedError,
    NamesShadowError,
    NameTakenError,
    NotFoundError,
)
from tbgateway.schemas.answers import BoardAnswer, BoardList
from tbgateway.schemas.operations import LOCATION, PREFER_WAIT, TEXT, Operation, Reply
from tbgateway.schemas.requests import (
    BoardQuery,
    ChangeBoard,
    ChangeMemberships,
    CreateBoard,
    ListQuery,
    LogQuery,
)

_TAG = "boards"
_WAITING = {"Prefer": PREFER_WAIT}
_EXPERIMENT_ERRORS = (NotFoundError, NameTakenError, NamesShadowError, AmbiguousNameError)

_DONE = Reply("The board as it is now.", BoardAnswer)
_NOT_YET = Reply("It is done, but not all experiments are visible yet.", BoardAnswer)
_CHANGED = {200: _DONE, 202: _NOT_YET}

LIST = Operation(
    id="listBoards",
    tag=_TAG,
    summary="List the boards the caller may see, by name",
    query=ListQuery,
    replies={200: Reply("A part of the list.", BoardList)},
)
CREATE = Operation(
    id="createBoard",
    tag=_TAG,
    summary="Make a board",
    body=CreateBoard,
    headers=_WAITING,
    replies={
        201: Reply("The new board.", BoardAnswer, headers={"Location": LOCATION}),
        202: Reply(_NOT_YET.meaning, BoardAnswer, headers={"Location": LOCATION}),
    },
    errors=_EXPERIMENT_ERRORS,
    names={"board": "id", "experiment": "experiments/0/id"},
)
SHOW = Operation(
    id="showBoard",
    tag=_TAG,
    summary="Show a board, at once or when its experiments are as far as `until` says",
    query=BoardQuery,
    headers=_WAITING,
    replies={200: _DONE, 202: Reply("The board; its experiments are not so far.", BoardAnswer)},
    errors=(BoardFailedError, BoardPausedError),
)
CHANGE = Operation(
    id="changeBoard",
    tag=_TAG,
    summary="Change a board's name, or its pause, or its idle timeout, or how people get in",
    body=ChangeBoard,
    replies={200: _DONE},
    errors=(DeniedError, NameTakenError, ConflictError),
)
DELETE = Operation(
    id="deleteBoard",
    tag=_TAG,
    summary="Delete a board, never an event file",
    replies={204: Reply("It is gone.")},
    errors=(DeniedError,),
)
START = Operation(
    id="startBoard",
    tag=_TAG,
    summary="Start a board, also after it was stopped or failed",
    headers=_WAITING,
    replies=_CHANGED,
    errors=(DeniedError,),
)
STOP = Operation(
    id="stopBoard",
    tag=_TAG,
    summary="Stop a board; visits do not wake it",
    replies={200: _DONE},
    errors=(DeniedError,),
)
LOG = Operation(
    id="readBoardLog",
    tag=_TAG,
    summary="Read the last lines that a board's process wrote",
    query=LogQuery,
    replies={200: Reply("The lines.", media_type=TEXT)},
    errors=(DeniedError,),
)
CHANGE_EXPERIMENTS = Operation(
    id="changeBoardExperiments",
    tag=_TAG,
    summary="Put experiments on a board and take others from it, all of it or nothing",
    body=ChangeMemberships,
    headers=_WAITING,
    replies=_CHANGED,
    errors=(DeniedError, *_EXPERIMENT_ERRORS),
)
ADD = Operation(
    id="addBoardExperiment",
    tag=_TAG,
    summary="Put one experiment on a board; again is the same",
    headers=_WAITING,
    replies=_CHANGED,
    errors=(DeniedError, *_EXPERIMENT_ERRORS),
)
REMOVE = Operation(
    id="removeBoardExperiment",
    tag=_TAG,
    summary="Take one experiment from a board; again is the same",
    headers=_WAITING,
    replies=_CHANGED,
    errors=(DeniedError, *_EXPERIMENT_ERRORS),
)
