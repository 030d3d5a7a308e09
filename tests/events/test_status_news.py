from tbgateway.domain.names import BoardId
from tbgateway.events import BoardChanged, Bus, StatusNews

BOARD = BoardId("tb0000000001")


def test_only_another_status_is_news() -> None:
    bus = Bus()
    tell = StatusNews(bus, "sleeping")
    for status in ("sleeping", "starting", "starting", "running"):
        tell(BOARD, status)
    assert bus.newest == 2
    assert bus.read(0).news == ((2, BoardChanged(BOARD)),)


def test_a_deleted_board_is_forgotten() -> None:
    bus = Bus()
    tell = StatusNews(bus, "sleeping")
    tell(BOARD, "running")
    tell(BOARD, None)
    assert bus.newest == 1
    assert tell._told == {}
