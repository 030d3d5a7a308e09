"""What somebody does with the pages, from signing in to deleting a board, by whatever hands."""

import re
import shutil
from pathlib import Path

from event_writer import write_scalars
from hands import Hands
from playwright.sync_api import Locator, Page, expect
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually

CHOSEN = ("bert-007", "resnet-041", "resnet-042")
_KNOWN = (*(f"resnet-{number:03}" for number in range(250)), *(f"bert-{n:03}" for n in range(250)))
OLD_PASSWORD = "opened-before-lunch"
NEW_PASSWORD = "opened-after-lunch"
USER = "vision-team"


def write_500_experiments(root: Path) -> None:
    """Write experiments of which none has ended."""
    write_scalars(root / _KNOWN[0], {"loss": [1.0, 0.5, 0.25], "accuracy": [0.1, 0.6, 0.9]})
    for name in _KNOWN[1:]:
        shutil.copytree(root / _KNOWN[0], root / name)


class UiStory:
    """One board's life, as these hands make it on a gateway with 500 experiments."""

    def __init__(self, hands: Hands, gateway: RunningGateway) -> None:
        self.hands = hands
        self.gateway = gateway
        self.page = hands.page
        self.board = "vision"

    def tell(self) -> None:
        """Do everything, in order."""
        self.sign_in()
        self.make_the_board()
        self.complete_an_experiment()
        self.remove_one_and_take_it_back()
        self.rename()
        self.change_the_password()
        self.delete()

    def sign_in(self) -> None:
        """Come as a stranger, and leave as a member who sees that there is no board."""
        self.hands.go(f"{self.gateway.url}/")
        self.hands.write("User name", "admin")
        self.hands.write("Password", ADMIN_PASSWORD)
        self.hands.press("Sign in")
        self.hands.sees(self.page.get_by_text("No board yet."))

    def make_the_board(self) -> None:
        """Make it of three experiments, found by two searches, with a password of one's own."""
        self.hands.follow("New board")
        self.hands.write("Name of the board", self.board)
        for words in ("resnet-04", "bert-007"):
            self.hands.write("Search experiments", words)
            self.hands.press("Search")
            for name in CHOSEN:
                if name.startswith(words):
                    self.hands.tick(name)
        self.hands.choose("A user name and a password")
        self.hands.write("User name", USER)
        self.hands.choose("Use this one")
        self.hands.write("The password", OLD_PASSWORD)
        self.hands.press("Make the board")
        self.hands.sees(self.page.get_by_text("The board is made and starts."))
        for name in CHOSEN:
            self.hands.sees(membership(self.page, name, "Adding"))
            self.hands.sees(membership(self.page, name, "visible"))
        expect(self.page.locator("tbody tr")).to_have_count(len(CHOSEN))

    def complete_an_experiment(self) -> None:
        """Have a training script end elsewhere, and see that the page says so."""
        self.gateway.cli("experiment", "complete", CHOSEN[0])
        self.hands.sees(membership(self.page, CHOSEN[0], "Added"))
        self.hands.sees(membership(self.page, CHOSEN[1], "Adding"))

    def remove_one_and_take_it_back(self) -> None:
        """Remove an experiment until TensorBoard shows it no more; then press Undo."""
        self.hands.press(f"Remove {CHOSEN[1]}")
        self.hands.sees(self.page.get_by_text("1 experiment is removed."))
        self.hands.misses(membership(self.page, CHOSEN[1]))
        assert self.runs(OLD_PASSWORD) == [CHOSEN[0], CHOSEN[2]]
        self.hands.press("Undo")
        self.hands.sees(membership(self.page, CHOSEN[1], "visible"))
        assert self.runs(OLD_PASSWORD) == sorted(CHOSEN)

    def rename(self) -> None:
        """Give the board another name; the addresses of its page and of itself lead on."""
        former = self.board
        self.board = "computer-vision"
        self.hands.write("Name", self.board, within=self.page.get_by_role("region", name="Rename"))
        self.hands.press("Rename")
        self.hands.sees(self.page.get_by_role("heading", name=self.board, level=1))
        self.hands.go(f"{self.gateway.url}/ui/boards/{former}")
        assert self.page.url == f"{self.gateway.url}/ui/boards/{self.board}"
        old = self.gateway.get(f"/boards/{former}/", (USER, OLD_PASSWORD))
        assert old.status == 307, old
        assert old.headers["Location"].endswith(f"{self.board}/")

    def change_the_password(self) -> None:
        """Set another password; the one before opens nothing any more."""
        looking = self.page.get_by_role("region", name="Who may look")
        self.hands.choose("Use this one", within=looking)
        self.hands.write("The password", NEW_PASSWORD, within=looking)
        self.hands.press("Change", within=looking)
        self.hands.sees(self.page.get_by_text("The password is changed."))
        assert NEW_PASSWORD not in self.page.content()
        assert self.asked(OLD_PASSWORD) == 401
        assert self.runs(NEW_PASSWORD) == sorted(CHOSEN)

    def delete(self) -> None:
        """Delete the board, after its name was typed."""
        self.hands.follow("Delete this board")
        self.hands.write(f"Type {self.board} to delete it", self.board)
        self.hands.press("Delete")
        self.hands.sees(self.page.get_by_text("No board yet."))
        assert self.asked(NEW_PASSWORD) == 401
        assert self.gateway.admin(f"/boards/{self.board}/data/runs").status == 404

    def asked(self, password: str) -> int:
        """Return what somebody with this password is answered."""
        return self.gateway.get(f"/boards/{self.board}/data/runs", (USER, password)).status

    def runs(self, password: str) -> list[str]:
        """Return what TensorBoard lists for somebody with this password."""
        return self.gateway.runs(self.board, (USER, password))


def membership(page: Page, name: str, *words: str) -> Locator:
    """Return the row of an experiment on the page of a board, if it says all of this."""
    named = page.get_by_role("link", name=name, exact=True)
    row = page.get_by_role("row").filter(has=named)
    for word in words:
        row = row.filter(has_text=re.compile(rf"(?<!not ){word}"))
    return row


def board_row(page: Page, name: str, *words: str) -> Locator:
    """Return the row of a board in the list of boards, if it says all of this."""
    return membership(page, name, *words)


def runs_in_tensorboard(page: Page) -> set[str]:
    """Return the runs that TensorBoard's page lists."""
    rows = page.locator("runs-data-table tb-data-table-content-row")
    return {text.strip() for text in rows.all_inner_texts()}


def until_listed(page: Page, names: set[str]) -> None:
    """Wait until TensorBoard's page lists these runs and no other."""
    eventually(
        lambda: page.wait_for_timeout(50) or runs_in_tensorboard(page) == names,  # type: ignore[func-returns-value] # it lets the page's events in
        what=f"TensorBoard lists {sorted(names)}",
    )
