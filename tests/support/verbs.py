"""Everything that can be done, and what it is called in the API, the command line, the client and
the pages. Whoever adds something to one of them adds it to the others, or says here why not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SIDES = ("api", "cli", "client", "pages")


@dataclass(frozen=True)
class Without:
    """Why a verb is missing on a side."""

    reason: str


Names = tuple[str, ...] | str | Without


@dataclass(frozen=True, kw_only=True)
class Verb:
    """What something that can be done is called on each of the four sides."""

    api: Names
    cli: Names
    client: Names
    pages: Names

    def names(self, side: str) -> tuple[str, ...]:
        known: Names = getattr(self, side)
        match known:
            case Without():
                return ()
            case str():
                return (known,)
            case _:
                return known


FOR_BROWSERS = Without("only browsers have sessions; all others send credentials each time")
OF_THIS_MACHINE = Without("it is about the machine where it is typed, not about a gateway")
FOR_MONITORS = Without("monitoring asks for it by HTTP, and nobody else needs it")
FOR_SCRIPTS = Without("a script that runs says it, and goes on saying it")
PART_OF_CHOOSING = Without("a step of choosing on a page; all others name what they choose")
AS_A_FILE = Without("who looks after a gateway does it from a shell, and from a timer")
GRADIENTS = Without("Gradient's API is its own, and described in docs/gradient.md")
AS_ANY_BOARD = Without("a board is a board, however it was made")
LIVE = Without("every page is kept up to date while it is open")

BOARD, EXPERIMENT = "/ui/boards/{board}", "/ui/experiments/{experiment}"
VERBS: Mapping[str, Verb] = {
    # boards
    "list boards": Verb(
        api="listBoards", cli="board list", client="boards.list", pages="GET /",
    ),
    "show a board": Verb(
        api="showBoard", cli="board show", client="boards.show", pages=f"GET {BOARD}",
    ),
    "make a board": Verb(
        api="createBoard", cli="board create", client="boards.create",
        pages=("GET /ui/new-board", "POST /ui/new-board", "POST /ui/new-board step=done"),
    ),
    "choose the experiments of a board": Verb(
        api=PART_OF_CHOOSING, cli=PART_OF_CHOOSING, client=PART_OF_CHOOSING,
        pages=tuple(
            f"POST {page} step={step}"
            for page in ("/ui/new-board", f"{BOARD}/add")
            for step in ("all", "list", "search")
        ),
    ),
    "put experiments on a board": Verb(
        api=("changeBoardExperiments", "addBoardExperiment"), cli="board add",
        client="boards.add", pages=(f"GET {BOARD}/add", f"POST {BOARD}/add step=done"),
    ),
    "take experiments off a board": Verb(
        api=("changeBoardExperiments", "removeBoardExperiment"), cli="board remove",
        client="boards.remove", pages=(f"POST {BOARD}/remove", f"POST {BOARD}/remove only=ID"),
    ),
    "rename a board": Verb(
        api="changeBoard", cli="board rename", client="boards.rename",
        pages=f"POST {BOARD}/rename",
    ),
    "set a board's password": Verb(
        api="changeBoard", cli="board set-password", client="boards.set_password",
        pages=f"POST {BOARD}/access",
    ),
    "say who may look at a board": Verb(
        api="changeBoard", cli="board set-access", client="boards.set_access",
        pages=f"POST {BOARD}/access",
    ),
    "say when a board goes to sleep": Verb(
        api="changeBoard", cli="board set-idle", client="boards.set_idle",
        pages=f"POST {BOARD}/idle",
    ),
    "read who visited a board": Verb(
        api="listBoardVisits", cli="board visits", client="boards.visits", pages=f"GET {BOARD}",
    ),
    "start a board": Verb(
        api="startBoard", cli="board start", client="boards.start",
        pages=(f"POST {BOARD}/start", "POST /ui/boards action=start"),
    ),
    "stop a board": Verb(
        api="stopBoard", cli="board stop", client="boards.stop",
        pages=(f"POST {BOARD}/stop", "POST /ui/boards action=stop"),
    ),
    "delete a board": Verb(
        api="deleteBoard", cli="board delete", client="boards.delete",
        pages=(f"GET {BOARD}/delete", f"POST {BOARD}/delete", "POST /ui/boards action=delete"),
    ),
    "read a board's log": Verb(
        api="readBoardLog", cli="board logs", client="boards.log", pages=f"GET {BOARD}",
    ),
    "open a board": Verb(
        api=Without("a board's URL is one of its fields"), cli="board open",
        client=Without("a board's URL is one of its fields"), pages="GET /",
    ),
    "wait for a board": Verb(
        api="showBoard", cli=Without("an option of each command that there is something to wait"
        " for"), client="boards.wait", pages=LIVE,
    ),
    "be told what happens": Verb(
        api="listenToEvents", cli=Without("an option of each command that lists or shows"),
        client="events", pages=LIVE,
    ),
    # experiments
    "list experiments": Verb(
        api="listExperiments", cli="experiment list", client="experiments.list",
        pages="GET /ui/experiments",
    ),
    "show an experiment": Verb(
        api="showExperiment", cli="experiment show", client="experiments.show",
        pages=f"GET {EXPERIMENT}",
    ),
    "register an experiment": Verb(
        api="registerExperiment", cli="experiment register", client="experiments.register",
        pages="POST /ui/experiments/register",
    ),
    "rename an experiment": Verb(
        api="registerExperiment", cli="experiment register", client="experiments.register",
        pages=f"POST {EXPERIMENT}/rename",
    ),
    "complete an experiment": Verb(
        api="completeExperiment", cli="experiment complete", client="experiments.complete",
        pages="POST /ui/experiments/complete",
    ),
    "fail an experiment": Verb(
        api="failExperiment", cli="experiment fail", client="experiments.fail",
        pages="POST /ui/experiments/fail",
    ),
    "stop an experiment": Verb(
        api="stopExperiment", cli="experiment stop", client="experiments.stop",
        pages="POST /ui/experiments/stop",
    ),
    "describe an experiment": Verb(
        api="describeExperiment", cli="experiment describe", client="experiments.describe",
        pages=(f"GET {EXPERIMENT}/describe", f"POST {EXPERIMENT}/describe"),
    ),
    "say that an experiment's script lives": Verb(
        api="sendHeartbeat", cli=FOR_SCRIPTS, client="experiments.heartbeat", pages=FOR_SCRIPTS,
    ),
    "list logdirs": Verb(
        api="listLogdirs", cli="experiment logdirs", client="logdirs",
        pages=Without("paths are typed into one form only, and what it refuses names them"),
    ),
    "delete an experiment": Verb(
        api="deleteExperiment", cli="experiment delete", client="experiments.delete",
        pages="POST /ui/experiments/delete",
    ),
    # members
    "list members": Verb(
        api="listMembers", cli="member list", client="members.list",
        pages=("GET /ui/members", "GET /ui/members/member"),
    ),
    "make a member": Verb(
        api="createMember", cli="member create", client="members.create",
        pages="POST /ui/members/create",
    ),
    "set a member's password": Verb(
        api="changeMember", cli="member set-password", client="members.set_password",
        pages=("POST /ui/members/set-password", "POST /ui/account/set-password"),
    ),
    "delete a member": Verb(
        api="deleteMember", cli="member delete", client="members.delete",
        pages=("GET /ui/members/delete", "POST /ui/members/delete"),
    ),
    # tokens
    "list tokens": Verb(
        api="listTokens", cli="token list", client="tokens.list",
        pages=("GET /ui/account", "GET /ui/members/member"),
    ),
    "make a token": Verb(
        api="createToken", cli="token create", client="tokens.create",
        pages=("POST /ui/account/create-token", "POST /ui/members/create-token"),
    ),
    "delete a token": Verb(
        api="deleteToken", cli="token delete", client="tokens.delete",
        pages=("POST /ui/account/delete-token", "POST /ui/members/delete-token"),
    ),
    # boards, as Gradient's client calls them
    **{
        f"{words} as with Gradient": Verb(
            api=GRADIENTS, cli=f"tensorboards {cli}", client=f"tensorboards.{client}",
            pages=AS_ANY_BOARD,
        )
        for words, cli, client in (
            ("list boards", "list", "list"),
            ("show a board", "details", "get"),
            ("make a board", "create", "create"),
            ("put experiments on a board", "add-experiments", "add_experiments"),
            ("take experiments off a board", "remove-experiments", "remove_experiments"),
            ("delete a board", "delete", "delete"),
        )
    },
    # oneself and the gateway
    "be told who one is": Verb(
        api="whoAmI", cli="login", client="whoami", pages="GET /ui/account",
    ),
    "be told what runs": Verb(
        api="showVersion", cli="version", client="versions", pages="GET /ui/account",
    ),
    "back up": Verb(
        api="backUp", cli="backup", client="back_up", pages=AS_A_FILE,
    ),
    "restore": Verb(
        api="restore", cli="restore", client="restore", pages=AS_A_FILE,
    ),
    "sign in": Verb(
        api=FOR_BROWSERS, cli="login", client=FOR_BROWSERS,
        pages=("GET /ui/sign-in", "POST /ui/sign-in"),
    ),
    "sign out": Verb(
        api=FOR_BROWSERS, cli="logout", client=FOR_BROWSERS,
        pages=("POST /ui/sign-out", "POST /ui/account/sign-out-everywhere"),
    ),
    "read about the API": Verb(
        api=("readOpenApi", "explainProblem"), cli=Without("--help and hints tell people"),
        client=Without("it was written by it"), pages=Without("it is for programs"),
    ),
    "ask whether the gateway works": Verb(
        api=("checkHealth", "checkReadiness"), cli="doctor", client=FOR_MONITORS,
        pages=FOR_MONITORS,
    ),
    "train under an experiment": Verb(
        api=OF_THIS_MACHINE, cli="run",
        client=Without("tbgateway.experiment does it inside of a script"), pages=OF_THIS_MACHINE,
    ),
    "run things here": Verb(
        api=OF_THIS_MACHINE, cli=("serve", "demo", "config show", "completion"),
        client=OF_THIS_MACHINE, pages=OF_THIS_MACHINE,
    ),
}  # fmt: skip
