"""Every door of the studio: people, administration, pages and API of videos."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("studio.accounts.urls")),
    path("", include("videos.urls")),
]

handler400 = "studio.refused.bad_request"
