"""Scalars of experiments, read from their event files by a process of its own and remembered."""

from tbgateway.domain.series import Digest, Series, best, main_series
from tbgateway.scalars.metrics import ScalarMetrics
from tbgateway.scalars.reader import Reader
from tbgateway.scalars.scalars import Scalars

__all__ = ["Digest", "Reader", "ScalarMetrics", "Scalars", "Series", "best", "main_series"]
