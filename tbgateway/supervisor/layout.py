"""Where everything of a board lies on disk. Nothing else joins these paths."""

import shutil
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from tbgateway.domain.names import BoardId, is_board_id


@dataclass(frozen=True, slots=True)
class Layout:
    """The state directory, and the trees directory if it is elsewhere."""

    state_dir: Path
    trees_dir: Path | None = None

    @property
    def boards(self) -> Path:
        """Return the directory that holds one directory per board."""
        return self.state_dir / "boards"

    def board(self, board_id: BoardId) -> Path:
        """Return the directory of one board."""
        return self.boards / board_id

    def tree(self, board_id: BoardId) -> Path:
        """Return the board's logdir: its tree of links."""
        return self._near_tree(board_id) / "logdir"

    def staging(self, board_id: BoardId) -> Path:
        """Return where links are made before they are renamed into the tree (same file system)."""
        return self._near_tree(board_id) / "staging"

    def scratch(self, board_id: BoardId) -> Path:
        """Return the TMPDIR of the board's process."""
        return self.board(board_id) / "tmp"

    def log(self, board_id: BoardId) -> Path:
        """Return the file that takes the process's stderr."""
        return self.board(board_id) / "tensorboard.log"

    def descriptions(self, board_id: BoardId) -> Path:
        """Return the file that tells the process what is said of experiments."""
        return self._near_tree(board_id) / "descriptions" / "descriptions.json"

    def everything(self, board_id: BoardId) -> tuple[Path, ...]:
        """Return all directories that go when the board goes."""
        return tuple({self.board(board_id), self._near_tree(board_id)})

    def remove(self, board_id: BoardId) -> None:
        """Remove all of it, as far as that is possible."""
        for directory in self.everything(board_id):
            shutil.rmtree(directory, ignore_errors=True)

    def left_behind(self, living: Container[BoardId]) -> tuple[Path, ...]:
        """Return the directories of boards that are not among `living`; never a link."""
        places = (self.boards, *([] if self.trees_dir is None else [self.trees_dir]))
        entries = (entry for place in places if place.is_dir() for entry in place.iterdir())
        return tuple(
            entry
            for entry in entries
            if is_board_id(entry.name)
            and BoardId(entry.name) not in living
            and entry.is_dir()
            and not entry.is_symlink()
        )

    def _near_tree(self, board_id: BoardId) -> Path:
        return self.board(board_id) if self.trees_dir is None else self.trees_dir / board_id
