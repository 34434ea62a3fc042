from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.errors import RecipeError
from ingest_assets.recipe.document import Document, Mark, Tree, dotted, read_document

SCALARS = [
    "012345670123",
    "012",
    "1e3",
    "1_000",
    "0x1F",
    "0o17",
    "0b11",
    "yes",
    "No",
    "on",
    "true",
    "2024-01-01",
    "2024-01-01T00:00:00Z",
    "1:30:00",
    ".inf",
    "NaN",
    "-0",
    "+7",
    "=",
    "1.10",
]


SHIPPED = [path.read_text(encoding="utf-8") for path in (Path(__file__).parents[2] / "recipes").glob("*.yaml")]
PIECES = st.text(st.sampled_from(list("ab1 \n\t:-#'\"[]{},&*!|>%@`?\\~<=\u0085\u2028\ufeff\x07é")), max_size=4)


def read(folder: Path, content: str | bytes) -> Document:
    path = folder / "a.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_document(path)


def refusal(folder: Path, content: str | bytes) -> str:
    with pytest.raises(RecipeError) as caught:
        read(folder, content)
    return str(caught.value).replace(str(folder), "")


@pytest.mark.parametrize("scalar", SCALARS)
def test_a_scalar_keeps_its_own_text(tmp_path: Path, scalar: str) -> None:
    assert read(tmp_path, f"a:\n  - {scalar}\nb: {scalar}\n{scalar}: c\n").tree == {
        "a": [scalar],
        "b": scalar,
        scalar: "c",
    }


@pytest.mark.parametrize("scalar", ["", "~", "null", "NULL"])
def test_only_yaml_s_own_words_for_nothing_are_nothing(tmp_path: Path, scalar: str) -> None:
    assert read(tmp_path, f"a: {scalar}\nb: '{scalar}'\n").tree == {"a": None, "b": scalar}


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff"))
trees = st.recursive(
    st.sampled_from(SCALARS) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=15,
)


@given(tree=st.dictionaries(words, trees, min_size=1, max_size=4), flow=st.booleans())
def test_any_tree_of_texts_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, Tree], flow: bool
) -> None:
    written = yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=True)
    assert read(tmp_path_factory.mktemp("d"), written).tree == tree


def outcome(path: Path, *, libyaml: bool) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "__with_libyaml__", libyaml)
        try:
            document = read_document(path)
        except RecipeError as error:
            return str(error)
    return document.tree, document.marks


@given(
    text=st.sampled_from(SHIPPED),
    edits=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3), PIECES), max_size=4),
)
def test_libyaml_reads_what_pyyaml_reads_in_the_same_places(
    tmp_path_factory: pytest.TempPathFactory, text: str, edits: list[tuple[int, int, str]]
) -> None:
    for at, length, piece in edits:
        text = text[:at] + piece + text[at + length :]
    path = tmp_path_factory.getbasetemp() / "edited.yaml"
    path.write_bytes(text.encode())
    assert outcome(path, libyaml=True) == outcome(path, libyaml=False)


def test_every_key_has_its_line_and_column(tmp_path: Path) -> None:
    document = read(tmp_path, "a:\n  b: 1\n  c:\n    - x\n    - y\n")
    assert document.marks == {
        ("a",): Mark(1, 1),
        ("a", "b"): Mark(2, 3),
        ("a", "c"): Mark(3, 3),
        ("a", "c", 0): Mark(4, 7),
        ("a", "c", 1): Mark(5, 7),
    }
    assert document.where(("a", "c", 1)) == f"{document.path}:5: a.c[1]"
    assert document.where(("a", "missing", "deeper")) == f"{document.path}:1: a.missing.deeper"
    assert document.at(("a", "c", 1)) == "y"
    assert document.at(("a", "c", 9)) is None


def test_keys_are_written_with_dots_and_items_with_brackets() -> None:
    assert dotted(("a", "b", 0, "c")) == "a.b[0].c"


def test_a_key_given_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n") == (
        "/a.yaml:4: b.c: given twice (first in line 3).\n/a.yaml:5: a: given twice (first in line 1)."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "/a.yaml:1: the file is empty. A recipe has source, sink and workflowConfig."),
        ("# only a comment\n", "/a.yaml:1: the file is empty. A recipe has source, sink and workflowConfig."),
        (
            "\n- a\n- b\n",
            "/a.yaml:2: expected a mapping with source, sink and workflowConfig, got a list.",
        ),
        ("text", "/a.yaml:1: expected a mapping with source, sink and workflowConfig, got text."),
        ("a:\n\tb: 1\n", "/a.yaml:2: a tab at the start of a value or line. YAML indents with spaces only."),
        (b"a: 1\nb: \xff\xfe\n", "/a.yaml:2: not UTF-8 (byte 0xff). Save the file as UTF-8."),
        ("a: 1\nb: \x07\n", "/a.yaml:2: a control character that YAML does not allow."),
        ("a: !vault x\n", "/a.yaml:1: a: the YAML tag !vault has no meaning in a recipe."),
        ("a: &x\n  b: *x\n", "/a.yaml:1: a.b: an alias that contains itself."),
        ("a: 1\n? [b]\n: c\n", "/a.yaml:2: the top level: a key must be text."),
        ("a: &x\n  <<: *x\n", "/a.yaml:1: a: an alias that contains itself."),
        ('a: "\\UFFFFFFFF"\n', "/a.yaml:1: not YAML: an escape that stands for no character."),
        ("a:\n" + "".join(" " * n + "a:\n" for n in range(1, 400)), "/a.yaml:51: nested too deeply to be a recipe."),
        ("a: " + "[" * 5000 + "]" * 5000, "/a.yaml:1: nested too deeply to be a recipe."),
    ],
)
def test_what_is_no_recipe_is_refused_with_file_and_line(tmp_path: Path, content: str | bytes, message: str) -> None:
    assert refusal(tmp_path, content) == message


@pytest.mark.parametrize(
    ("content", "line"),
    [("a: [1, 2\n", 2), ("a: 1\n b: 2\n", 2), ("a: 'x\n", 2), ("a: *b\n", 1), ("a: 1\n---\nb: 2\n", 2)],
)
def test_bad_syntax_is_refused_with_its_line(tmp_path: Path, content: str | bytes, line: int) -> None:
    assert refusal(tmp_path, content).startswith(f"/a.yaml:{line}: not YAML: ")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"none\.yaml: can't be read: No such file"):
        read_document(tmp_path / "none.yaml")


def test_a_folder_is_no_recipe(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="can't be read: Is a directory"):
        read_document(tmp_path)


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    with pytest.raises(RecipeError, match="more than 1048576 bytes; not a recipe"):
        read_document(Path("/dev/zero"))


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_every_line_end_of_an_editor_will_do(tmp_path: Path, end: str) -> None:
    document = read(tmp_path, end.join(["a:", "  b: 1", "  c: 'x'", ""]))
    assert document.tree == {"a": {"b": "1", "c": "x"}}
    assert document.line_of(("a", "c")) == 3


def test_of_very_many_problems_the_first_are_told(tmp_path: Path) -> None:
    lines = refusal(tmp_path, "a: 1\n" * 1000).splitlines()
    assert len(lines) == 51
    assert lines[-1] == "These are the first 50 problems; there are more."


def test_merges_of_merges_do_not_grow_without_end(tmp_path: Path) -> None:
    chain = ["a0: &a0 {k: v}", *(f"a{n}: &a{n} {{<<: *a{n - 1}}}" for n in range(1, 300))]
    assert "nested too deeply" in refusal(tmp_path, "\n".join(chain))
    assert "more than 50000 values" in refusal(tmp_path, f"e: &e {{}}\nm:\n  <<: [{', '.join(['*e'] * 60_000)}]\n")


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert read(tmp_path, "a: 1".encode("utf-8-sig")).tree == {"a": "1"}


def test_anchors_and_merges_work_and_own_keys_win(tmp_path: Path) -> None:
    document = read(tmp_path, "a: &x\n  k: 1\n  l: 2\nb:\n  <<: *x\n  l: 3\nc: *x\n")
    assert document.tree == {"a": {"k": "1", "l": "2"}, "b": {"k": "1", "l": "3"}, "c": {"k": "1", "l": "2"}}
    assert document.marks["b", "l"].line == 6


def test_nested_aliases_do_not_grow_without_end(tmp_path: Path) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert "more than 50000 values" in refusal(tmp_path, "\n".join(levels))


def test_nesting_without_end_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "[" * 5000) == "/a.yaml:1: nested too deeply to be a recipe."
