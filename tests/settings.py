"""The product's own settings, in a directory of their own and with cheap passwords."""

import os
import tempfile

os.environ.setdefault("STUDIO_DATA_DIR", tempfile.mkdtemp(prefix="rushes-test-"))
os.environ.setdefault("STUDIO_PROVIDER_ORIGINS", "http://127.0.0.1:4010")

from studio.settings import *  # noqa: F403

STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True
