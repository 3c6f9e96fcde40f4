"""The forms; they yield domain objects, so the limits live in one place: the recipe."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import FloatField, HiddenField, IntegerField, PasswordField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, Optional

from segue import recipe as limits
from segue.errors import InvalidMember, InvalidRecipe
from segue.models import Role
from segue.recipe import Recipe, tidy

RECIPE_FIELDS = (
    "prompt_a",
    "prompt_b",
    "alpha",
    "seed_image_id",
    "denoising",
    "num_inference_steps",
    "provider",
    "take",
)
DEFAULTS: dict[str, Any] = {
    "prompt_a": "",
    "prompt_b": "",
    "alpha": limits.ALPHA_DEFAULT,
    "seed_image_id": limits.SEED_DEFAULT,
    "denoising": limits.DENOISING_DEFAULT,
    "num_inference_steps": limits.STEPS_DEFAULT,
}


TITLE_LIMIT = 120
NOTES_LIMIT = 2000
TAGS_LIMIT = 300
NOT_A_FRACTION = "Choose a number between 0 and 1."


class Fraction(FloatField):
    """A number between 0 and 1."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(NOT_A_FRACTION) from None
        if self.data is not None and not math.isfinite(self.data):
            self.data = None
            raise ValueError(NOT_A_FRACTION)


class Whole(IntegerField):
    """A whole number, or nothing where the field is optional."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Give a whole number.") from None


class StudioForm(FlaskForm):
    """What a musician fills in. Anything left out means its default."""

    class Meta(FlaskForm.Meta):
        # A page may stay open through a whole rehearsal: its token lasts as long as the browser's session.
        csrf_time_limit = None

    token = HiddenField()
    parent = HiddenField()
    anew = HiddenField()
    prompt_a = TextAreaField("Prompt A")
    prompt_b = TextAreaField("Prompt B")
    alpha = Fraction("Crossfader")
    seed_image_id = StringField("Seed")
    denoising = Fraction("How far from the groove")
    num_inference_steps = Whole("Steps")
    provider = StringField("Played by")
    take = Whole("Take", validators=[Optional()])

    def __init__(self, values: Mapping[str, Any], preferred: str) -> None:
        """A form showing `values` (strings or numbers, by field name) over the defaults."""
        given = {name: value for name, value in values.items() if value not in (None, "")}
        shown = {**DEFAULTS, "provider": preferred, "token": secrets.token_urlsafe(16), **given}
        super().__init__(formdata=MultiDict({name: str(value) for name, value in shown.items()}))

    def recipe(self) -> Recipe | None:
        """The recipe asked for, or None, with the reasons beside their fields. `anew` leaves its take open."""
        self.validate()
        sound = {name: self[name].data for name in RECIPE_FIELDS if not self[name].errors}
        try:
            recipe = Recipe(**sound)
        except InvalidRecipe as error:
            self.blame(error)
        if self.errors:
            return None
        return recipe.with_take(None) if self.anew.data else recipe

    def blame(self, error: InvalidRecipe) -> None:
        """Say beside the field that it is about why there is no such recipe."""
        field = self[error.field]
        field.errors = [*field.errors, error.message]


class DetailsForm(FlaskForm):
    """What a clip is called, and what is worth knowing of it."""

    title = StringField(
        "Title",
        filters=[lambda text: tidy(text or "")],
        validators=[Length(max=TITLE_LIMIT, message=f"Keep the title to {TITLE_LIMIT} characters.")],
    )
    notes = TextAreaField(
        "Notes",
        filters=[lambda text: "\n".join(map(tidy, (text or "").splitlines())).strip()],
        validators=[Length(max=NOTES_LIMIT, message=f"Keep the notes to {NOTES_LIMIT} characters.")],
    )
    tags = StringField(
        "Tags",
        filters=[lambda text: tags(text or "")],
        validators=[Length(max=TAGS_LIMIT, message=f"Keep the tags to {TAGS_LIMIT} characters in all.")],
    )


def tags(text: str) -> str:
    """Tags as they are kept: each once, tidied and in lower case, with `, ` between them."""
    return ", ".join(dict.fromkeys(tag for word in text.split(",") if (tag := tidy(word).lower())))


class MemberForm(FlaskForm):
    """What forms about members share."""

    def blame(self, error: InvalidMember) -> None:
        """Say beside the field that it is about what is wrong."""
        self[error.field].errors = [error.message]


class SignInForm(MemberForm):
    """Who is it?"""

    name = StringField("Name", [InputRequired("Give your name.")])
    password = PasswordField("Password", [InputRequired("Give your password.")])


class WelcomeForm(MemberForm):
    """A first password, or one after the old one was lost."""

    password = PasswordField("Password", [InputRequired("Choose a password.")])


class PasswordForm(MemberForm):
    """Another password."""

    old = PasswordField("Password so far", [InputRequired("Give the password you have had so far.")])
    password = PasswordField("New password", [InputRequired("Choose a new password.")])


class InviteForm(MemberForm):
    """Somebody new."""

    name = StringField("Name", [InputRequired("Give a name.")])
    role = StringField("Role", [AnyOf([role.value for role in Role], "Choose a role.")], default=Role.MEMBER.value)
