"""What warnings say: whole sentences, in a script's words, and what helps."""

from pathlib import Path

import pytest

from tbgateway.client.discovery import find_gateway
from tbgateway.domain.errors import (
    DeniedError,
    TbgatewayError,
    UnauthenticatedError,
    UnreachableError,
)
from tbgateway.training.complaints import Complaints


def said(error: TbgatewayError, caplog: pytest.LogCaptureFixture) -> str:
    Complaints("resnet").away(error, Path("/data/resnet"))
    (record,) = caplog.records
    return record.getMessage()


def test_every_part_is_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    warning = said(UnreachableError("Nobody is there", hint="Start: tbgateway serve"), caplog)
    assert warning == (
        "tbgateway: resnet: Nobody is there. Start: tbgateway serve. The training goes on, with its"
        " event files in /data/resnet; the gateway is told when it listens."
    )


@pytest.mark.parametrize("kind", [UnauthenticatedError, DeniedError])
def test_a_refused_token_is_another_matter_than_silence(
    kind: type[TbgatewayError], caplog: pytest.LogCaptureFixture
) -> None:
    warning = said(kind("No.", hint=""), caplog)
    assert "listens" not in warning
    assert "token_file=" in warning


def test_scripts_hear_of_their_own_argument(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError) as caught:
        find_gateway(environ={"TBGATEWAY_SOCKET": str(tmp_path / "none"), "HOME": str(tmp_path)})
    assert "in Python url=" in caught.value.hint
