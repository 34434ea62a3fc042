"""Gzip and zlib, never unpacked beyond what was granted: a kilobyte of a bomb would fill the memory otherwise."""

from __future__ import annotations

import zlib
from typing import Literal

from ingest_assets.errors import InvalidAnswerError

GZIP_MAGIC = b"\x1f\x8b\x08"

Packing = Literal["gzip", "zlib"]

_WINDOWS: dict[Packing, int] = {"gzip": 31, "zlib": 15}  # zlib's words for "with this format's header and checksum"
_PIECE = 16 * 1024


class Allowance:
    """Bytes that may yet be unpacked of one record of a stream, all that is packed inside of it counted.

    Args:
        size: Bytes.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._left = size

    def unpack(self, data: bytes, packing: Packing) -> bytes:
        """What was packed; several gzip members after each other are one text, as for every reader of gzip.

        Raises:
            InvalidAnswerError: It is damaged or cut, or larger than what is left of the allowance.
        """
        unpacked, at = bytearray(), 0
        while at < len(data):
            at = self._member(data, at, packing, unpacked)
            while packing == "gzip" and data[at : at + 1] == b"\0":  # files may be padded with zeros
                at += 1
            if packing != "gzip" and at < len(data):
                raise InvalidAnswerError("something follows the data", where=packing)
        return bytes(unpacked)

    def _member(self, data: bytes, start: int, packing: Packing, unpacked: bytearray) -> int:
        """Where the member ends; read in small pieces, since zlib copies what is left of a piece behind a member."""
        member, at = zlib.decompressobj(_WINDOWS[packing]), start
        while not member.eof:
            piece = data[at : at + _PIECE]
            if not piece:
                raise InvalidAnswerError("the data is cut", where=packing)
            try:
                text = member.decompress(piece, self._left + 1)
            except zlib.error as error:
                raise InvalidAnswerError("the data is damaged", where=packing) from error
            if len(text) > self._left:
                self._left = 0
                raise InvalidAnswerError(f"more than {self._size} bytes unpacked", where=packing)
            self._left -= len(text)
            unpacked += text
            at += len(piece) - len(member.unused_data)
        return at
