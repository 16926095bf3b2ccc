"""The text of a message: a template with the contact's attributes filled in.

    Hello {{ first_name }}, your order {{ contact["Order No"] }} is ready.

The engine is Jinja's sandbox, cut down further by a list of what may stand in a template at all
(`_ALLOWED`): values, filters of `FILTERS`, conditions. No loop, no call, no arithmetic, no macro.
So a template's time and size are bounded by its own length and that of the attributes, and nothing
of this program can be reached from it.

An attribute is missing if the contact has none of that name, or a blank one. What then happens is
the caller's policy (`missing`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import Any

from jinja2 import TemplateSyntaxError, Undefined, nodes
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

SOURCE_MAX = 5_000  # characters of a template
TEXT_MAX = 10_000  # characters of what comes out; an SMS is far below

# What may be done to a value. None of them makes text longer by more than it was given.
FILTERS = frozenset(
    {"capitalize", "d", "default", "first", "int", "last", "length", "lower", "round", "string"}
    | {"title", "trim", "truncate", "upper"}
)
_TESTS = frozenset({"defined", "undefined", "none"})
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Filter,
    nodes.Test,
    nodes.Keyword,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
)
_SAID = {
    nodes.For: "a loop",
    nodes.Call: "a call",
    nodes.Macro: "a macro",
    nodes.Assign: "an assignment",
    nodes.Include: "an include",
    nodes.Import: "an import",
}


# Names that the engine gives a meaning of its own, and the contact as a whole.
_NOT_SHOWN = ("self", "loop", "contact")


class BadTemplate(ValueError):
    """A template that cannot be used: where (`line`, from 1) and why, for the person."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


class CannotRender(ValueError):
    """There is no text for this contact; the message says why, in a few words."""


class Missing(CannotRender):
    """The contact lacks attributes that the template needs, by name in the order of their use."""

    def __init__(self, names: list[str]) -> None:
        super().__init__("missing attribute: " + ", ".join(names))
        self.names = names


class Template:
    """A template that was checked. Made once for each text (`compiled`), rendered for each lead."""

    def __init__(self, source: str) -> None:
        """Raises BadTemplate, with the line."""
        _check_length(source)
        self.source = source
        self._lacking: list[str] = []  # of the rendering under way
        self._missing: str | None = None  # what stands in for a missing attribute, if anything
        environment = _Environment(undefined=_undefined(self._lack), autoescape=False, cache_size=0)
        environment.globals.clear()
        environment.filters = {
            name: _bounded(name, function)
            for name, function in environment.filters.items()
            if name in FILTERS
        }
        environment.tests = {n: t for n, t in environment.tests.items() if n in _TESTS}
        try:
            parsed = environment.parse(source)
            _check(parsed)
            self._template = environment.from_string(parsed)
        except TemplateSyntaxError as error:
            raise BadTemplate(error.lineno, _sentence(error.message)) from None
        except RecursionError:
            raise BadTemplate(1, "The template is nested too deeply.") from None
        self.names = sorted(
            {node.name for node in parsed.find_all(nodes.Name)} - {"contact"}
            | {_key(node) or "" for node in parsed.find_all((nodes.Getattr, nodes.Getitem))}
        )

    def _lack(self, name: str) -> str:
        if name not in self._lacking:
            self._lacking.append(name)
        return self._missing or ""

    def render(self, attributes: Mapping[str, Any], *, missing: str | None = None) -> str:
        """The text for a contact, without blanks at its ends.

        `missing` stands in for what the contact lacks; None: then Missing is raised, naming all of
        it. Raises CannotRender for what else is in the way.
        """
        self._lacking, self._missing = [], missing
        known = {name: value for name, value in attributes.items() if not _blank(value)}
        try:
            text = self._template.render({**known, "contact": known}).strip()
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            raise (Missing(self._lacking) if self._lacking else CannotRender(str(error))) from None
        if self._lacking and missing is None:
            raise Missing(self._lacking)
        if len(text) > TEXT_MAX:
            raise CannotRender(f"text of {len(text):,} characters, at most {TEXT_MAX:,} are sent")
        return text


@lru_cache(maxsize=256)
def compiled(source: str) -> Template:
    """The template of `source`, checked once. Raises BadTemplate."""
    return Template(source)


class _Environment(ImmutableSandboxedEnvironment):
    """Where `contact.name` is the attribute of that name, and never something of the program."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, dict) and argument in obj:
            return obj[argument]
        return self.undefined(name=str(argument))


def _undefined(lack: Callable[[str], str]) -> type[Undefined]:
    class _Missing(Undefined):
        """Says so when it is shown; in a condition it is simply not there."""

        def __str__(self) -> str:
            return lack(str(self._undefined_name or "?"))

        def __html__(self) -> str:
            return str(self)

    return _Missing


def _bounded(name: str, function: Any) -> Any:
    """A filter that takes a missing attribute as what stands in for it."""
    if name in ("default", "d"):
        return function

    @wraps(function)  # with what the engine has marked it with
    def applied(*arguments: Any, **named: Any) -> Any:
        return function(
            *(str(each) if isinstance(each, Undefined) else each for each in arguments), **named
        )

    return applied


def _check_length(source: str) -> None:
    if not source.strip():
        raise BadTemplate(1, "The template is empty.")
    if len(source) > SOURCE_MAX:
        raise BadTemplate(1, f"A template has at most {SOURCE_MAX:,} characters.")


def _check(parsed: nodes.Template) -> None:
    accessed = {
        id(each.node) for each in _all(parsed) if isinstance(each, nodes.Getattr | nodes.Getitem)
    }
    for node in _all(parsed):
        if isinstance(node, nodes.Name) and node.name in _NOT_SHOWN and id(node) not in accessed:
            raise BadTemplate(node.lineno, f"{node.name!r} is no attribute of a contact.")
        if not isinstance(node, _ALLOWED):
            what = next((said for kind, said in _SAID.items() if isinstance(node, kind)), None)
            raise BadTemplate(
                node.lineno,
                f"{what or type(node).__name__.lower()} cannot stand in a message's template; "
                "use attributes, filters and conditions.",
            )
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise BadTemplate(
                node.lineno,
                f"There is no filter {node.name!r}. There are: {', '.join(sorted(FILTERS))}.",
            )
        if isinstance(node, nodes.Test) and node.name not in _TESTS:
            raise BadTemplate(node.lineno, f"There is no test {node.name!r}.")
        if isinstance(node, nodes.Getattr | nodes.Getitem) and _key(node) is None:
            raise BadTemplate(
                node.lineno,
                'An attribute is named as {{ first_name }} or {{ contact["First name"] }}.',
            )


def _all(node: nodes.Node) -> list[nodes.Node]:
    found: list[nodes.Node] = []
    left = [node]
    while left:
        one = left.pop()
        found.append(one)
        left += list(one.iter_child_nodes())[::-1]
    return found


def _key(node: nodes.Node) -> str | None:
    """`name` of contact.name and contact["name"]; None for any other access."""
    if not isinstance(node, nodes.Getattr | nodes.Getitem):
        return None
    owner = node.node
    if not (isinstance(owner, nodes.Name) and owner.name == "contact"):
        return None
    if isinstance(node, nodes.Getattr):
        return node.attr
    argument = node.arg
    if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
        return argument.value
    return None


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _sentence(message: str | None) -> str:
    text = (message or "The template cannot be read.").strip()
    return text if text.endswith(".") else text + "."
