"""The tokens that `aws sso login` left, by the profile that needs them. No value of them is kept."""

from __future__ import annotations

import contextlib
import os

from claude_auth.files import read_file
from claude_auth.formats.cloud_files import (
    NOT_THERE,
    cache_name,
    read_sections,
    read_sso_sessions,
    read_sso_token,
)
from claude_auth.model import AwsFiles, AwsSession, Snapshot
from claude_auth.security.sanitize import shown_value


def aws_sessions(aws: AwsFiles, home: str, now: float) -> tuple[AwsSession, ...]:
    """For every profile that signs in by single sign-on."""
    names = [name for name, profile in aws.profiles.items() if profile.provider == "sso"]
    content = read_file(aws.config_path).content if names else None
    if content is None:
        return ()
    sections, _ = read_sections(content, is_config=True)
    sessions = read_sso_sessions(content)
    found = []
    for name in names:
        keys = sections.get(name, {})
        session = keys.get("sso_session", "")
        key = session if session in sessions else keys.get("sso_start_url", "")
        if not key:
            continue
        path = os.path.join(home, ".aws", "sso", "cache", cache_name(key))
        cached = read_file(path).content
        token = NOT_THERE if cached is None else read_sso_token(cached) or NOT_THERE
        state = token.state(now, by_session=session in sessions)
        found.append(AwsSession(shown_value("profile", name, 80), state, path, token.expires_at))
    return tuple(found)


def aws_files_modified(snapshot: Snapshot) -> dict[str, float]:
    """When the credentials file and the tokens of sign-ins were last written."""
    found = {}
    for path in (snapshot.aws.credentials_path, *(session.path for session in snapshot.aws.sessions)):
        with contextlib.suppress(OSError, ValueError):
            found[path] = os.stat(path).st_mtime
    return found
