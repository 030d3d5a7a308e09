"""What schemathesis cannot know of the API: formats, what there is, and whose token it uses."""

import os

import schemathesis
from hypothesis import strategies as st

_PRINTABLE = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
_OWN = {"token": os.environ["FUZZED_AS_TOKEN"], "member": os.environ["FUZZED_AS_MEMBER"]}
_LOGDIR = os.environ["FUZZED_LOGDIR"]
_THERE = ["first", "second"]

_SEEN = ("L", "N", "P", "S")
_KEYS = st.text(st.characters(categories=_SEEN, exclude_characters="=<>!"), min_size=1, max_size=9)
_TAGS = st.text(st.characters(categories=_SEEN, exclude_characters=","), min_size=1, max_size=9)
_CONDITIONS = st.tuples(_KEYS, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), _KEYS)

schemathesis.openapi.format("param-name", _KEYS)
schemathesis.openapi.format("tag", _TAGS)
schemathesis.openapi.format("param-condition", _KEYS | _CONDITIONS.map("".join))
schemathesis.openapi.format("password", st.text(_PRINTABLE, min_size=8, max_size=18))
schemathesis.openapi.format(
    "experiment-name",
    st.lists(
        st.text(st.characters(codec="ascii", categories=("L",)), min_size=1, max_size=20),
        min_size=1,
        max_size=3,
    ).map("/".join),
)

# A backup is a file; what is sent as one is any bytes.
schemathesis.serializer.alias("application/vnd.sqlite3", "application/octet-stream")


@schemathesis.hook
def before_call(
    context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, object]
) -> None:
    """Spare the token that is used, and its member: without them all that follows is a 401."""
    del context, kwargs
    for name, own in _OWN.items():
        if case.method == "DELETE" and case.path_parameters.get(name) == own:
            case.path_parameters[name] = "spared"


@schemathesis.hook
def map_body(context: schemathesis.HookContext, body: object) -> object:
    """Name what is there in every second request that names experiments or a path rightly."""
    del context
    fields = body if isinstance(body, dict) else {}
    rightly = [name for name in ("experiments", "add", "remove") if _are_names(fields.get(name))]
    if str(fields.get("path")).startswith("/"):
        fields["path"] = f"{_LOGDIR}/first" if len(fields["path"]) % 2 else fields["path"]
    for name in rightly[:1]:  # what is to be added and removed is refused
        fields[name] = _THERE if len(fields[name][0]) % 2 else fields[name]
    return body


def _are_names(value: object) -> bool:
    if not isinstance(value, list) or not 0 < len(value) < 10:
        return False
    return all(isinstance(text, str) and 0 < len(text) <= 4096 for text in value)
