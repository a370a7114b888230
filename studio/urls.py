"""Every door of the studio: pages, sign-in, administration, API."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from studio.accounts import session_pages, signing

urlpatterns = [
    path("admin/", admin.site.urls),
    path("sign-in/", signing.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("settings/sessions/", session_pages.signed_in_at, name="sessions"),
    path("settings/sessions/end", session_pages.sign_out_there, name="end-sessions"),
    path("", include("videos.urls")),
]

handler400 = "studio.refused.bad_request"
