"""The operations of the API as pages of the documentation site: one for each kind of object."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

from anfu.entrypoints.api.application import description

_DEEP = 3


class Operations:
    """The OpenAPI document, told to people."""

    def __init__(self) -> None:
        told = json.loads(description(development_mode=True, version=version("anfu")))
        self._paths: Mapping[str, Mapping[str, Any]] = told["paths"]
        self._schemas: Mapping[str, Any] = told["components"]["schemas"]

    def pages(self) -> Iterator[tuple[str, str, str]]:
        """Place, title and body of each page."""
        by_tag: dict[str, list[str]] = {}
        for path, methods in self._paths.items():
            for method, operation in methods.items():
                (tag,) = operation["tags"]
                by_tag.setdefault(tag, []).append(self._operation(method, path, operation))
        for tag in sorted(by_tag):
            title = tag.replace("_", " ").replace("-", " ")
            body = "".join(by_tag[tag])
            yield f"api/{tag}", title, f"<h1>{title.capitalize()}</h1>{body}"

    def _operation(self, method: str, path: str, operation: Mapping[str, Any]) -> str:
        parts = [
            f'<section class="operation"><h2 id="{operation["operationId"]}">'
            f'<code class="method">{method.upper()}</code> <code>{html.escape(path)}</code></h2>'
            f"<p>{_text(operation['summary'])} {_text(operation.get('description', ''))}</p>",
            *self._parameters(operation),
        ]
        body = operation.get("requestBody")
        if body is not None:
            parts += ["<h3>Body</h3>", self._schema(body["content"]["application/json"]["schema"])]
            if (example := body["content"]["application/json"].get("example")) is not None:
                text = json.dumps(example, indent=2, ensure_ascii=False)
                parts.append(f"<h3>Example</h3><pre><code>{html.escape(text)}</code></pre>")
        parts += self._answers(operation["responses"])
        return "".join([*parts, "</section>"])

    def _parameters(self, operation: Mapping[str, Any]) -> Iterator[str]:
        if not operation["parameters"]:
            return
        rows = "".join(
            f"<tr><td><code>{html.escape(p['name'])}</code></td><td>{p['in']}</td>"
            f"<td>{_kind(p['schema'])}{', required' if p.get('required') else ''}</td>"
            f"<td>{_text(p.get('description', ''))}</td></tr>"
            for p in operation["parameters"]
        )
        yield f'<h3>Parameters</h3><div class="wide"><table>{rows}</table></div>'

    def _answers(self, responses: Mapping[str, Any]) -> Iterator[str]:
        yield "<h3>Answers</h3>"
        for status, response in responses.items():
            (content,) = response["content"].values()
            if status.startswith("2"):
                yield f"<p><code>{status}</code></p>"
                if "schema" in content:
                    yield self._schema(content["schema"])
            else:
                yield f"<p><code>{status}</code> {_text(response['description'])}</p>"

    def _schema(self, schema: Mapping[str, Any], deep: int = 0) -> str:
        named = self._named(schema)
        properties = named.get("properties")
        if properties is None:
            return f"<p>{_kind(named)}</p>"
        required = named.get("required", [])
        rows = "".join(self._row(n, s, n in required, deep) for n, s in properties.items())
        return f'<div class="wide"><table>{rows}</table></div>'

    def _row(self, name: str, schema: Mapping[str, Any], required: bool, deep: int) -> str:
        within = self._within(schema)
        inner = ""
        if within is not None and deep + 1 < _DEEP:
            inner = f"<details><summary>fields</summary>{self._schema(within, deep + 1)}</details>"
        about = _text(self._named(schema).get("description", ""))
        return (
            f"<tr><td><code>{html.escape(name)}</code></td>"
            f"<td>{_kind(schema)}{', required' if required else ''}</td>"
            f"<td>{about}{inner}</td></tr>"
        )

    def _within(self, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The object a field holds, or a list of them, or may hold."""
        for one in [*schema.get("anyOf", []), schema.get("items"), schema]:
            if one is not None and "properties" in self._named(one):
                return self._named(one)
        return None

    def _named(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        reference = schema.get("$ref")
        return schema if reference is None else self._schemas[reference.rpartition("/")[2]]


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return html.escape(schema["$ref"].rpartition("/")[2].rpartition(".")[2])
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"<code>{html.escape(str(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return html.escape(str(schema.get("type", "any")))


def _text(text: str) -> str:
    parts = html.escape(text).split("`")
    return "".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))
