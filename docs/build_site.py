"""Writes the documentation site into the package, whence `anfu serve` shows it at `/docs`.

`python docs/build_site.py` renders the papers of `contents.toml`, the decision records and the
operations of the API. No page runs anything but the search's own script, and nothing comes from
elsewhere.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import string
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound
from site_operations import Operations

DOCS = Path(__file__).parent
TARGET = DOCS.parent / "src/anfu/entrypoints/api/pages/docs"
_PAGE = string.Template((DOCS / "site/page.html").read_text("utf-8"))
_FORMAT = HtmlFormatter(cssclass="code")


@dataclass(frozen=True)
class Paper:
    """`place` below `/docs`; `body` is HTML; `chapter` the one it stands in."""

    place: str
    title: str
    body: str
    chapter: str


def main() -> None:
    """Write the site anew."""
    contents = tomllib.loads((DOCS / "contents.toml").read_text("utf-8"))["chapter"]
    papers = [*_papers(contents), *_decisions(), *_operations()]
    shutil.rmtree(TARGET, ignore_errors=True)
    (TARGET / "assets").mkdir(parents=True)
    assets = {name: _asset(name, text) for name, text in _files(papers).items()}
    for paper in papers:
        page = TARGET / f"{paper.place}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(_page(paper, papers, assets), "utf-8")
    first = next(paper for paper in papers if paper.place == "start")
    (TARGET / "index.html").write_text(_page(first, papers, assets), "utf-8")


def _papers(contents: list[dict[str, object]]) -> Iterator[Paper]:
    for chapter in contents:
        for name in chapter["papers"]:  # type: ignore[attr-defined]
            text = (DOCS / f"{name}.md").read_text("utf-8")
            title, body = render(text, place=name)
            yield Paper(_place(name), title, body, f"{chapter['title']} {chapter['title_zh']}")


def _decisions() -> Iterator[Paper]:
    for record in sorted((DOCS / "decisions").glob("*.md")):
        place = f"decisions/{record.stem}"
        title, body = render(record.read_text("utf-8"), place=place)
        yield Paper(place, title, body, "Decisions 决策记录")


def _operations() -> Iterator[Paper]:
    for place, title, body in Operations().pages():
        yield Paper(place, title, body, "API 接口")


def render(text: str, *, place: str) -> tuple[str, str]:
    """The title of a paper and its body as HTML; links to other papers lead to their pages."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.options["highlight"] = _coloured
    tokens = markdown.parse(re.sub(r"<!--.*?-->", "", text, flags=re.S))
    title = ""
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _anchor(following.content))
            title = title or following.content
    for token in tokens:
        for child in token.children or ():
            _lead(child, place)
    body = markdown.renderer.render(tokens, markdown.options, {})
    return title, body.replace("<table>", '<div class="wide"><table>').replace(
        "</table>", "</table></div>"
    )


def _lead(token: Token, place: str) -> None:
    target = token.attrGet("href")
    if token.type != "link_open" or not isinstance(target, str) or "://" in target:
        return
    path, _, anchor = target.partition("#")
    if not path:
        return
    found = (DOCS / place).parent.joinpath(path).resolve()
    if found.is_relative_to(DOCS) and found.suffix == ".md":
        name = _place(str(found.relative_to(DOCS).with_suffix("")))
        token.attrSet("href", f"/docs/{name}" + (f"#{anchor}" if anchor else ""))
    else:  # what is in the repository and not on the site
        token.tag = "span"
        token.attrs = {"title": str(target)}


def _place(name: str) -> str:
    return name.removesuffix("/README")


def _anchor(title: str) -> str:
    return re.sub(r"[^\w]+", "-", title.lower()).strip("-")


def _coloured(code: str, language: str, _attributes: str) -> str:
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""
    return str(highlight(code, lexer, _FORMAT))


def _page(paper: Paper, papers: list[Paper], assets: dict[str, str]) -> str:
    return _PAGE.substitute(
        title=html.escape(_plain(paper.title)), body=paper.body,
        navigation="".join(_navigation(paper, papers)),
        style=assets["style.css"], script=assets["search.js"], words=assets["search.json"],
    )  # fmt: skip


def _navigation(here: Paper, papers: list[Paper]) -> Iterator[str]:
    for chapter in dict.fromkeys(paper.chapter for paper in papers):
        within = [paper for paper in papers if paper.chapter == chapter]
        yield f"<details{' open' if chapter == here.chapter else ''}>"
        yield f"<summary>{html.escape(chapter)}</summary><ul>"
        for paper in within:
            current = ' aria-current="page"' if paper.place == here.place else ""
            title = html.escape(_plain(paper.title))
            yield f'<li><a href="/docs/{paper.place}"{current}>{title}</a></li>'
        yield "</ul></details>"


def _files(papers: list[Paper]) -> dict[str, str]:
    words = [
        {"place": p.place, "title": _plain(p.title), "text": _words(p.body)[:12_000]}
        for p in papers
    ]
    dark = HtmlFormatter(style="github-dark").get_style_defs(".code")
    colours = _FORMAT.get_style_defs(".code")
    style = (DOCS / "site/style.css").read_text("utf-8")
    return {
        "style.css": f"{style}\n{colours}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n",
        "search.js": (DOCS / "site/search.js").read_text("utf-8"),
        "search.json": json.dumps(words, ensure_ascii=False),
    }


def _plain(text: str) -> str:
    return text.replace("`", "")


def _words(body: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def _asset(name: str, text: str) -> str:
    stem, _, kind = name.rpartition(".")
    named = f"{stem}-{sha256(text.encode()).hexdigest()[:10]}.{kind}"
    (TARGET / "assets" / named).write_text(text, "utf-8")
    return named


if __name__ == "__main__":
    main()
