"""`python -m tools.check_templates`: reads every template as a careful colleague would.

1. It compiles, and so does every template that it extends or includes by name.
2. Its elements are balanced in every branch: what a branch opens, the branch closes.
3. Pictures have `alt`, links that open a window `rel=noopener`, forms that post a CSRF token.
4. There are no inline handlers and styles (the content policy refuses them), no `|safe` and no `autoescape off`.
5. Vietnamese text stands in `translate` or `blocktranslate`, or it would never be shown in English; only an element
   with a `lang` of its own (the name of a language, in that language) need not.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
BETWEEN = frozenset({"else", "elif", "empty", "plural"})
TRANSLATED = frozenset({"blocktranslate", "blocktrans"})
TEXT_ATTRIBUTES = frozenset({"alt", "title", "placeholder", "aria-label", "aria-description", "value"})
# A letter that ASCII does not have: in these templates, Vietnamese.
VIETNAMESE = re.compile(r"[^\W\d_a-zA-Z]")
_MARK = "tag:"


@dataclass(frozen=True)
class Complaint:
    """What is wrong, and where."""

    line: int
    text: str


@dataclass
class _Open:
    name: str  # an element, or "%if" for a template tag
    line: int
    attributes: dict[str, str | None] = field(default_factory=dict)
    has_token: bool = False


class _Reader(HTMLParser):
    """Follows elements and template tags on one stack."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[_Open] = []
        self.complaints: list[Complaint] = []

    def complain(self, text: str, line: int | None = None) -> None:
        self.complaints.append(Complaint(line or self.getpos()[0], text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self._check_attributes(tag, attributes)
        if tag not in VOID:
            self.stack.append(_Open(tag, self.getpos()[0], attributes))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._check_attributes(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            self.complain(f"</{tag}>: this element has no end")
            return
        top = self.stack[-1] if self.stack else None
        if top is None or top.name != tag:
            self.complain(f"</{tag}> closes nothing that was opened in this branch{_where(top)}")
            return
        self.stack.pop()
        posts = (top.attributes.get("method") or "").lower() == "post"
        if tag == "form" and posts and not top.has_token:
            self.complain("a form that posts has no {% csrf_token %}", top.line)

    def handle_data(self, data: str) -> None:
        inside = {each.name for each in self.stack}
        foreign = any("lang" in each.attributes for each in self.stack if each.name != "html")
        if VIETNAMESE.search(data) and not foreign and inside.isdisjoint({"script", "style", "%translated"}):
            self.complain(f"text outside translate: {data.strip()[:40]!r}")

    def handle_comment(self, data: str) -> None:
        if not data.startswith(_MARK):
            return
        kind, _, name = data.removeprefix(_MARK).partition(" ")
        if kind == "csrf":
            for each in self.stack:
                each.has_token = True
        elif kind == "open":
            self.stack.append(_Open(f"%{name}", self.getpos()[0]))
        else:
            top = self.stack[-1] if self.stack else None
            if top is None or not top.name.startswith("%"):
                self.complain(f"{{% {name} %}}: an element of this branch is still open{_where(top)}")
                while self.stack and not self.stack[-1].name.startswith("%"):
                    self.stack.pop()
            if kind == "close" and self.stack:
                self.stack.pop()

    def finish(self) -> list[Complaint]:
        """All complaints, once everything was fed."""
        self.close()
        for each in self.stack:
            if not each.name.startswith("%"):
                self.complain(f"<{each.name}> is never closed", each.line)
        return self.complaints

    def _check_attributes(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag == "img" and "alt" not in attributes:
            self.complain("<img> without alt (empty for decoration)")
        if attributes.get("target") == "_blank" and "noopener" not in (attributes.get("rel") or ""):
            self.complain("target=_blank without rel=noopener")
        for name, value in attributes.items():
            if name == "style" or name.startswith("on"):
                self.complain(f"inline {name}=")
            if name in TEXT_ATTRIBUTES and value and VIETNAMESE.search(value):
                self.complain(f"{name} outside translate: {value[:40]!r}")


def check_source(source: str) -> list[Complaint]:
    """Rules 2 to 5 for one template."""
    from django.template.base import Lexer, TokenType

    tokens = Lexer(source).tokenize()
    closed = {
        name.removeprefix("end")
        for token in tokens
        if token.token_type == TokenType.BLOCK and (name := token.contents.split(" ", 1)[0]).startswith("end")
    }
    reader = _Reader()
    complaints: list[Complaint] = []
    in_tag = _InTag()
    comment = translated = False
    for token in tokens:
        line = token.lineno or 0
        name = token.contents.split(" ", 1)[0]
        # Newlines are kept, so that the reader's line numbers are the template's.
        filler = "\n" * token.contents.count("\n")
        if comment:
            comment = not (token.token_type == TokenType.BLOCK and name == "endcomment")
            reader.feed(filler)
            continue
        if token.token_type == TokenType.BLOCK and in_tag and name.removeprefix("end") in TRANSLATED:
            translated = not name.startswith("end")
        if token.token_type == TokenType.TEXT and translated and in_tag:
            # Text of an attribute that is being translated: only its place matters.
            reader.feed("v" + filler)
        elif token.token_type == TokenType.TEXT:
            in_tag.read(token.contents)
            reader.feed(token.contents)
        elif token.token_type == TokenType.VAR:
            if re.search(r"\|\s*safe\b", token.contents):
                complaints.append(Complaint(line, "|safe"))
            reader.feed(("v" if in_tag else "") + filler)
        elif token.token_type == TokenType.BLOCK:
            if name == "comment":
                comment = True
                reader.feed(filler)
                continue
            if name == "autoescape" and "off" in token.contents:
                complaints.append(Complaint(line, "autoescape off"))
            reader.feed(filler if in_tag else "".join(_marks(name, closed)) + filler)
    return complaints + reader.finish()


def _marks(name: str, closed: set[str]) -> Iterator[str]:
    """What a template tag looks like to the reader of elements: comments."""
    if name == "csrf_token":
        yield f"<!--{_MARK}csrf-->"
    elif name in BETWEEN:
        yield f"<!--{_MARK}between {name}-->"
    elif name.startswith("end"):
        yield f"<!--{_MARK}close {name}-->"
    elif name in closed:
        yield f"<!--{_MARK}open {'translated' if name in TRANSLATED else name}-->"


class _InTag:
    """Whether the text read so far ends inside <…>, where template tags choose attributes and not elements."""

    def __init__(self) -> None:
        self._inside = False
        self._quote = ""

    def __bool__(self) -> bool:
        return self._inside

    def read(self, text: str) -> None:
        """Goes on over the next piece of text."""
        for position, character in enumerate(text):
            if self._quote:
                self._quote = "" if character == self._quote else self._quote
            elif self._inside:
                if character in "\"'":
                    self._quote = character
                self._inside = character != ">"
            elif character == "<":
                following = text[position + 1 : position + 2]
                self._inside = following.isalpha() or following == "/"


def _where(top: _Open | None) -> str:
    if top is None:
        return ""
    shown = f"{{% {top.name[1:]} %}}" if top.name.startswith("%") else f"<{top.name}>"
    return f" (open: {shown} of line {top.line})"


def check_compiles(name: str) -> list[Complaint]:
    """Rule 1 for one template."""
    from django.template import TemplateDoesNotExist, TemplateSyntaxError
    from django.template.loader import get_template
    from django.template.loader_tags import ExtendsNode, IncludeNode

    complaints: list[Complaint] = []
    try:
        template = get_template(name).template  # type: ignore[attr-defined]
    except TemplateSyntaxError as error:
        token = getattr(error, "token", None)
        return [Complaint(getattr(token, "lineno", 0) or 0, str(error))]
    for kind, attribute in ((ExtendsNode, "parent_name"), (IncludeNode, "template")):
        for node in template.nodelist.get_nodes_by_type(kind):
            named = getattr(node, attribute)
            if not isinstance(named.var, str):
                continue  # chosen at the moment of showing
            try:
                get_template(named.var)
            except (TemplateDoesNotExist, TemplateSyntaxError) as error:
                complaints.append(Complaint(node.token.lineno or 0, f"{named.var}: {error}"))
    return complaints


def main() -> int:
    """Prints `file:line: what is wrong`; exit status 1 when anything is."""
    import django
    from django.conf import settings

    django.setup()
    count = wrong = 0
    for folder in settings.TEMPLATES[0]["DIRS"]:
        for path in sorted(Path(folder).rglob("*")):
            if path.suffix not in {".html", ".txt", ".svg"}:
                continue
            count += 1
            complaints = check_compiles(str(path.relative_to(folder)))
            if path.suffix == ".html":
                complaints += check_source(path.read_text(encoding="utf-8"))
            for complaint in sorted(complaints, key=lambda each: each.line):
                wrong += 1
                print(f"{path.relative_to(settings.BASE_DIR)}:{complaint.line}: {complaint.text}")
    print(f"{count} templates, {wrong} complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.project.settings")
    sys.exit(main())
