"""What keeps experiments off their boards, by the records: worked out once, until these change."""

from collections.abc import Mapping

from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.store import Store
from tbgateway.supervisor.link_plan import LinkPlan, plan_links


class PlanProblems:
    """The problems of every board's plan; people ask for them far more often than they change."""

    def __init__(self) -> None:
        self._of: dict[BoardId, Mapping[ExperimentId, str]] = {}

    def of(self, store: Store, board_id: BoardId) -> Mapping[ExperimentId, str]:
        """Return what is wrong with the board's experiments as the records are now."""
        known = self._of.get(board_id)
        return self.plan(store, board_id).problems if known is None else known

    def plan(self, store: Store, board_id: BoardId) -> LinkPlan:
        """Work out the board's links anew, and keep what is wrong."""
        plan = plan_links(store, board_id)
        if board_id in store.boards:
            self._of[board_id] = plan.problems
        return plan

    def forget(self, board_id: BoardId) -> None:
        """Note that the board's record, its memberships or its experiments changed."""
        self._of.pop(board_id, None)
