"""What happens, for those who want to hear of it without asking again and again."""

from tbgateway.events.bus import Bus, Reading
from tbgateway.events.news import (
    AccountsChanged,
    BoardChanged,
    BoardGone,
    ExperimentChanged,
    ExperimentGone,
    News,
)
from tbgateway.events.record_news import RecordNews
from tbgateway.events.status_news import StatusNews

__all__ = [
    "AccountsChanged",
    "BoardChanged",
    "BoardGone",
    "Bus",
    "ExperimentChanged",
    "ExperimentGone",
    "News",
    "Reading",
    "RecordNews",
    "StatusNews",
]
