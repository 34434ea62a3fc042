"""A folder of many recipes: the shipped ones again and again, each time for other services."""

from __future__ import annotations

from pathlib import Path

SHIPPED = Path(__file__).parent.parent / "recipes"
BROKEN = "broken.yaml"
_SOURCES = ("glue", "kinesis", "quicksight", "looker", "atlas")


def write_recipes(folder: Path, count: int, *, broken: bool = False) -> None:
    """Write recipes that name the services of each other, as many as asked for.

    Args:
        folder: Where.
        count: How many, a multiple of five.
        broken: One more, with a mistyped key in line 9.
    """
    texts = {source: (SHIPPED / f"{source}.yaml").read_text(encoding="utf-8") for source in _SOURCES}
    for number in range(count // len(_SOURCES)):
        for source, text in texts.items():
            renamed = text
            for other in _SOURCES:
                renamed = renamed.replace(f"local_{other}", f"company_{number}_{other}")
            (folder / f"{number:03}_{source}.yaml").write_text(renamed, encoding="utf-8")
    if broken:
        text = texts["glue"].replace("local_glue", "broken").replace("awsAccessKeyId", "awsAccesKeyId")
        (folder / BROKEN).write_text(text, encoding="utf-8")
