"""Templates: what may stand in them, and what comes out."""

from __future__ import annotations

import pytest

from caesura.rules import template
from caesura.rules.template import BadTemplate, CannotRender, Missing, Template

BOMBS = {
    "a loop": "{% for a in range(10**9) %}x{% endfor %}",
    "mul": "{{ 'a' * 10**9 }}",
    "pow": "{{ 9 ** 9 ** 9 }}",
    "a call": "{{ cycler('a') }}",
    "a macro": "{% macro m() %}{{ m() }}{% endmacro %}",
    "an assignment": "{% set x = 1 %}",
    "an include": "{% include '/etc/passwd' %}",
    "an import": "{% import 'os' as o %}",
    "list": "{{ [1] }}",
    "filter": "{{ x|replace('a', 'aa')|replace('a', 'aa') }}",
    "filter 'center'": "{{ x|center(999999999) }}",
    "filter 'format'": "{{ '%999999999d'|format(1) }}",
    "An attribute is named": "{{ ''.__class__.__mro__ }}",
    "'self'": "{{ self }}",
    "'contact'": "{{ contact }}",
    "nested too deeply": "{{" + "(" * 3000,
    "at most": "x" * (template.SOURCE_MAX + 1),
    "empty": " \n ",
}


def test_attributes_stand_in_for_their_names() -> None:
    made = Template('Hi {{ first_name|title }}, order {{ contact["Order No"] }}')
    assert made.render({"first_name": "ann", "Order No": "7"}) == "Hi Ann, order 7"
    assert made.names == ["Order No", "first_name"]


def test_a_condition_asks_for_an_attribute_without_needing_it() -> None:
    made = Template("Hi{% if first_name %} {{ first_name }}{% endif %}!")
    assert made.render({}) == "Hi!"
    assert made.render({"first_name": "Ann"}) == "Hi Ann!"


@pytest.mark.parametrize("lacking", [{}, {"a": "", "b": " "}, {"a": None}])
def test_all_missing_attributes_are_named_and_a_blank_one_is_missing(
    lacking: dict[str, str | None],
) -> None:
    with pytest.raises(Missing, match="missing attribute: a, b") as missing:
        Template("{{ a|upper }} {{ b }} {{ a }}").render(lacking)
    assert missing.value.names == ["a", "b"]


def test_what_is_missing_may_have_a_stand_in() -> None:
    assert Template("Hi {{ a|title }}").render({}, missing="friend") == "Hi Friend"
    assert Template("Hi {{ a|default('you') }}").render({}) == "Hi you"


@pytest.mark.parametrize(("said", "source"), BOMBS.items())
def test_nothing_dangerous_or_endless_can_stand_in_a_template(said: str, source: str) -> None:
    with pytest.raises(BadTemplate, match=said):
        Template(source)


@pytest.mark.parametrize(
    ("source", "line"),
    [("a\n{{ x", 2), ("a\nb\n{% if x %}", 3), ("{{ x }", 1), ("\n{{ x|nothing }}", 2)],
)
def test_a_mistake_is_told_by_its_line(source: str, line: int) -> None:
    with pytest.raises(BadTemplate) as bad:
        Template(source)
    assert bad.value.line == line
    assert str(bad.value).startswith(f"line {line}: ")


def test_an_attribute_is_never_a_part_of_this_program() -> None:
    with pytest.raises(Missing):
        Template("{{ contact.items }}").render({})
    assert Template("{{ contact.items }}").render({"items": "3"}) == "3"


def test_an_attribute_is_text_and_no_template_itself() -> None:
    assert Template("{{ a }}").render({"a": "{{ b }} <b>"}) == "{{ b }} <b>"


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(CannotRender, match="20,000 characters"):
        Template("{{ a }}{{ a }}").render({"a": "x" * 10_000})
