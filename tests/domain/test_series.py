from tbgateway.domain.series import Digest, Series, best, main_series


def series(tag: str, run: str = ".") -> Series:
    return Series(run, tag, ((0.0, 1.0),), 1.0, 0, lowest=0.25, highest=4.0, count=1)


def test_the_best_is_the_lowest_loss_and_the_highest_accuracy() -> None:
    assert best(series("train/loss")) == 0.25
    assert best(series("val/accuracy")) == 4.0


def test_the_main_series_is_the_most_telling_one() -> None:
    digest = Digest((series("accuracy"), series("loss", "b"), series("loss", "a"), series("lr")))
    assert main_series([digest]) == series("loss", "a")


def test_the_main_series_is_that_of_the_first_digest_that_has_any() -> None:
    digests = (None, Digest(), Digest((series("lr"),)), Digest((series("loss"),)))
    assert main_series(digests) == series("lr")
    assert main_series((None, Digest())) is None
