"""Kill everything, again and again, and look whether anything that was said is lost.

Three parts. Gateways get SIGKILL at random moments, also while they start, while people change
things by the API and the command line: whatever was answered must be there afterwards. Boards and
their forkserver get SIGKILL and SIGSTOP while people look at them: no request may hang, all must
recover. And the same kills for a store that rewrites a JSON file in place: there the harness must
find losses, or it could find none anywhere. Prints a table for each part; exits with 1 if one of
them is not as it must be. A part whose numbers are 0 is left out.

    python tests/chaos/chaos.py [--kills N] [--lanes N] [--boards N] [--stops N] [--forkservers N]
                                [--reference N] [--slack FACTOR] [--seed TEXT]
"""

import argparse
import os
import secrets
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

from lane import LOST, LaneOrder, run_lane
from storm import StormOrder, run_storm
from verdict import Verdict, say


def kill_gateways(options: argparse.Namespace) -> bool:
    """Kill several gateways at a time; return whether nothing is lost."""
    lanes = max(1, min(options.lanes, options.kills))
    shares = [len(range(lane, options.kills, lanes)) for lane in range(lanes)]
    orders = [
        LaneOrder(kind="gateway", kills=share, seed=f"{options.seed}/{lane}", slack=options.slack)
        for lane, share in enumerate(shares)
    ]
    total = Verdict()
    with ProcessPoolExecutor(lanes, mp_context=get_context("spawn")) as pool:
        for verdict in pool.map(run_lane, orders):
            total.take_in(verdict)
    total.show(f"SIGKILL of gateways, {lanes} at a time")
    return total.good


def strike_boards(options: argparse.Namespace) -> bool:
    """Strike the boards of one gateway; return whether all recovered."""
    verdict = run_storm(
        StormOrder(
            kills=options.boards,
            stops=options.stops,
            forkservers=options.forkservers,
            seed=options.seed,
            slack=options.slack,
        )
    )
    verdict.show("SIGKILL and SIGSTOP of boards, SIGKILL of their forkserver")
    return verdict.good


def kill_the_other_kind(options: argparse.Namespace) -> bool:
    """Kill the JSON store until it loses something; return whether it did."""
    order = LaneOrder(kind="json", kills=options.reference, seed=options.seed, until_lost=True)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        verdict = pool.submit(run_lane, order).result()
    verdict.show(
        "The same kills of a store that rewrites a JSON file in place: must lose something"
    )
    return bool(verdict.faults[LOST])


def main() -> None:
    """Do all three parts."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=1000, help="SIGKILLs of gateways")
    parser.add_argument("--lanes", type=int, default=(os.cpu_count() or 1) + 1, help="at a time")
    parser.add_argument("--boards", type=int, default=200, help="SIGKILLs of boards")
    parser.add_argument("--stops", type=int, default=50, help="SIGSTOPs of boards")
    parser.add_argument("--forkservers", type=int, default=20, help="SIGKILLs of the forkserver")
    parser.add_argument("--reference", type=int, default=100, help="SIGKILLs of the JSON store")
    parser.add_argument(
        "--slack",
        type=float,
        default=1.0,
        help="by how much longer than 1 s orphans may live, and than 10 s requests may take",
    )
    parser.add_argument("--seed", default=secrets.token_hex(4))
    options = parser.parse_args()
    say(f"seed {options.seed}")
    parts = {
        "gateways": (kill_gateways, options.kills),
        "boards": (strike_boards, options.boards + options.stops + options.forkservers),
        "harness": (kill_the_other_kind, options.reference),
    }
    outcomes = {name: part(options) for name, (part, times) in parts.items() if times}
    for name, good in outcomes.items():
        say(f"{name}: {'good' if good else 'FAILED'}")
    sys.exit(0 if all(outcomes.values()) else 1)


if __name__ == "__main__":
    main()
