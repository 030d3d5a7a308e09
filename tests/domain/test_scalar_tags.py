import itertools

import pytest

from tbgateway.domain.scalar_tags import lower_is_better, rank

IN_ORDER = (
    "loss",
    "epoch_loss",
    "losses/total_loss",
    "train/loss",
    "train_loss_step",
    "val_loss",
    "val/accuracy",
    "valAcc",
    "rollout/ep_rew_mean",
    "accuracy",
    "test/mIoU",
    "loss/cls",
    "g_loss",
    "cross_entropy",
    "wer",
    "something",
    "lr",
    "time/fps",
)
TELLING = {tag: place for place, tag in enumerate(IN_ORDER)}


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("loss", "train/loss"),
        ("train/loss", "val_loss"),
        ("val_loss", "accuracy"),
        ("losses/total_loss", "loss/cls"),
        ("epoch_loss", "val/accuracy"),
        ("loss", "evaluation_loss_vs_iterations"),
        ("val/accuracy", "rollout/ep_rew_mean"),
        ("val/accuracy", "accuracy"),
        ("accuracy", "train/accuracy"),
        ("rollout/ep_rew_mean", "accuracy"),
        ("rollout/ep_rew_mean", "train/value_loss"),
        ("test/mIoU", "train/mIoU"),
        ("g_loss", "wer"),
        ("wer", "something"),
        ("something", "learning_rate"),
        ("something", "time/fps"),
    ],
)
def test_the_more_telling_scalar_comes_first(better: str, worse: str) -> None:
    assert rank(better) < rank(worse)


def test_no_two_tags_stand_in_the_same_place() -> None:
    tags = [*IN_ORDER, "Loss", "LOSS", "loss ", "", "…", "损失", "损失2"]
    for one, other in itertools.combinations(tags, 2):
        assert rank(one) != rank(other)


@pytest.mark.parametrize(
    "tag",
    [
        "loss",
        "trainLoss",
        "val/loss_box",
        "d_loss_fake",
        "logloss",
        "error_rate",
        "eval/perplexity",
        "mse",
        "MAE/test",
        "wer",
        "cross_entropy",
    ],
)
def test_losses_and_errors_are_the_better_the_lower(tag: str) -> None:
    assert lower_is_better(tag)


@pytest.mark.parametrize(
    "tag", ["accuracy", "valAcc", "reward", "ep_rew_mean", "mIoU", "lr", "x", "", "policy/entropy"]
)
def test_everything_else_is_the_better_the_higher(tag: str) -> None:
    assert not lower_is_better(tag)
