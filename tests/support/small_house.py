"""Boards and accounts in memory, as the pipeline asks for them."""

import base64
import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import bcrypt

from tbgateway.credentials import sessions
from tbgateway.credentials.tokens import mint
from tbgateway.domain.model import Access, Board, Member, Role, Session, Token
from tbgateway.domain.names import BoardId


def hashed(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


class House:
    """Boards and accounts, as the store would have them."""

    def __init__(self) -> None:
        self.boards: dict[str, Board] = {}
        self.old_names: dict[str, BoardId] = {}
        self.members: dict[str, Member] = {}
        self.tokens: dict[str, Token] = {}
        self.sessions: dict[str, Session] = {}

    def find(self, name: str) -> Board | None:
        return self.boards.get(name)

    def renamed(self, name: str) -> Board | None:
        board_id = self.old_names.get(name)
        return next((board for board in self.boards.values() if board.id == board_id), None)

    def member(self, name: str) -> Member | None:
        return self.members.get(name)

    def token(self, token_id: str) -> Token | None:
        return self.tokens.get(token_id)

    def valid(self, secrets: Sequence[str]) -> tuple[Session, ...]:
        shown = [pair for secret in secrets if (pair := sessions.digest_of(secret))]
        return tuple(
            session
            for number, digest in shown
            if (session := self.sessions.get(number)) is not None
            and sessions.matches(session, digest)
            and session.lets_in(self.members.get(session.member), time.time())
        )

    async def end(self, ended: Sequence[Session]) -> None:
        for session in ended:
            del self.sessions[session.id]

    def add_session(self, member: str, **changes: Any) -> str:
        minted = sessions.mint()
        now = time.time()
        session = Session(
            id=minted.id,
            member=member,
            digest=minted.digest,
            credential_generation=self.members[member].credential_generation,
            created_at=now,
            expires_at=now + 1000,
        )
        self.sessions[session.id] = replace(session, **changes)
        return minted.secret_text

    def add_board(self, name: str, **changes: Any) -> Board:
        board_id = BoardId("tb" + hashlib.sha256(name.encode()).hexdigest()[:10])
        board = Board(
            id=board_id,
            name=name,
            owner="olga",
            access=Access.PASSWORD,
            username=f"{name}-user",
            password_hash=hashed(f"{name}-password"),
            created_at=0.0,
        )
        self.boards[name] = replace(board, **changes)
        return self.boards[name]

    def add_member(self, name: str, role: Role) -> str:
        self.members[name] = Member(
            name=name, role=role, password_hash=hashed(f"{name}-password"), created_at=1.0
        )
        return self.add_token(name)

    def add_token(self, member: str, **changes: Any) -> str:
        minted = mint()
        token = Token(id=minted.id, member=member, label="", digest=minted.digest, created_at=0.0)
        self.tokens[token.id] = replace(token, **changes)
        return minted.secret_text
