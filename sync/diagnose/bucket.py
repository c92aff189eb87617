"""Looks at the bucket where finished pictures are kept, if there is one."""

from pathlib import Path

from sync.diagnose.finding import Finding, fail, ok
from sync.media.bucket import Bucket
from sync.media.errors import MediaFailedError
from sync.media.store import Directory

ADVICE = (
    "Check SYNC_MEDIA_URL and the AWS_* variables: keys, region, endpoint, and the right to list, "
    "write and delete there."
)


def look(url: str, workspace: Path) -> list[Finding]:
    """Asked as the daemon asks. A probe is written and removed; `workspace` is left alone."""
    if not url:
        return []
    try:
        kept = Bucket(url, Directory(workspace)).check()
    except MediaFailedError as error:  # its text may quote a signed request
        return [fail("bucket", f"{url}: {type(error.__cause__).__name__}", ADVICE)]
    return [ok("bucket", f"{url}: writable, {kept} pictures and documents")]
