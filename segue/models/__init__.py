"""The tables. Every change of state is a verb of its table; nobody else assigns to columns."""

from segue.db import Base
from segue.models.clip import ID_ALPHABET, ID_LENGTH, LEAVING, LONGEST_WAIT, Clip, new_id, ripe
from segue.models.kept import Kept
from segue.models.line import Line
from segue.models.member import Heart, Invitation, Member, Role, Tally, Visit
from segue.models.state import STAGES, UNDER_WAY, State
from segue.models.studio import Studio

__all__ = [
    "ID_ALPHABET",
    "ID_LENGTH",
    "LEAVING",
    "LONGEST_WAIT",
    "STAGES",
    "UNDER_WAY",
    "Base",
    "Clip",
    "Heart",
    "Invitation",
    "Kept",
    "Line",
    "Member",
    "Role",
    "State",
    "Studio",
    "Tally",
    "Visit",
    "new_id",
    "ripe",
]
