"""The projects of a person: create, rename, share, delete. Their videos are in the library."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from videos import shelving
from videos.models import Project

from .doors import done, signed_in, user_of


@require_safe
@signed_in
def projects(request: HttpRequest) -> HttpResponseBase:
    """The page: every project with the number of its videos, and those that others share."""
    shown, user = Q(videos__deleted_at=None, videos__trashed_at=None), user_of(request)
    count = Count("videos", filter=shown)
    context = {
        "projects": Project.objects.filter(owner=user).annotate(count=count),
        "shared": Project.objects.shared_with(user).annotate(count=count),
    }
    return render(request, "videos/projects.html", context)


@require_POST
@signed_in
def create(request: HttpRequest) -> HttpResponseBase:
    """A new project."""
    return _named(request, Project(owner=user_of(request)))


@require_POST
@signed_in
def rename(request: HttpRequest, project_id: int) -> HttpResponseBase:
    """Another name for it."""
    return _named(request, _find(request, project_id))


@require_POST
@signed_in
def share(request: HttpRequest, project_id: int) -> HttpResponseBase:
    """Let everybody here see it (`on` is 1), or nobody any more."""
    project = _find(request, project_id)
    if request.POST.get("on") == "1":
        shelving.share(project)
        return done(request, _("Everybody here sees “%(name)s” now.") % {"name": project.name})
    shelving.unshare(project)
    return done(request, _("“%(name)s” is yours alone again.") % {"name": project.name})


@require_POST
@signed_in
def delete(request: HttpRequest, project_id: int) -> HttpResponseBase:
    """Away with it; its videos stay."""
    project = _find(request, project_id)
    shelving.dissolve(project)
    return done(request, _("“%(name)s” is deleted; its videos stay.") % {"name": project.name})


def _named(request: HttpRequest, project: Project) -> HttpResponseBase:
    """Save it under the name that is typed, unless there is none or another one has it."""
    project.name = " ".join(request.POST.get("name", "").replace("\0", "").split())[:80]
    if not project.name:
        return done(request, _("A project needs a name."))
    try:
        with transaction.atomic():
            project.save()
    except IntegrityError:
        return done(request, _("You have a project “%(name)s” already.") % {"name": project.name})
    return done(request)


def _find(request: HttpRequest, project_id: int) -> Project:
    found = Project.objects.filter(owner=user_of(request), pk=project_id).first()
    if found is None:
        raise Http404
    return found
