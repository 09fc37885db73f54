from __future__ import annotations

from allauth.account import views as allauth
from django.urls import URLPattern, URLResolver, path

from storefront.people import address, views

# The names that start with account_ are those by which allauth finds its own pages.
urlpatterns: list[URLPattern | URLResolver] = [
    path("dia-chi/xa/", address.commune_choices, name="commune-choices"),
    path("vao/", allauth.login, name="account_login"),
    path("ra/", allauth.logout, name="account_logout"),
    path("dang-ky/", views.SignUp.as_view(), name="account_signup"),
    path("dang-ky/ma/", allauth.email_verification_sent, name="account_email_verification_sent"),
    path("quen-mat-khau/", allauth.password_reset, name="account_reset_password"),
    path(
        "quen-mat-khau/ma/",
        allauth.confirm_password_reset_code,
        name="account_confirm_password_reset_code",
    ),
    path(
        "quen-mat-khau/mat-khau-moi/",
        allauth.complete_password_reset,
        name="account_complete_password_reset",
    ),
    path(
        "quen-mat-khau/xong/",
        allauth.password_reset_from_key_done,
        name="account_password_reset_completed",
    ),
    path("tai-khoan-bi-khoa/", allauth.account_inactive, name="account_inactive"),
    path("moi/<str:token>/", views.invitation, name="invitation"),
    path("toi/", views.me, name="me"),
    path("toi/tai-khoan/", views.account, name="account"),
    path("toi/mat-khau/", allauth.password_change, name="account_change_password"),
    path("toi/mat-khau/dat/", allauth.password_set, name="account_set_password"),
    path("toi/thu/", views.email, name="account_email"),
    path("toi/thu/ma/", views.email_code, name="account-email-code"),
]
