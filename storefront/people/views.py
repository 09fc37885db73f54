"""Signing up, and the page about oneself. Signing in, out and resetting are allauth's views with our forms
and pages.
"""

from __future__ import annotations

from typing import Any, cast

from allauth.account.internal import flows
from allauth.account.models import EmailAddress, Login
from allauth.account.views import SignupView
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from backend.accounts import codes
from backend.accounts.access import User, sellers_of
from backend.accounts.errors import EmailTaken
from backend.accounts.invitations import accept_invitation, find_invited
from backend.accounts.queries import MOST_OF_ONE_NUMBER, people_with_phone, roles_of
from backend.accounts.services import SELF, create_person
from backend.common.errors import MarketError
from backend.markets.access import stalls_of
from storefront.people.forms import CodeForm, EmailForm, InvitedPasswordForm, LoginName, SignUpForm


class SignUp(SignupView):  # type: ignore[misc]
    """Opens an account, and never tells whether the phone or address typed already has one.

    By e-mail: the next page asks for the code in the mail; the mail of a known address says that it is known.
    By phone: nothing can be delivered, so an unproved number excludes nobody and a new account is made; only
    who also typed the password of an account with this number is let into that one. Such tries are counted
    per number, as failed sign-ins are.
    """

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        login: LoginName = form.cleaned_data["login"]
        if login.kind == "email":
            return self._by_email(form, login.value)
        return self._by_phone(form, login.value)

    def _by_email(self, form: SignUpForm, email: str) -> HttpResponse:
        if not ratelimit.consume(self.request, action="signup_mail"):
            return _done(ratelimit.respond_429(self.request))
        _address, known = flows.manage_email.email_already_exists(email)
        if known:
            # As long as making an account would take.
            make_password(form.cleaned_data["password1"])
            return _done(flows.signup.prevent_enumeration(self.request, email=email))
        try:
            user = create_person(
                actor=SELF,
                name=form.cleaned_data["name"],
                password=form.cleaned_data["password1"],
                email=email,
            )
        except EmailTaken:
            return _done(flows.signup.prevent_enumeration(self.request, email=email))
        return self._enter(user, email)

    def _by_phone(self, form: SignUpForm, phone: str) -> HttpResponse:
        if not ratelimit.consume(self.request, action="signup_phone", key=phone):
            return _done(ratelimit.respond_429(self.request))
        password = form.cleaned_data["password1"]
        others = people_with_phone(phone)
        if not others:
            make_password(password)
        for person in others:
            if person.check_password(password):
                return self._enter(person, None)
        if len(others) >= MOST_OF_ONE_NUMBER:
            form.add_error("login", _("Chưa đăng ký được bằng số này. Xin dùng thư điện tử."))
            return _done(self.form_invalid(form))
        return self._enter(
            create_person(actor=SELF, name=form.cleaned_data["name"], password=password, phone=phone), None
        )

    def _enter(self, user: User, email: str | None) -> HttpResponse:
        flows.login.record_authentication(self.request, user, method="password")
        login = Login(user=user, email=email, redirect_url=self.get_success_url(), signup=True)
        return _done(flows.login.perform_login(self.request, login))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody for whom an account was made sets its first password, and is in."""
    person = find_invited(token)
    form = InvitedPasswordForm(person, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        person = accept_invitation(token=token, password=form.cleaned_data["password1"])
        flows.login.record_authentication(request, person, method="password")
        login = Login(user=person, email=None if person.phone else person.email, redirect_url=reverse("me"))
        return _done(flows.login.perform_login(request, login))
    context = {"form": form, "person": person, "roles": roles_of(person)}
    return render(request, "people/invitation.html", context, status=422 if form.errors else 200)


def _done(response: Any) -> HttpResponse:
    """allauth has no types; its flows answer with a response."""
    return cast(HttpResponse, response)


def _person(request: HttpRequest) -> User:
    """Who asks, behind login_required."""
    return cast(User, request.user)


@require_safe
@never_cache
@login_required
def me(request: HttpRequest) -> HttpResponse:
    """Where somebody belongs: a farmer at the desk, a vendor at the till, everybody else at their own page."""
    person = _person(request)
    desks, stalls = sellers_of(person), stalls_of(person)
    if desks and not stalls:
        return redirect("/ban-hang/")
    if stalls and not desks:
        return redirect("/sap/")
    return redirect("account")


@require_safe
@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Of oneself: name, what one signs in with, roles, and the way out."""
    person = _person(request)
    context = {
        "person": person,
        "roles": roles_of(person),
        "has_desk": bool(sellers_of(person)),
        "has_till": bool(stalls_of(person)),
        "email_proved": EmailAddress.objects.filter(user=person, email=person.email, verified=True).exists(),
    }
    return render(request, "people/account.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def email(request: HttpRequest) -> HttpResponse:
    """Give an e-mail address; a code goes there."""
    form = EmailForm(request.POST or None)
    refusal = ""
    if request.method == "POST" and form.is_valid():
        try:
            codes.send_code(
                user=_person(request), channel=codes.Channel.EMAIL, target=form.cleaned_data["email"]
            )
            return redirect("account-email-code")
        except MarketError as error:
            refusal = str(error)
    return render(request, "people/email.html", {"form": form, "refusal": refusal})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def email_code(request: HttpRequest) -> HttpResponse:
    """Type the code; the address is then one's own."""
    person = _person(request)
    waiting = codes.waiting_code(person, codes.Channel.EMAIL)
    if waiting is None:
        messages.error(request, _("Mã đã hết hạn hoặc đã dùng. Xin lấy mã mới."))
        return redirect("account_email")
    form = CodeForm(request.POST or None)
    refusal = ""
    if request.method == "POST" and form.is_valid():
        try:
            codes.confirm_code(user=person, channel=codes.Channel.EMAIL, digits=form.cleaned_data["code"])
            messages.success(request, _("Đã xác nhận thư điện tử."))
            return redirect("account")
        except MarketError as error:
            refusal = str(error)
    return render(
        request, "people/email_code.html", {"form": form, "refusal": refusal, "target": waiting.target}
    )
