"""Which input a refused form was wrong in."""

from tbgateway.domain.errors import NameTakenError, TbgatewayError
from tbgateway.rendering.contexts.refused import Refused


def refused_by(form: str, problem: TbgatewayError | None, *, field: str = "") -> Refused | None:
    """Return what to say beside the form; `field` is the one that a taken name was typed into."""
    if problem is None:
        return None
    known = getattr(problem, "field", "")
    taken = field if isinstance(problem, NameTakenError) else ""
    return Refused(form=form, field=known or taken, detail=problem.detail)
