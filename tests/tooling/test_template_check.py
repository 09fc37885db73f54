"""The reader of templates sees what it is for, and lets good templates pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from tools.check_templates import check_compiles, check_source

pytestmark = pytest.mark.pure

GOOD = """{% extends "base.html" %}{# a word to the reader #}
{% block content %}
<form method="post" {% if big %}class="big"{% endif %} data-x='{{ x }}'>{% csrf_token %}
  {% if a %}<p>{% translate "Chợ" %}</p>{% elif b %}<p>b</p>{% else %}<hr>{% endif %}
  {% for each in all %}<li>{{ each }}</li>{% empty %}<p>0 &lt; 1</p>{% endfor %}
  {% blocktranslate count n=n %}một <b>gói</b>{% plural %}nhiều <b>gói</b>{% endblocktranslate %}
  <img src="{% static 'a.png' %}" alt="{% if a %}{% translate "Ảnh" %}{% endif %}">
  <svg viewBox="0 0 1 1"><path d="M0 0h1"/></svg>
  <a href="/x" lang="vi">Tiếng Việt</a>
  <script>if (a < b) { say("chợ") }</script>
  {% comment %}<p> không đóng {% endcomment %}
</form>
{% endblock %}
"""


def test_a_good_template_passes() -> None:
    assert check_source(GOOD) == []


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        ("<p>\n<b>x</p>", 2, "</p> closes nothing that was opened in this branch (open: <b> of line 2)"),
        ("\n<main>", 2, "<main> is never closed"),
        ("{% if a %}\n<p>{% endif %}</p>", 2, "{% endif %}: an element of this branch is still open"),
        ("{% if a %}<p>{% else %}</p>{% endif %}", 1, "{% else %}: an element of this branch is still open"),
        ("</p>", 1, "</p> closes nothing"),
        ("<br></br>", 1, "</br>: this element has no end"),
        ('<img src="a">', 1, "<img> without alt"),
        ('<a href="x" target="_blank">x</a>', 1, "rel=noopener"),
        ('<form method="POST">\n</form>', 1, "no {% csrf_token %}"),
        ('<p onclick="x()">x</p>', 1, "inline onclick="),
        ('<p style="{{ a }}">x</p>', 1, "inline style="),
        ("\n{{ a|safe }}", 2, "|safe"),
        ("{% autoescape off %}{% endautoescape %}", 1, "autoescape off"),
        ("<p>\nchợ</p>", 1, "text outside translate: 'chợ'"),
        ('{{ a }}\n<input placeholder="số lượng">', 2, "placeholder outside translate: 'số lượng'"),
        ('<p aria-label="Bỏ {{ name }}">x</p>', 1, "aria-label outside translate"),
        ("{% if a %}<p>Chợ</p>{% endif %}", 1, "text outside translate: 'Chợ'"),
    ],
)
def test_a_fault_is_named_with_its_line(source: str, line: int, says: str) -> None:
    complaints = check_source(source)
    assert [complaint.line for complaint in complaints][:1] == [line]
    assert says in complaints[0].text


def test_a_template_must_compile_with_all_that_it_names(settings: Settings, tmp_path: Path) -> None:
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    (tmp_path / "good.html").write_text("<p>x</p>")
    (tmp_path / "typo.html").write_text("\n{% fro x in y %}")
    (tmp_path / "lost.html").write_text('\n\n{% include "gone.html" %}{% include "good.html" %}')
    (tmp_path / "orphan.html").write_text('{% extends "gone.html" %}')
    assert check_compiles("good.html") == []
    assert [each.line for each in check_compiles("typo.html")] == [2]
    assert [(each.line, each.text) for each in check_compiles("lost.html")] == [(3, "gone.html: gone.html")]
    assert [each.text for each in check_compiles("orphan.html")] == ["gone.html: gone.html"]
