"""Whether a board's process still answers: decided from its silence and from what it was asked.

Pure: it is told the time, how long a request waits, and whether a question was answered. The same
for all launchers, which can only tell whether a process exists.
"""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a silent process is waited for; in seconds, and questions in a row.

    Who waits hears within `silence`, `doubt` times `answer`, and one look before each question,
    that the process does not answer: in eight seconds at most. After as many `questions` it is
    replaced. One that loads event files in its own interpreter answers a cheap question seconds
    late while it does, so `questions_if_loading` must stay without an answer there: twenty seconds.
    One answer, and the count begins anew.
    """

    silence: float = 2.0
    """Without a byte for one request, before the process is asked, and between such questions."""
    answer: float = 2.5
    """For each question: many times what a busy machine needs."""
    doubt: int = 2
    """One may get lost while the machine, or the gateway itself, stands still for a moment."""
    questions: int = 2
    questions_if_loading: int = 7
    every: float = 0.5
    """Between looks at how long requests wait."""

    def for_one_that_loads(self) -> Self:
        """Return the patience with a process that loads event files in its own interpreter."""
        return replace(self, questions=self.questions_if_loading)


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of one process. Times are seconds of one monotonic clock.

    `unanswered` questions in a row; `silent_since` tells when the request began to wait because of
    which the first of them was asked. It is not asked again before `ask_from`.
    """

    unanswered: int = 0
    silent_since: float = 0.0
    ask_from: float = 0.0

    def is_to_be_asked(self, silence: float, now: float, patience: Patience) -> bool:
        """Whether to ask now, given that some request waits for `silence`.

        Once a question was not answered, the next follows also if nobody waits any more: people
        give up, and the process does not get well by it.
        """
        waits = silence >= patience.silence and now >= self.ask_from
        return waits or 0 < self.unanswered < patience.questions

    def after_answer(self, now: float, patience: Patience) -> Self:
        """Return what is known of one that is merely busy."""
        return type(self)(ask_from=now + patience.silence)

    def after_silence(self, silent_since: float) -> Self:
        """Count a question without an answer."""
        since = self.silent_since if self.unanswered else silent_since
        return replace(self, unanswered=self.unanswered + 1, silent_since=since)

    def is_in_doubt(self, patience: Patience) -> bool:
        """Whether nobody should go on waiting for the process."""
        return self.unanswered >= patience.doubt

    def is_hung(self, patience: Patience) -> bool:
        """Whether the process is to be replaced."""
        return self.unanswered >= patience.questions
