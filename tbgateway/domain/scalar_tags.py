"""Which of an experiment's scalars stands for it, and which way it gets better.

Both are told by the tag alone: event files do not say what a number means.
"""

import re
from enum import IntEnum
from functools import lru_cache

_SEGMENT = re.compile(r"[A-Za-z0-9]+")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LOSSES = _set("loss losses nll elbo objective")
_ERRORS = _set(
    "error errors err cost perplexity ppl mse rmse mae mape wer cer eer der fid kid lpips kl"
    " divergence distance regret bpc bpb crossentropy xent xentropy ece nmse ade fde"
)
_QUALITIES = _set(
    "accuracy acc f1 auc auroc iou miou map mrr ndcg bleu rouge dice precision recall top psnr"
    " ssim score r2 em success win winrate"
)
_REWARDS = _set("reward rewards rew return returns")
_HELD_OUT = _set("val valid validation eval evaluation test dev heldout holdout")
_TRAINING = _set("train training")
_TOTALS = _set("total overall all mean avg average")
_CIRCUMSTANCES = _set("epoch step steps batch iter iteration iterations per vs main raw")
_BOOKKEEPING = _set(
    "lr learning epoch step steps time seconds sec fps speed throughput norm memory mem gpu cpu"
    " util utilization temperature momentum decay eta grad grads gradient weight weights hp"
)


class _Kind(IntEnum):
    """What a tag names, the most telling first."""

    LOSS = 0
    HELD_OUT_QUALITY = 1
    REWARD = 2
    QUALITY = 3
    PART_OF_LOSS = 4
    ERROR = 5
    OTHER = 6
    BOOKKEEPING = 7


_ALL_LOSSES = frozenset({_Kind.LOSS, _Kind.PART_OF_LOSS})
Rank = tuple[int, int, int, str]
"""Where a tag stands among others: the least is the one that stands for an experiment."""


@lru_cache(maxsize=4096)
def rank(tag: str) -> Rank:
    """Return where `tag` stands. No two tags stand in the same place."""
    words = _words(tag)
    kind = _kind(words)
    return kind, _nearness(kind, words), len(words), tag


@lru_cache(maxsize=4096)
def lower_is_better(tag: str) -> bool:
    """Whether the scalar called `tag` is the better the lower it is."""
    words = _words(tag)
    if words & (_QUALITIES | _REWARDS):
        return False
    return _is_loss(words) or _is_error(words)


def _words(tag: str) -> frozenset[str]:
    """Return the tag's words, in lower case: `valAcc` holds val, acc and valacc."""
    segments = _SEGMENT.findall(tag)
    parts = (word for segment in segments for word in _WORD.findall(segment))
    return frozenset(word.lower() for word in (*segments, *parts))


def _kind(words: frozenset[str]) -> _Kind:
    if _is_loss(words):
        parts = words - _TRAINING - _HELD_OUT - _CIRCUMSTANCES
        whole = parts & _TOTALS or all(_names_loss(word) for word in parts)
        return _Kind.LOSS if whole else _Kind.PART_OF_LOSS
    if words & _QUALITIES:
        return _Kind.HELD_OUT_QUALITY if words & _HELD_OUT else _Kind.QUALITY
    if words & _REWARDS:
        return _Kind.REWARD
    if _is_error(words):
        return _Kind.ERROR
    return _Kind.BOOKKEEPING if words & _BOOKKEEPING else _Kind.OTHER


def _is_loss(words: frozenset[str]) -> bool:
    return any(_names_loss(word) for word in words)


def _names_loss(word: str) -> bool:
    return word in _LOSSES or word.endswith("loss")


def _is_error(words: frozenset[str]) -> bool:
    return bool(words & _ERRORS) or {"cross", "entropy"} <= words


def _nearness(kind: _Kind, words: frozenset[str]) -> int:
    """Tell apart those of a kind: of losses the one that moves most, else the one that counts."""
    first, second = (_TRAINING, _HELD_OUT) if kind in _ALL_LOSSES else (_HELD_OUT, _TRAINING)
    if not words & (_TRAINING | _HELD_OUT):
        return 0
    return 1 if words & first else 1 + len(words & second)
