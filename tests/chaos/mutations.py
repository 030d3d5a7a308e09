"""Changes that people make: what is asked for, and what there must be when it was answered."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger import State, Subject

Body = Mapping[str, Any] | None
PASSWORD = "a-password-of-chaos"


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One change of one subject, as a request of the API and as a command line."""

    subject: Subject
    after: State
    method: str
    path: str
    body: Body = None
    words: tuple[str, ...]
    stdin: str = ""


class Imagination:
    """Thinks up what to do next. The same `dice`, the same ideas."""

    def __init__(self, dice: random.Random, experiments: Sequence[str]) -> None:
        self._dice = dice
        self._experiments = experiments
        self._names = 0

    def next(self, subject: Subject, state: State) -> Mutation:
        """Return a change of this subject, which is in this state."""
        match subject[0], state:
            case "board", None:
                return self._make_board(subject)
            case "board", state if state is not None:
                return self._dice.choice(_CHANGES_OF_BOARDS)(self, subject, state)
            case "experiment", state if state is not None:
                change = self._dice.choice((self._take_notes, self._set_param, self._end))
                return change(subject, state)
            case _:
                return self._make_or_delete_member(subject, state)

    # --- boards

    def _make_board(self, subject: Subject) -> Mutation:
        name, experiments = self._new_name(subject), self._some_experiments()
        access = self._dice.choice(("members", "public"))
        body = {"name": name, "experiments": experiments, "access": access}
        chosen = [word for one in experiments for word in ("-e", one)]
        return Mutation(
            subject=subject,
            after={**body, "idle_timeout": None, "paused": False},
            method="POST",
            path="/boards",
            body=body,
            words=("board", "create", name, "--access", access, *chosen),
        )

    def _add(self, subject: Subject, state: Mapping[str, Any]) -> Mutation:
        one = self._dice.choice(self._experiments)
        return Mutation(
            subject=subject,
            after={**state, "experiments": sorted({*state["experiments"], one})},
            method="PUT",
            path=f"/boards/{state['name']}/experiments/{one}",
            words=("board", "add", state["name"], one),
        )

    def _remove(self, subject: Subject, state: Mapping[str, Any]) -> Mutation:
        one = self._dice.choice(state["experiments"] or self._experiments)
        return Mutation(
            subject=subject,
            after={**state, "experiments": sorted({*state["experiments"]} - {one})},
            method="DELETE",
            path=f"/boards/{state['name']}/experiments/{one}",
            words=("board", "remove", state["name"], one),
        )

    def _rename(self, subject: Subject, state: Mapping[str, Any]) -> Mutation:
        name = self._new_name(subject)
        words = ("board", "rename", state["name"], name)
        return self._patch(subject, state, {"name": name}, words)

    def _set_access(self, subject: Subject, state: Mapping[str, Any]) -> Mutation:
        access = "members" if state["access"] == "public" else "public"
        words = ("board", "set-access", state["name"], access)
        return self._patch(subject, state, {"access": access}, words)

    def _set_idle(self, subject: Subject, state: Mapping[str, Any]) -> Mutation:
        seconds = 60 * self._dice.randint(1, 1000)
        words = ("board", "set-idle", state["name"], f"{seconds}s")
        return self._patch(subject, state, {"idle_timeout": seconds}, words)

    def _pause_or_not(self, subject: Subject, state: Mapping[str, Any]) -> Mutation:
        paused = not state["paused"]
        words = ("board", "stop" if paused else "start", state["name"])
        return self._patch(subject, state, {"paused": paused}, words)

    def _delete(self, subject: Subject, state: Mapping[str, Any]) -> Mutation:
        return Mutation(
            subject=subject,
            after=None,
            method="DELETE",
            path=f"/boards/{state['name']}",
            words=("board", "delete", state["name"]),
        )

    def _patch(
        self,
        subject: Subject,
        state: Mapping[str, Any],
        change: Mapping[str, Any],
        words: tuple[str, ...],
    ) -> Mutation:
        return Mutation(
            subject=subject,
            after={**state, **change},
            method="PATCH",
            path=f"/boards/{state['name']}",
            body=change,
            words=words,
        )

    # --- experiments

    def _take_notes(self, subject: Subject, state: Mapping[str, Any]) -> Mutation:
        notes = f"Note {self._dice.getrandbits(64):x}."
        return Mutation(
            subject=subject,
            after={**state, "notes": notes},
            method="PATCH",
            path=f"/experiments/{subject[1]}",
            body={"notes": notes},
            words=("experiment", "describe", subject[1], "--notes", notes),
        )

    def _set_param(self, subject: Subject, state: Mapping[str, Any]) -> Mutation:
        change = {f"p{self._dice.randrange(5)}": self._dice.randrange(10**6)}
        ((key, value),) = change.items()
        return Mutation(
            subject=subject,
            after={**state, "params": {**state["params"], **change}},
            method="PATCH",
            path=f"/experiments/{subject[1]}",
            body={"params": change},
            words=("experiment", "describe", subject[1], "--param", f"{key}={value}"),
        )

    def _end(self, subject: Subject, state: Mapping[str, Any]) -> Mutation:
        verb, end = self._dice.choice((("complete", "completed"), ("fail", "failed")))
        return Mutation(
            subject=subject,
            after={**state, "state": end},
            method="POST",
            path=f"/experiments/{subject[1]}/{verb}",
            words=("experiment", verb, subject[1]),
        )

    # --- members

    def _make_or_delete_member(self, subject: Subject, state: State) -> Mutation:
        name = subject[1]
        if state is not None:
            words: tuple[str, ...] = ("member", "delete", name)
            path = f"/members/{name}"
            return Mutation(subject=subject, after=None, method="DELETE", path=path, words=words)
        role = self._dice.choice(("viewer", "editor"))
        body = {"name": name, "role": role}
        return Mutation(
            subject=subject,
            after=body,
            method="POST",
            path="/members",
            body={**body, "password": PASSWORD},
            words=("member", "create", name, "--role", role, "--password-stdin"),
            stdin=PASSWORD,
        )

    # --- names

    def _new_name(self, subject: Subject) -> str:
        self._names += 1
        return f"{subject[1]}-{self._names}"

    def _some_experiments(self) -> list[str]:
        return sorted(self._dice.sample(self._experiments, self._dice.randint(0, 3)))


_Change = Callable[[Imagination, Subject, Mapping[str, Any]], Mutation]
_CHANGES_OF_BOARDS: tuple[_Change, ...] = (
    Imagination._add,
    Imagination._add,
    Imagination._remove,
    Imagination._rename,
    Imagination._set_access,
    Imagination._set_idle,
    Imagination._pause_or_not,
    Imagination._delete,
)
