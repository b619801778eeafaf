"""A text file of somebody else's, in which the part between two markers is ours."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from bot.errors import BotError

START = "<!-- ARXIV_PAPERS_START -->"
END = "<!-- ARXIV_PAPERS_END -->"

_NEW_FILE = 0o644


class NotPlaced(BotError):
    """The file stands as it stood; the sentence says what is wrong with it."""


def place(path: Path, text: str) -> None:
    """Put `text` between the markers; both are added at the end where absent, and so is the file. Raises NotPlaced.

    All or nothing: whoever reads the file, or is left with it by a power cut, has the old one or the new one whole.
    """
    target = path.resolve()  # of a link, what it leads to; replacing the link itself would leave that behind
    try:
        _refuse_what_is_closed(target, path)
        content = target.read_bytes() if target.exists() else b""
        _replace(target, between_markers(content, text, path))
    except OSError as error:
        raise NotPlaced(f"The list could not be written to {path}: {error.strerror}.") from error


def between_markers(content: bytes, text: str, path: Path) -> bytes:
    """Not a byte outside the markers changes; the lines inside end as the others do. `path` is for the sentence of NotPlaced."""
    newline = "\r\n" if b"\r\n" in content else "\n"
    inside = newline.join(["", "", *text.splitlines(), "", ""]).encode()
    if b"\0" in content:
        raise NotPlaced(f"{path} is not UTF-8 text; save it again with that encoding.")
    start, end = START.encode(), END.encode()
    if start not in content and end not in content:
        return content + _gap(content, newline) + start + inside + end + newline.encode()
    _refuse_odd_markers(content.count(start), content.count(end), path)
    before, _, rest = content.partition(start)
    _, found, after = rest.partition(end)
    if not found:
        raise NotPlaced(f"In {path}, {END} stands before {START}; put them the other way round.")
    return before + start + inside + end + after


def _gap(content: bytes, newline: str) -> bytes:
    """Between what is there and the first marker: one empty line."""
    if not content:
        return b""
    return newline.encode() * (1 if content.endswith(b"\n") else 2)


def _refuse_odd_markers(starts: int, ends: int, path: Path) -> None:
    if starts > 1 or ends > 1:
        raise NotPlaced(f"{path} has more than one {START if starts > 1 else END}; keep one pair.")
    if starts != ends:
        there, missing = (START, END) if starts else (END, START)
        raise NotPlaced(f"{path} has {there} but no {missing}; add it, or remove the other for both to be put at the end.")


def _refuse_what_is_closed(target: Path, path: Path) -> None:
    """Asked of the permissions: replacing a file needs none of its own, and an administrator may write anywhere."""
    if target.is_dir():
        raise NotPlaced(f"{path} is a folder; name a file in it.")
    if not target.parent.is_dir():
        raise NotPlaced(f"The folder of {path} does not exist; make it, or name another file.")
    for place, kind in ((target, path), (target.parent, f"The folder of {path}")):
        if place.exists() and not (place.stat().st_mode & 0o222 and os.access(place, os.W_OK)):
            raise NotPlaced(f"{kind} is read-only; the list was not written. Allow this user to write there.")


def _replace(target: Path, content: bytes) -> None:
    """By a file beside it, complete on the disk before it takes the name."""
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else _NEW_FILE
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".arxiv-daily-")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(mode)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
