"""Where the supervisor's socket is: both sides work it out from the wanted path."""

import os
from pathlib import Path

# sockaddr_un has 104 bytes on macOS, 108 on Linux, the closing zero included.
_LONGEST_BYTES = 103


def socket_path(wanted: Path) -> Path:
    """`wanted`, or where that is too long for a socket a short path of its own in the temporary folder."""
    if len(os.fsencode(wanted)) <= _LONGEST_BYTES:
        return wanted
    # Imported here because this is rare, and an idle engine is to be small.
    import hashlib
    import tempfile

    digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:12]
    return Path(tempfile.gettempdir(), f"patchbay-{os.getuid()}", f"{digest}.sock")


def own_folder(path: Path) -> None:
    """Make the socket's folder if it is missing; raises PermissionError if it belongs to somebody else."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.parent.stat().st_uid != os.getuid():
        raise PermissionError(f"{path.parent} belongs to another user")
