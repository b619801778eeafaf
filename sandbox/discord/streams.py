"""Transport compression of the gateway: one context for the whole connection, each payload ending in a flush.

https://docs.discord.com/developers/events/gateway#transport-compression
"""

from __future__ import annotations

import importlib
import importlib.util
import zlib
from collections.abc import Callable

Encode = Callable[[str], str | bytes]


def encoder(compress: str | None) -> Encode | None:
    """For the query parameter `compress` of a connection; None when the sandbox has no such compression."""
    if compress is None:
        return lambda text: text
    makers = {"zlib-stream": _zlib_stream, "zstd-stream": _zstd_stream}
    return makers[compress]() if compress in makers else None


def _zlib_stream() -> Encode:
    context = zlib.compressobj()
    return lambda text: context.compress(text.encode()) + context.flush(zlib.Z_SYNC_FLUSH)


def _zstd_stream() -> Encode | None:
    """Python has it from 3.14 on, and there discord.py asks for it."""
    if importlib.util.find_spec("compression") is None:
        return None
    context = importlib.import_module("compression.zstd").ZstdCompressor()
    return lambda text: bytes(context.compress(text.encode()) + context.flush(context.FLUSH_BLOCK))
