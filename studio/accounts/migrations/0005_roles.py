from django.db import migrations


def give_roles(apps, schema_editor):
    """The three groups with what they allow, and everybody in one of them.

    Django makes permissions after all migrations; the one that is needed here is made now.
    """
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="accounts", model="user"
    )
    may_make, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename="make_videos",
        defaults={"name": "Can make and change videos, keys and webhooks"},
    )
    group = apps.get_model("auth", "Group").objects
    groups = {name: group.get_or_create(name=name)[0] for name in ("administrator", "member", "viewer")}
    for name in ("administrator", "member"):
        groups[name].permissions.add(may_make)
    for user in apps.get_model("accounts", "User").objects.all():
        is_administrator = user.is_staff or user.is_superuser
        user.groups.set([groups["administrator" if is_administrator else "member"]])
        user.is_staff = user.is_superuser = is_administrator
        user.save(update_fields=["is_staff", "is_superuser"])


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_people'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [
        migrations.RunPython(give_roles, migrations.RunPython.noop),
    ]
