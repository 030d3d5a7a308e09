from small_gateway import StartGateway

from tbgateway.dataplane.error_containment import contain_errors
from tbgateway.dataplane.pipeline import STEPS


def test_the_steps_stand_in_their_order() -> None:
    assert [step.__name__ for step in STEPS] == [
        "log_and_identify",
        "secure_responses",
        "contain_errors",
        "validate_request",
        "find_route",
        "authenticate",
        "authorise",
        "refuse_cross_site",
        "arrive_alone",
        "dispatch",
    ]


async def test_a_pipeline_whose_steps_do_not_answer_refuses(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(steps=STEPS[:-1])

    assert (await gateway.ask("/healthz")).status == 403


async def test_nothing_is_dispatched_that_was_not_validated(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(steps=STEPS[:3] + STEPS[4:])

    assert (await gateway.ask("/healthz")).status == 400
    assert contain_errors in STEPS[:3]
