"""Whether a board's process still answers: decided from its silence and from what it was asked.

Pure: it is told the time, how long a request waits, and whether a question was answered. The same
for all launchers, which can only tell whether a process exists.
"""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a silent process is waited for; in seconds, and questions in a row.

    A process counts as hung after `silence` and `questions` times `answer`: half a minute. One that
    loads with TensorBoard's Python loader shares its interpreter with the loading, and answers a
    cheap question seconds late; one such answer, and the count begins anew.
    """

    silence: float = 10.0
    """Without a byte for one request, before the process is asked, and between such questions."""
    answer: float = 10.0
    """For each question: a hundred times what a busy machine needs, and many single long calls
    of a loader that keep all other threads waiting."""
    questions: int = 2
    """One may get lost while the machine, or the gateway itself, stands still for a moment."""
    every: float = 2.0
    """Between looks at how long requests wait."""


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

    def is_hung(self, patience: Patience) -> bool:
        """Whether the process is to be replaced."""
        return self.unanswered >= patience.questions
