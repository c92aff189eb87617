"""Looks at the folder that Rentman uploads into; it is asked nothing."""

import os
from pathlib import Path

from sync.diagnose.finding import Finding, fail, ok, warn
from sync.rentmanxml.folder import TAKEN, Folder, taken_at

DAY_S = 86_400


def look(root: Path, now: float) -> list[Finding]:
    if not root.is_dir() or not os.access(root, os.W_OK | os.X_OK):
        advice = "Set SYNC_XML_DIR to the folder of the uploads; files are moved out of it."
        return [fail("uploads", f"{root} is no folder that this user may write to", advice)]
    try:
        newest = Folder(root, 0).newest() if (root / TAKEN).exists() else ""  # we make nothing
    except OSError as error:
        return [
            fail(
                "uploads",
                f"{TAKEN}: {error.strerror}",
                "Mend the folder's rights, then look again.",
            )
        ]
    if not newest:
        return [warn("uploads", "none has been taken", "Ask for an upload of all properties.")]
    days = (now - taken_at(newest)) / DAY_S
    if days > 1:
        advice = "Is the upload still scheduled in Rentman? The site shows what it had."
        return [warn("uploads", f"the last was taken {days:.1f} days ago", advice)]
    return [ok("uploads", f"the last was taken {days * 24:.1f} hours ago")]
