import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.recipe.resolver import Resolver
from ingest_assets.recipe.variables import Reference, Template, parse_template


def resolved(text: str, **environ: str) -> str:
    return Resolver(environ).text(parse_template(text), "a.yaml:1: key")


@given(st.text())
def test_an_escaped_text_stands_for_itself(text: str) -> None:
    assert resolved(text.replace("${", "$${")) == text


names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
plain = st.text(max_size=8).filter(lambda text: "${" not in text and not text.endswith("$"))


@given(st.lists(st.tuples(plain, names, plain), max_size=4), plain)
def test_each_reference_is_replaced_and_the_rest_is_kept(pieces: list[tuple[str, str, str]], end: str) -> None:
    environ = {name: value for _, name, value in pieces}
    text = "".join(f"{before}${{{name}}}" for before, name, _ in pieces) + end
    expected = "".join(before + environ[name] for before, name, _ in pieces) + end
    assert resolved(text, **environ) == expected


@given(st.text())
def test_a_value_is_never_read_as_a_reference_again(value: str) -> None:
    assert resolved("${A}${B:-x}", A=value, B=value or "x") == value + (value or "x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A}", "1"),
        ("x${A}y${A}", "x1y1"),
        ("${NONE:-default}", "default"),
        ("${EMPTY:-default}", "default"),
        ("${EMPTY}", ""),
        ("${NONE:-}", ""),
        ("${NONE:-a:b/c d}", "a:b/c d"),
        ("${NONE:-${A}}", "1"),
        ("${NONE:-${ALSO_NONE:-x${A}}y}z", "x1yz"),
        ("${NONE:-{a}}", "{a}"),
        ("$A $$ {A} $", "$A $$ {A} $"),
        ("$${A}", "${A}"),
        ("$$${A}", "$${A}"),
        ("${NONE:-$${A}}", "${A}"),
        ("https://${HOST}:${PORT:-8585}/api", "https://h:8585/api"),
    ],
)
def test_references_stand_anywhere_in_a_text(text: str, expected: str) -> None:
    assert resolved(text, A="1", EMPTY="", HOST="h") == expected


def test_files_and_secrets_are_read_as_such() -> None:
    assert parse_template("a${file:/run/s}${aws-secretsmanager:arn:aws:x#k}") == Template(
        (
            "a",
            Reference("file", "/run/s"),
            Reference("aws-secretsmanager", "arn:aws:x", json_key="k"),
        )
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${A", r"without its }"),
        ("x${A:-${B}", r"without its }"),
        ("${}", r"is no reference"),
        ("${1A}", r"is no reference"),
        ("${A B}", r"is no reference"),
        ("${A-b}", r"is no reference"),
        ("${A:?b}", r"is no reference"),
        ("${fille:/x}", r"\$\{fille:\.\.\.\} is not known\. Did you mean file\?"),
        ("${vault:x}", r"is not known\. Known are file, aws-secretsmanager\."),
        ("${file:x}", r"needs an absolute path"),
        ("${aws-secretsmanager:}", r"needs the name or ARN"),
        ("${aws-secretsmanager:#k}", r"needs the name or ARN"),
        ("${A:-" * 30 + "}" * 30, r"nested too deeply"),
    ],
)
def test_what_is_no_reference_is_refused_with_what_is_possible(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_template(text)


@given(st.text(alphabet="${}:-AfB/ "))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        template = parse_template(text)
    except ValueError:
        return
    list(template.references())


def test_references_in_defaults_count() -> None:
    references = parse_template("${A:-${B:-x}}").references()
    assert [reference.name for reference in references] == ["A", "B"]
