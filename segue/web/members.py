"""Members: signing in and out, being invited, looking after oneself and, for owners, after the others."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests

from segue.errors import InvalidMember
from segue.models import Role
from segue.parts import parts
from segue.web import access, oidc, throttle
from segue.web.forms import InviteForm, PasswordForm, SignInForm, WelcomeForm
from segue.web.onward import onward
from segue.web.sharing import site


def sign_in() -> ResponseReturnValue:
    """GET, POST /sign-in: by name and password, and on to `next`. What was wrong is not told."""
    address = onward(request.args.get("next"))
    if access.person() is not None:
        return redirect(address, 303)
    vouched = parts().settings.user_header is not None
    form = SignInForm()
    if form.validate_on_submit() and not vouched:
        name = form.name.data or ""
        try:
            throttle.check_tries(name)
        except TooManyRequests as error:
            form.password.errors = [f"That was wrong too often. Wait {error.retry_after} seconds, then try again."]
            return _sign_in_page(form), 429, {"Retry-After": str(error.retry_after)}
        visit = parts().members.sign_in(name, form.password.data or "")
        if visit is not None:
            access.let_in(visit)
            return redirect(address, 303)
        throttle.count_try(name)
        form.password.errors = ["Name and password do not belong together."]
    return _sign_in_page(form), 422 if form.errors else 200


def sign_out() -> ResponseReturnValue:
    """POST /sign-out: this browser, which forgets the pages it has seen."""
    access.let_out()
    return redirect(url_for("sign_in", out=1), 303), {"Clear-Site-Data": '"cache"'}


def invitation(token: str) -> ResponseReturnValue:
    """GET, POST /invitations/<token>: choose a password, once. Spent, late and invented links answer alike."""
    here = parts()
    invited = here.members.invited(token)
    if invited is None:
        return render_template("members/no_invitation.html"), 404
    form = WelcomeForm()
    if form.validate_on_submit():
        try:
            visit = here.members.accept(token, form.password.data or "")
        except InvalidMember as error:
            form.blame(error)
        else:
            if visit is None:
                return render_template("members/no_invitation.html"), 404
            access.let_in(visit)
            return redirect(url_for("studio"), 303)
    return render_template(
        "members/welcome.html", form=form, invited=invited, issuer=oidc.title(), token=token
    ), 422 if form.errors else 200


def me() -> ResponseReturnValue:
    """GET, POST /me: change one's password; not where somebody else says who is who."""
    who = access.member()
    if who.id is None or parts().settings.user_header:
        abort(404)
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            throttle.check_tries(who.name)
            visit = parts().members.change_password(who.id, form.old.data or "", form.password.data or "")
        except InvalidMember as error:
            if error.field == "old":
                throttle.count_try(who.name)
            form.blame(error)
        else:
            access.let_in(visit)
            return redirect(url_for("me", changed=1), 303)
    changed = "changed" in request.args and not form.errors
    page = render_template("members/me.html", form=form, changed=changed, secret=parts().members.has_password(who.id))
    return page, 422 if form.errors else 200


def sign_out_everywhere() -> ResponseReturnValue:
    """POST /me/sign-out-everywhere"""
    who = access.member()
    if who.id is not None:
        parts().members.leave_everywhere(who.id)
    return sign_out()


def index() -> ResponseReturnValue:
    """GET, POST /members: who is here; somebody new."""
    form = InviteForm()
    if form.validate_on_submit():
        try:
            token = parts().members.invite(form.name.data or "", Role(form.role.data or Role.MEMBER))
        except InvalidMember as error:
            form.blame(error)
        else:
            return _page(InviteForm(formdata=None), link=_link(token), whose=form.name.data)
    return _page(form), 422 if form.errors else 200


def reset(member_id: str) -> ResponseReturnValue:
    """POST /members/<id>/reset: a new link for somebody who lost the password; the old one ends. GET: just back."""
    if request.method != "POST":
        return redirect(url_for("members"), 303)
    token = parts().members.reset(member_id)
    if token is None:
        abort(404)
    return _page(InviteForm(formdata=None), link=_link(token), whose=_name(member_id))


def remove(member_id: str) -> ResponseReturnValue:
    """POST /members/<id>/remove"""
    name = _name(member_id)
    try:
        parts().members.remove(member_id)
    except InvalidMember as error:
        return _page(InviteForm(formdata=None), trouble=error.message), 409
    if name is not None:
        flash(f"{name} was removed.")
    return redirect(url_for("members"), 303)


def _sign_in_page(form: SignInForm) -> str:
    empty = not parts().members.exist()
    return render_template("members/sign_in.html", form=form, empty=empty, issuer=oidc.title())


def _name(member_id: str) -> str | None:
    return next((member.name for member in parts().members.everybody() if member.id == member_id), None)


def _page(form: InviteForm, **said: object) -> str:
    return render_template("members/index.html", form=form, everybody=parts().members.everybody(), **said)


def _link(token: str) -> str:
    return site() + url_for("invitation", token=token)
