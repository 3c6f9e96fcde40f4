"""Joining: stylesheets and scripts are written one component a file, and go out as one.

Only what the house writes is understood: `@import "x.css" layer(y);` on a line of its own in a stylesheet's entry, and
in modules, at the beginning of a line, `import "./x.js";`, `import { a, b } from "./x.js";` and `export` before a
function, a class or a const. Anything else is refused. Comments are left out, in scripts where they have a line of
their own; lines stay lines, so what goes out can be read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

CSS_IMPORT = re.compile(r'^@import "([^"\n]+)" layer\((\w+)\);$', re.MULTILINE)
JS_IMPORT = re.compile(r'^import (?:\{([\w\s,]+)\} from )?"(\.{1,2}/[^"\n]+)";\n', re.MULTILINE)
JS_EXPORT = re.compile(r"^export ((?:async function|function|class|const) (\w+))", re.MULTILINE)
JS_OTHER = re.compile(r"^(?:import|export)\b.*|\bimport\s*[.(].*", re.MULTILINE)

STRING = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
CSS_COMMENT = re.compile(STRING + r"|(?P<comment>\s*/\*.*?\*/)", re.DOTALL)
JS_COMMENT = re.compile(
    STRING + r"|`(?:\\.|[^`\\])*`|(?P<comment>^[ \t]*(?://[^\n]*|/\*(?:(?!\*/).)*\*/)[ \t]*\n)",
    re.DOTALL | re.MULTILINE,
)


class NotJoinable(ValueError):
    """A source file holds a way to import or export that is not understood here; the message names the file."""


def stylesheet(entry: Path) -> str:
    """The stylesheet with all it imports inside. Raises NotJoinable."""

    def layer(found: re.Match[str]) -> str:
        path = entry.parent / found[1]
        rules = _without_comments(_text(path, entry), CSS_COMMENT).strip()
        _refuse("@import" in rules, path, "only the entry may import")
        return f"@layer {found[2]} {{\n{rules}\n}}"

    joined = CSS_IMPORT.sub(layer, _without_comments(_text(entry), CSS_COMMENT))
    _refuse("@import" in joined, entry, 'write each import as @import "x.css" layer(y);')
    return joined.strip() + "\n"


def script(entry: Path) -> str:
    """The module with all it imports, each in a scope of its own, after those it needs. Raises NotJoinable."""
    modules: dict[Path, Module] = {}
    _gather(entry.resolve(), modules, ())
    return "".join(module.scoped(modules) for module in modules.values())


@dataclass
class Module:
    """One file of a script: its code, and what it takes from which others and gives to them."""

    path: Path
    name: str
    code: str = ""
    imports: dict[Path, list[str]] = field(default_factory=dict)
    exports: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path, importer: Path | None, name: str) -> Module:
        """The module in a file. Raises NotJoinable."""
        module = cls(path, name)
        code = JS_IMPORT.sub(module._imported, _without_comments(_text(path, importer), JS_COMMENT))
        code = JS_EXPORT.sub(module._exported, code)
        other = JS_OTHER.search(code)
        _refuse(other is not None, path, f"there is no joining {other[0] if other else ''!r}")
        module.code = code.strip()
        return module

    def scoped(self, others: dict[Path, Module]) -> str:
        """Its code in a function that hands out the exports. Raises NotJoinable for an import that nobody exports."""
        lines = []
        for path, names in self.imports.items():
            for name in names:
                _refuse(name not in others[path].exports, self.path, f"{path.name} has no {name} to import")
            if names:
                lines.append(f"const {{ {', '.join(names)} }} = {others[path].name};")
        lines.append(self.code)
        if self.exports:
            lines.append(f"return {{ {', '.join(self.exports)} }};")
        scope = "\n".join(["(() => {", *lines, "})();\n"])
        return f"const {self.name} = {scope}" if self.exports else scope

    def _imported(self, found: re.Match[str]) -> str:
        path = (self.path.parent / found[2]).resolve()
        self.imports.setdefault(path, []).extend((found[1] or "").replace(",", " ").split())
        return ""

    def _exported(self, found: re.Match[str]) -> str:
        self.exports.append(found[2])
        return found[1]


def _gather(path: Path, modules: dict[Path, Module], above: tuple[Path, ...]) -> None:
    """Put the module, after all it imports, into `modules`; `above` are those that led to it."""
    _refuse(path in above, path, "it imports itself, by way of others")
    if path in modules:
        return
    module = Module.read(path, above[-1] if above else None, "")
    for imported in module.imports:
        _gather(imported, modules, (*above, path))
    module.name = f"module{len(modules)}"
    modules[path] = module


def _text(path: Path, importer: Path | None = None) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        who = f"{importer}, which imports" if importer else "an entry:"
        raise NotJoinable(f"{who} {path}: {error.strerror}") from error


def _without_comments(text: str, comment: re.Pattern[str]) -> str:
    return comment.sub(lambda found: "" if found["comment"] else found[0], text)


def _refuse(wrong: bool, path: Path, why: str) -> None:
    if wrong:
        raise NotJoinable(f"{path}: {why}")
