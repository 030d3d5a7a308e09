"""When a process counts as hung."""

from tbgateway.supervisor.health import Health, Patience

PATIENCE = Patience(silence=10.0, answer=5.0, questions=2)


def test_a_process_is_asked_when_a_request_waits_for_long() -> None:
    assert not Health().is_to_be_asked(9.9, 100.0, PATIENCE)
    assert Health().is_to_be_asked(10.0, 100.0, PATIENCE)


def test_one_that_answers_is_busy_and_not_asked_again_at_once() -> None:
    busy = Health().after_answer(100.0, PATIENCE)
    assert not busy.is_hung(PATIENCE)
    assert not busy.is_to_be_asked(50.0, 109.9, PATIENCE)
    assert busy.is_to_be_asked(60.0, 110.0, PATIENCE)


def test_so_many_questions_without_an_answer_are_a_hung_process_and_no_fewer() -> None:
    once = Health().after_silence(90.0)
    assert not once.is_hung(PATIENCE)
    assert once.after_silence(95.0).is_hung(PATIENCE)


def test_the_next_question_follows_also_when_nobody_waits_any_more() -> None:
    assert Health().after_silence(90.0).is_to_be_asked(0.0, 100.0, PATIENCE)


def test_a_hung_process_is_not_asked_any_more() -> None:
    hung = Health().after_silence(90.0).after_silence(90.0)
    assert not hung.is_to_be_asked(0.0, 100.0, PATIENCE)


def test_an_answer_begins_the_count_anew() -> None:
    recovered = Health().after_silence(90.0).after_answer(100.0, PATIENCE)
    assert not recovered.after_silence(110.0).is_hung(PATIENCE)


def test_its_silence_is_as_old_as_the_first_request_it_left_waiting() -> None:
    health = Health().after_silence(90.0)
    assert health.after_silence(105.0).silent_since == 90.0
    recovered = health.after_answer(110.0, PATIENCE)
    assert recovered.after_silence(120.0).silent_since == 120.0


def test_who_waits_hears_within_ten_seconds_that_nothing_answers() -> None:
    usual = Patience()
    assert usual.doubt >= 2, "one question may get lost"
    assert usual.silence + usual.doubt * (usual.every + usual.answer) <= 8.0


def test_nobody_is_told_so_before_the_process_is_in_doubt() -> None:
    once = Health().after_silence(90.0)
    assert not once.is_in_doubt(PATIENCE)
    assert once.after_silence(95.0).is_in_doubt(PATIENCE)


def test_a_process_that_loads_is_not_replaced_within_twenty_seconds() -> None:
    loading = Patience().for_one_that_loads()
    assert loading.doubt == Patience().doubt
    assert loading.silence + loading.questions * loading.answer >= 19.0
    assert loading.silence + loading.questions * (loading.every + loading.answer) <= 25.0
