from running_api import RunningApi

from tbgateway.domain.model import Role


def test_logdirs_say_where_scripts_make_new_experiments(gateway: RunningApi) -> None:
    (runs,) = gateway.logdirs
    known = gateway.ask("GET", "/logdirs").json()
    only = {"name": "runs", "path": str(runs), "depth": 1, "new": True}
    assert known == {"items": [only], "next": None}


def test_paths_to_write_to_are_for_those_who_may(gateway: RunningApi) -> None:
    gateway.add_member("vic", Role.VIEWER)
    gateway.add_member("eve", Role.EDITOR)
    assert gateway.ask("GET", "/logdirs", who="vic").status == 403
    assert gateway.ask("GET", "/logdirs", who="eve").status == 200
