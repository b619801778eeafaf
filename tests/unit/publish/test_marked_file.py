"""Somebody's file, in which only the part between the markers is ours."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from bot.publish.marked_file import END, START, NotPlaced, place

INSIDE = f"{START}\n\nnew\nlist\n\n{END}".encode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "README.md"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"# Lab\n\n", b"\nbelow\n"),
        (b"", b""),
        (b"\xef\xbb\xbf# Lab \xe9 not UTF-8 \t ", b" no line break at the end"),
    ],
    ids=["text around", "nothing around", "odd bytes around"],
)
def test_only_what_stands_between_the_markers_is_replaced(file: Path, before: bytes, after: bytes) -> None:
    file.write_bytes(before + f"{START} old {END}".encode() + after)
    for _ in range(2):
        place(file, "new\nlist")
        assert file.read_bytes() == before + INSIDE + after


def test_lines_end_as_the_others_of_the_file_do(file: Path) -> None:
    file.write_bytes(f"# Lab\r\n{START}{END}\r\n".encode())
    place(file, "new\nlist")
    assert file.read_bytes() == b"# Lab\r\n" + INSIDE.replace(b"\n", b"\r\n") + b"\r\n"


@pytest.mark.parametrize(("content", "gap"), [(b"", b""), (b"# Lab", b"\n\n"), (b"# Lab\n", b"\n")])
def test_markers_that_are_missing_are_added_at_the_end(file: Path, content: bytes, gap: bytes) -> None:
    file.write_bytes(content)
    place(file, "new\nlist")
    assert file.read_bytes() == content + gap + INSIDE + b"\n"


def test_a_file_that_is_missing_is_made(file: Path) -> None:
    place(file, "new\nlist")
    assert file.read_bytes() == INSIDE + b"\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (f"a {START} b", f"has {START} but no {END}"),
        (f"a {END} b", f"has {END} but no {START}"),
        (f"{END} a {START}", f"{END} stands before {START}"),
        (f"{START}{END}{START}", f"more than one {START}"),
        (f"{START}{END}{END}", f"more than one {END}"),
    ],
)
def test_odd_markers_are_named_and_the_file_stays(file: Path, content: str, sentence: str) -> None:
    file.write_text(content, encoding="utf-8")
    with pytest.raises(NotPlaced) as caught:
        place(file, "new")
    assert sentence in str(caught.value)
    assert file.read_text(encoding="utf-8") == content


def test_a_file_of_another_encoding_stays(file: Path) -> None:
    content = "# Lab\n".encode("utf-16")
    file.write_bytes(content)
    with pytest.raises(NotPlaced, match="UTF-8"):
        place(file, "new")
    assert file.read_bytes() == content


def test_a_read_only_file_stays(file: Path) -> None:
    file.write_text("# Lab\n", encoding="utf-8")
    file.chmod(0o444)
    with pytest.raises(NotPlaced, match=r"README\.md is read-only"):
        place(file, "new")
    assert file.read_text(encoding="utf-8") == "# Lab\n"


def test_a_file_in_a_read_only_folder_stays(file: Path) -> None:
    file.write_text("# Lab\n", encoding="utf-8")
    file.parent.chmod(0o555)
    try:
        with pytest.raises(NotPlaced, match=r"The folder of .*README\.md is read-only"):
            place(file, "new")
    finally:
        file.parent.chmod(0o755)
    assert file.read_text(encoding="utf-8") == "# Lab\n"


@pytest.mark.parametrize(
    ("name", "sentence"), [(".", "is a folder"), ("nowhere/README.md", "does not exist"), ("n" * 300, "could not be written")]
)
def test_where_no_file_can_be_is_said(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(NotPlaced, match=sentence):
        place(tmp_path / name, "new")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o600, 0o664])
def test_who_may_read_the_file_stays_as_it_is(file: Path, mode: int) -> None:
    file.write_text("# Lab\n", encoding="utf-8")
    file.chmod(mode)
    place(file, "new")
    assert stat.S_IMODE(file.stat().st_mode) == mode


@pytest.mark.skipif(os.name == "nt", reason="Windows lets few people make links")
def test_a_link_stays_a_link(tmp_path: Path, file: Path) -> None:
    real = tmp_path / "real.md"
    real.write_text("# Lab\n", encoding="utf-8")
    file.symlink_to(real)
    place(file, "new\nlist")
    assert file.is_symlink()
    assert real.read_bytes() == b"# Lab\n\n" + INSIDE + b"\n"


def test_writing_that_fails_leaves_the_old_file_and_nothing_beside_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("# Lab\n", encoding="utf-8")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotPlaced, match="No space left on device"):
        place(file, "new")
    assert file.read_text(encoding="utf-8") == "# Lab\n"
    assert list(file.parent.iterdir()) == [file]
