"""Joining: what is written one component a file goes out as one, and means the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from segue.web import assets, joining

ROOT = Path(__file__).parent.parent.parent
STATIC = ROOT / "static"


def _write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder / next(iter(files))


@pytest.mark.parametrize("name", assets.ENTRIES)
def test_what_pages_ask_for_leads_nowhere_else(name: str) -> None:
    join = joining.stylesheet if name.endswith(".css") else joining.script
    joined = join(STATIC / name)
    assert not re.search(r"@import|^\s*(?:import|export)\b", joined, re.MULTILINE)


def test_every_page_asks_for_entries_only() -> None:
    asked = set()
    for page in (ROOT / "templates").rglob("*.html"):
        asked |= set(re.findall(r"filename='((?:css|js)/[^']+)'", page.read_text("utf-8")))
    assert asked <= set(assets.ENTRIES), "name it in segue/web/assets.py, or it goes out unjoined"


def test_every_component_is_in_the_stylesheet_in_its_layer() -> None:
    joined = joining.stylesheet(STATIC / "css" / "app.css")
    imports = re.findall(r'@import "(.+)" layer\((\w+)\);', (STATIC / "css" / "app.css").read_text("utf-8"))
    assert re.findall(r"^@layer (\w+) \{$", joined, re.MULTILINE) == [layer for _, layer in imports]
    assert joined.startswith("@layer tokens, reset, base, layout, components, utilities;")
    assert joined.count("{") == joined.count("}")


def test_a_module_stands_once_and_after_those_it_needs(tmp_path: Path) -> None:
    entry = _write(
        tmp_path,
        {
            "app.js": 'import { b } from "./b.js";\nimport "./c.js";\n\nb();\n',
            "b.js": 'import { deep,\n  other } from "./lib/deep.js";\n\nexport function b() {\n  deep(other);\n}\n',
            "c.js": 'import { deep } from "./lib/deep.js";\n\nconsole.log(deep);\n',
            "lib/deep.js": "export const deep = 1;\nexport const other = 2;\n",
        },
    )
    assert joining.script(entry) == (
        "const module0 = (() => {\nconst deep = 1;\nconst other = 2;\nreturn { deep, other };\n})();\n"
        "const module1 = (() => {\nconst { deep, other } = module0;\n"
        "function b() {\n  deep(other);\n}\nreturn { b };\n})();\n"
        "(() => {\nconst { deep } = module0;\nconsole.log(deep);\n})();\n"
        "(() => {\nconst { b } = module1;\nb();\n})();\n"
    )


def test_comments_are_left_out_and_what_only_looks_like_one_stays(tmp_path: Path) -> None:
    entry = _write(
        tmp_path,
        {"app.js": 'a = "// not one";\n/** One. */\n  // Another.\nb = `\n// not one\n`;\nf(a, b); // beside\n'},
    )
    joined = joining.script(entry)
    assert joined.count("not one") == 2
    assert "One." not in joined
    assert "Another." not in joined
    assert "f(a, b); // beside" in joined
    sheet = _write(
        tmp_path, {"app.css": '@import "x.css" layer(l);\n', "x.css": '/* One. */\na { content: "/* no */"; }\n'}
    )
    assert joining.stylesheet(sheet) == '@layer l {\na { content: "/* no */"; }\n}\n'


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ('import x from "./x.js";\n', "no joining 'import x from"),
        ('import * as x from "./x.js";\n', "no joining"),
        ("export default 1;\n", "no joining 'export default"),
        ("export let x = 1;\n", "no joining"),
        ('const x = await import("./x.js");\n', "no joining"),
        ("f(import.meta.url);\n", "no joining"),
        ('import { y } from "./x.js";\n', "x.js has no y"),
        ('import "./nowhere.js";\n', "app.js, which imports"),
        ('import "./app.js";\n', "imports itself"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(tmp_path: Path, code: str, why: str) -> None:
    entry = _write(tmp_path, {"app.js": code, "x.js": "export const x = 1;\n"})
    with pytest.raises(joining.NotJoinable, match=re.escape(why)) as refused:
        joining.script(entry)
    assert "app.js" in str(refused.value)


@pytest.mark.parametrize("sheet", ['@import "x.css";\n', "@import url(x.css) layer(l);\n"])
def test_a_stylesheet_without_a_layer_is_refused(tmp_path: Path, sheet: str) -> None:
    with pytest.raises(joining.NotJoinable, match="write each import as"):
        joining.stylesheet(_write(tmp_path, {"app.css": sheet, "x.css": ""}))
    with pytest.raises(joining.NotJoinable, match="only the entry may import"):
        joining.stylesheet(_write(tmp_path, {"app.css": '@import "y.css" layer(l);\n', "y.css": sheet, "x.css": ""}))
