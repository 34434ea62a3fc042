"""Looker's answers as looker-sdk's models.

looker-sdk's own reader tells its converter, which is one for the whole process, the same rule anew with each answer.
The converter keeps every one and forgets what it has learnt of the models: each answer took longer than the one before,
after three hundred of them by some twenty milliseconds.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any, ForwardRef

from cattrs import Converter
from cattrs.cols import is_sequence, list_structure_factory
from looker_sdk.rtl import serialize
from looker_sdk.sdk.api40 import models


def reader() -> partial[Any]:
    """What looker-sdk reads answers with (``deserialize``), with a converter of its own."""
    converter = serialize.converter40.copy()
    converter.register_structure_hook_factory(is_sequence, list_structure_factory)
    # What models hold of models goes through this converter as well, and not through looker-sdk's.
    within = partial(serialize.forward_ref_structure_hook, vars(models), converter)
    converter.register_structure_hook_func(lambda kind: kind.__class__ is ForwardRef, within)
    return partial(_read, converter)


def _read(converter: Converter, *, data: str, structure: Any) -> Any:
    """An answer.

    Raises:
        DeserializeError: It is no JSON, or not of that structure.
    """
    try:
        return converter.structure(json.loads(data), structure)
    except (json.JSONDecodeError, TypeError, AttributeError) as error:
        raise serialize.DeserializeError(f"Bad data ({type(error).__name__}).") from error
