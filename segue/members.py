"""Members: invited by a link that works once, known by a password or by somebody who vouches for them.

The links and the browsers' tokens are random; only their digests are kept, so a copy of the database opens no door.
"""

from __future__ import annotations

import hashlib
import secrets
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, bindparam, delete, literal_column, select, update
from sqlalchemy.orm import Session

from segue import passwords
from segue.db import Database
from segue.errors import InvalidMember
from segue.models import Clip, Heart, Invitation, Member, Role, Tally, Visit
from segue.recipe import tidy

NAME_LIMIT = 40
INVITATION_SECONDS = 7 * 24 * 3600.0
VISIT_SECONDS = 60 * 24 * 3600.0
"""How long a link is good, and a browser stays signed in."""

_ANY: Select[int] = select(literal_column("1")).where(select(Member.id).exists())
_VISITING = (
    select(Member.id, Member.name, Member.role)
    .join(Visit, Visit.member_id == Member.id)
    .where(Visit.digest == bindparam("digest"), Visit.expires_at > bindparam("now"), Member.removed_at.is_(None))
)
_VOUCHED = select(Member.id, Member.name, Member.role, Member.removed_at).where(Member.key == bindparam("key"))


@dataclass(frozen=True)
class Person:
    """Somebody who is at home here. Who is alone has no id, and may do everything."""

    id: str | None
    name: str
    owner: bool

    def may_change(self, clip: Clip) -> bool:
        """Whether a clip is theirs to name, share and throw away: owners may with everybody's."""
        return self.owner or (self.id is not None and clip.member_id == self.id)


class Members:
    """All members of this studio. Methods are safe to call from any thread or process."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._find_any = database.prepared(_ANY)
        self._find_visiting = database.prepared(_VISITING)
        self._find_vouched = database.prepared(_VOUCHED)
        self._exist = False

    def exist(self) -> bool:
        """Whether there is any member. From the first one on there always is."""
        self._exist = self._exist or self._find_any() is not None
        return self._exist

    def everybody(self) -> Sequence[Member]:
        """All who were not removed, by name."""
        with self._database.read() as session:
            return session.scalars(select(Member).where(Member.removed_at.is_(None)).order_by(Member.key)).all()

    def named(self, name: str) -> Member | None:
        """The member of that name."""
        with self._database.read() as session:
            return session.scalars(select(Member).where(Member.key == _key(name), Member.removed_at.is_(None))).first()

    def vouched(self, name: str) -> Person | None:
        """Who comes under a name that somebody we trust vouches for; a new member, if nobody is called so yet.

        None for somebody who was removed, and for what is no name: one that is too long, or several, or written in
        other letters than it is compared in.
        """
        if not 0 < len(name) <= NAME_LIMIT or "," in name or unicodedata.normalize("NFKC", tidy(name)) != name:
            return None
        row = self._find_vouched(key=_key(name))
        if row is None:
            with self._database.write() as session:
                if session.scalars(select(Member.id).where(Member.key == _key(name))).first() is None:
                    session.add(Member.of(name, _key(name), Role.MEMBER, self._clock()))
            row = self._find_vouched(key=_key(name))
        return None if row[3] is not None else Person(row[0], row[1], row[2] == Role.OWNER)

    def invite(self, name: str, role: Role = Role.MEMBER) -> str:
        """The secret part of a link for somebody new, or for a member who is to be an owner from now on.

        The first owner owns the studio, and what was made in it before. Raises InvalidMember for a name that is taken
        or no name.
        """
        name, key = tidy(name), _key(name)
        if not name or len(name) > NAME_LIMIT:
            raise InvalidMember("name", f"A name has 1 to {NAME_LIMIT} characters.")
        now = self._clock()
        with self._database.write() as session:
            first = session.scalars(select(Member.id).where(Member.role == Role.OWNER)).first() is None
            role = Role.OWNER if first else role
            member = session.scalars(select(Member).where(Member.key == key)).first()
            if member is None:
                member = Member.of(name, key, role, now)
                session.add(member)
            elif member.removed_at is None and role in (member.role, Role.MEMBER):
                raise InvalidMember("name", f"{member.name} is a member already: give them a new link instead.")
            member.come_back(name, role)
            session.flush()
            if first:
                # Hearts before clips: what finds a clip is written anew when the clip changes.
                for kind in (Heart, Tally):
                    session.execute(update(kind).where(kind.member_id == "").values(member_id=member.id))
                session.execute(update(Clip).where(Clip.member_id.is_(None)).values(member_id=member.id))
            return self._invitation(session, member.id)

    def reset(self, member_id: str) -> str | None:
        """The secret part of a new link for a member, whose password and visits end; None if nobody is there."""
        with self._database.write() as session:
            member = session.get(Member, member_id)
            if member is None or member.removed_at is not None:
                return None
            member.password, member.subject = None, None
            session.execute(delete(Visit).where(Visit.member_id == member_id))
            return self._invitation(session, member_id)

    def remove(self, member_id: str) -> None:
        """Show a member out at once. What they made stays.

        Raises InvalidMember for the last owner, and for the last who has ever come in.
        """
        with self._database.write() as session:
            member = session.get(Member, member_id)
            if member is None or member.removed_at is not None:
                return
            owners = select(Member).where(
                Member.role == Role.OWNER, Member.removed_at.is_(None), Member.id != member_id
            )
            others = [owner for owner in session.scalars(owners) if owner.comes or not member.comes]
            if member.role is Role.OWNER and not others:
                raise InvalidMember("name", f"{member.name} is the only owner here. Invite another one first.")
            member.go(self._clock())
            for kind in (Visit, Invitation):
                session.execute(delete(kind).where(kind.member_id == member_id))

    def invited(self, token: str) -> Member | None:
        """Whom a link is for, while it is good."""
        with self._database.read() as session:
            return session.scalars(_invited(token, self._clock())).first()

    def accept(self, token: str, password: str) -> str | None:
        """Let the invited choose a password; a visit of theirs. A link is good once: afterwards, None.

        Raises InvalidMember for a password that is none.
        """
        if (invited := self.invited(token)) is None:
            return None
        hashed = passwords.hashed(password, invited.name)
        with self._database.write() as session:
            member = session.scalars(_invited(token, self._clock())).first()
            if member is None:
                return None
            member.password = hashed
            return self._begin(session, member.id)

    def tie(self, token: str, subject: str) -> str | None:
        """Let the invited come in with an account elsewhere from now on; a visit of theirs. None as in `accept`.

        `subject` names the account; one that belongs to another member already is nobody's.
        """
        with self._database.write() as session:
            member = session.scalars(_invited(token, self._clock())).first()
            taken = session.scalars(select(Member.id).where(Member.subject == subject)).first()
            if member is None or taken not in (None, member.id):
                return None
            member.subject = subject
            return self._begin(session, member.id)

    def come(self, subject: str) -> str | None:
        """A visit of the member an account elsewhere belongs to."""
        with self._database.write() as session:
            member_id = session.scalars(select(Member.id).where(Member.subject == subject)).first()
            return None if member_id is None else self._enter(session, member_id)

    def sign_in(self, name: str, password: str) -> str | None:
        """A visit of the member with that name and password; it takes as long to find out that there is none."""
        found = self.named(name)
        fits, stale = passwords.fits(password, found.password if found else None)
        if found is None or not fits:
            return None
        fresh = passwords.hashed(password, found.name) if stale else found.password
        with self._database.write() as session:
            member = session.get_one(Member, found.id)
            if member.password != found.password:
                # It ended while it was being looked at.
                return None
            member.password = fresh
            return self._enter(session, member.id)

    def has_password(self, member_id: str) -> bool:
        """Whether a member comes in with a password, and not only with an account elsewhere."""
        with self._database.read() as session:
            return session.get_one(Member, member_id).password is not None

    def change_password(self, member_id: str, old: str, new: str) -> str:
        """Take a new password, and sign out everywhere; a new visit. Raises InvalidMember."""
        with self._database.read() as session:
            found = session.get_one(Member, member_id)
        if not passwords.fits(old, found.password)[0]:
            raise InvalidMember("old", "That is not your password.")
        hashed = passwords.hashed(new, found.name)
        with self._database.write() as session:
            member = session.get_one(Member, member_id)
            if member.password != found.password:
                raise InvalidMember("old", "That is not your password.")
            member.password = hashed
            return self._begin(session, member_id)

    def visiting(self, token: str) -> Person | None:
        """Whose browser has that token."""
        row = self._find_visiting(digest=_digest(token), now=self._clock())
        return None if row is None else Person(row[0], row[1], row[2] == Role.OWNER)

    def leave(self, token: str) -> None:
        """Sign one browser out."""
        with self._database.write() as session:
            session.execute(delete(Visit).where(Visit.digest == _digest(token)))

    def leave_everywhere(self, member_id: str) -> None:
        """Sign a member out in every browser."""
        with self._database.write() as session:
            session.execute(delete(Visit).where(Visit.member_id == member_id))

    def _begin(self, session: Session, member_id: str) -> str:
        """The only visit of a member from now on: what opened the door before, links too, does so no longer."""
        for kind in (Invitation, Visit):
            session.execute(delete(kind).where(kind.member_id == member_id))
        return self._enter(session, member_id)

    def _enter(self, session: Session, member_id: str) -> str:
        """The token of a browser that stays signed in."""
        token, now = secrets.token_urlsafe(32), self._clock()
        session.execute(delete(Visit).where(Visit.expires_at <= now))
        session.add(Visit(digest=_digest(token), member_id=member_id, expires_at=now + VISIT_SECONDS))
        return token

    def _invitation(self, session: Session, member_id: str) -> str:
        token = secrets.token_urlsafe(32)
        session.execute(delete(Invitation).where(Invitation.member_id == member_id))
        expires_at = self._clock() + INVITATION_SECONDS
        session.add(Invitation(digest=_digest(token), member_id=member_id, expires_at=expires_at))
        return token


def _invited(token: str, now: float) -> Select[Member]:
    good = (Invitation.digest == _digest(token), Invitation.expires_at > now, Member.removed_at.is_(None))
    return select(Member).join(Invitation, Invitation.member_id == Member.id).where(*good)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _key(name: str) -> str:
    """A name as it is compared: no two members differ by case, width or accents' make only."""
    return unicodedata.normalize("NFKC", tidy(name)).casefold()
