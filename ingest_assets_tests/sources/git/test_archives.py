"""Archives, of which anything may be said and nothing believed."""

from __future__ import annotations

import gzip
import io
import itertools
import tarfile
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_assets.errors import InvalidAnswerError, RejectedError, RemoteError
from ingest_assets.sources.git.archives import read_archive
from ingest_assets.sources.git.files import Files, LeftOut, Limits, fault_of
from ingest_assets_tests.sources.git.memory import lkml

COMMIT = "c" * 40
ROOT = "norrpost-blocks-ccccccc"
SMALL = Limits(download=100_000, whole=1_000_000, kept=50_000, file=20_000, entries=100, odd=10)


def member(name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, len(content)
    return info


def packed(*entries: tuple[tarfile.TarInfo, bytes], commit: str = COMMIT, form: int = tarfile.PAX_FORMAT) -> bytes:
    plain = io.BytesIO()
    headers = {"comment": commit} if form == tarfile.PAX_FORMAT else {}
    with tarfile.open(fileobj=plain, mode="w", format=form, pax_headers=headers) as archive:
        archive.addfile(member(ROOT, kind=tarfile.DIRTYPE))
        for info, content in entries:
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), mtime=0)


def of(**files: bytes) -> bytes:
    return packed(*((member(f"{ROOT}/{name}", content), content) for name, content in files.items()))


def pieces(content: bytes, size: int = 1_000) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def read(content: bytes, limits: Limits = SMALL, size: int = 1_000) -> Files:
    return read_archive(pieces(content, size), COMMIT, lkml, limits, "a test")


names = st.lists(
    st.text(st.characters(exclude_characters="/\\:\0", exclude_categories=["C", "Z"]), min_size=1, max_size=80).filter(
        lambda part: part not in (".", "..")
    ),
    min_size=1,
    max_size=4,
).map("/".join)


@settings(max_examples=60, deadline=None)
@given(
    files=st.dictionaries(names.map(lambda name: f"{name}.lkml"), st.binary(max_size=3_000), max_size=8),
    size=st.integers(1, 5_000),
    form=st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]),
)
def test_what_was_packed_is_read_in_whatever_pieces_it_comes(files: dict[str, bytes], size: int, form: int) -> None:
    content = packed(*((member(f"{ROOT}/{name}", data), data) for name, data in files.items()), form=form)
    found = read(content, size=size)
    assert dict(found) == files
    assert found.left_out == ()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_archive_is_refused_or_read_right_and_never_read_in_part(data: st.DataObject) -> None:
    files = {"a.lkml": bytes(range(256)) * 20, "b.lkml": b"# b\n" * 50}
    content = bytearray(of(**files))
    match data.draw(st.sampled_from(["cut", "flip", "drop"])):
        case "cut":
            content = content[: data.draw(st.integers(0, len(content) - 1))]
        case "flip":
            content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        case _:
            del content[data.draw(st.integers(0, len(content) - 1))]
    try:
        found = read(bytes(content))
    except RemoteError:
        return
    assert dict(found) == files


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_tar_whose_bytes_were_changed_and_packed_again_ends_in_files_or_an_error_of_ours(data: st.DataObject) -> None:
    plain = bytearray(gzip.decompress(of(**{"a.lkml": b"view: a {}\n", "b.lkml": b"# b\n"})))
    for _ in range(data.draw(st.integers(1, 4))):
        plain[data.draw(st.integers(0, 6_000))] = data.draw(st.integers(0, 255))
    try:
        found = read(gzip.compress(bytes(plain)))
    except RemoteError:
        return
    assert not any(fault_of(path) for path in found)


@pytest.mark.parametrize("place", [0, 100, 148, 156, 257])
def test_a_header_in_the_middle_that_is_damaged_is_not_the_end(place: int) -> None:
    plain = bytearray(gzip.decompress(of(**{"a.lkml": b"# a", "b.lkml": b"# b"})))
    second = plain.index(f"{ROOT}/b.lkml".encode())
    plain[second + place] ^= 0xFF
    with pytest.raises(InvalidAnswerError):
        read(gzip.compress(bytes(plain)))


@pytest.mark.parametrize("blocks", range(8))
def test_an_archive_that_was_cut_before_it_was_packed_is_refused(blocks: int) -> None:
    plain = gzip.decompress(of(**{"a.lkml": b"# a", "b.lkml": b"# b"})).rstrip(b"\0")
    whole = plain + bytes(-len(plain) % 512)
    with pytest.raises(InvalidAnswerError):
        read(gzip.compress(whole[: len(whole) - blocks * 512]))


@given(st.binary(max_size=600))
def test_bytes_that_are_no_archive_are_refused(content: bytes) -> None:
    with pytest.raises(InvalidAnswerError):
        read(content)
    with pytest.raises(InvalidAnswerError):
        read(gzip.compress(b"x" + content))


@pytest.mark.parametrize(
    "name",
    [
        "../a.lkml", "/etc/a.lkml", f"{ROOT}/../a.lkml", f"{ROOT}/b/../../a.lkml", f"{ROOT}//a.lkml",
        f"{ROOT}/./a.lkml", f"{ROOT}/b\\a.lkml", "C:/a.lkml", "other/a.lkml", f"{ROOT}x/a.lkml", f"{ROOT}/a\n.lkml",
    ],
)  # fmt: skip
def test_a_name_that_is_none_is_left_out_and_told(name: str) -> None:
    good = member(f"{ROOT}/good.lkml", b"# good")
    found = read(packed((member(name, b"bad"), b"bad"), (good, b"# good")))
    assert dict(found) == {"good.lkml": b"# good"}
    assert [each.path for each in found.left_out] == [name]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (tarfile.SYMTYPE, "a link"),
        (tarfile.LNKTYPE, "a link"),
        (tarfile.CHRTYPE, "no file but a device, a pipe or the like"),
        (tarfile.BLKTYPE, "no file but a device, a pipe or the like"),
        (tarfile.FIFOTYPE, "no file but a device, a pipe or the like"),
    ],
)
def test_what_is_no_file_is_left_out_and_told_where_it_is_wanted(kind: bytes, reason: str) -> None:
    entries = [(member(f"{ROOT}/{name}", kind=kind, link="/etc/passwd"), b"") for name in ("a.lkml", "a.png")]
    assert read(packed(*entries)).left_out == (LeftOut("a.lkml", reason),)


def test_a_name_that_comes_twice_is_refused() -> None:
    twice = [(member(f"{ROOT}/a.lkml", content), content) for content in (b"1", b"2")]
    with pytest.raises(InvalidAnswerError, match=r"'a\.lkml' twice"):
        read(packed(*twice))


def test_an_archive_of_another_commit_is_refused() -> None:
    with pytest.raises(InvalidAnswerError, match="it is of the commit 'ddd"):
        read(packed(commit="d" * 40))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (of(**{"a.png": bytes(1_100_000)}), "unpacked it has more than 1,000,000 bytes"),
        (of(**{f"{number}.lkml": bytes(19_000) for number in range(3)}), "wanted files have more than 50,000 bytes"),
        (of(**{f"{number}.png": b"" for number in range(101)}), "more than 100 entries"),
        (packed(*((member(f"/{number}"), b"") for number in range(11))), "more than 10 of its entries can't be read"),
        (of(**{"a.png": bytes(range(256)) * 3_000})[:-8] + bytes(100_000), "archive has more than|damaged"),
    ],
)
def test_what_is_too_much_is_refused(content: bytes, what: str) -> None:
    with pytest.raises(RemoteError, match=what):
        read(content)


def test_a_download_that_does_not_end_is_refused() -> None:
    header, empty_blocks = gzip.compress(b"")[:10], b"\x00\x00\x00\xff\xff" * 1_000
    endless = itertools.chain([header], itertools.repeat(empty_blocks))
    with pytest.raises(RejectedError, match="its archive has more than 100,000 bytes"):
        read_archive(endless, COMMIT, lkml, SMALL, "a test")


def test_a_header_that_says_that_it_is_huge_is_refused_before_it_is_read() -> None:
    header = member("x", kind=tarfile.XHDTYPE)
    header.size = 900_000_000
    content = gzip.compress(header.tobuf() + bytes(4_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(InvalidAnswerError, match="longer than headers are"):
            read(content, Limits())
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


def test_a_bomb_is_refused_without_being_held_in_memory() -> None:
    tracemalloc.start()
    try:
        plain = io.BytesIO()
        with gzip.GzipFile(fileobj=plain, mode="wb", mtime=0) as zipped:
            zipped.write(member(ROOT, kind=tarfile.DIRTYPE).tobuf())
            bomb = member(f"{ROOT}/bomb.png")
            bomb.size = 60_000_000
            zipped.write(bomb.tobuf())
            for _ in range(60):
                zipped.write(bytes(1_000_000))
        tracemalloc.reset_peak()
        with pytest.raises(RejectedError, match="unpacked it has more than 50,000,000 bytes"):
            read(plain.getvalue(), SMALL._replace(whole=50_000_000))
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()
