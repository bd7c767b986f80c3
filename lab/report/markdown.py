"""The little Markdown that runbooks use, as HTML: paragraphs, lists, fences, code, bold.

All text is escaped.
"""

import re
from html import escape


def to_html(text: str) -> str:
    """Render *text*; what is not known stays as it was typed."""
    return "\n".join(_block(block) for block in _blocks(text))


def _blocks(text: str) -> list[list[str]]:
    """Lines between blank lines; a fence is one block whatever is in it."""
    blocks: list[list[str]] = [[]]
    fenced = False
    for line in text.splitlines():
        fence = line.startswith("```")
        if fence and not fenced:
            blocks.append([])
        if line.strip() or fenced:
            blocks[-1].append(line)
        else:
            blocks.append([])
        if fence and fenced:
            blocks.append([])
        fenced ^= fence
    return [block for block in blocks if block]


def _block(lines: list[str]) -> str:
    if lines[0].startswith("```"):
        body = lines[1:-1] if lines[-1].startswith("```") and len(lines) > 1 else lines[1:]
        return f"<pre><code>{escape(chr(10).join(body))}</code></pre>"
    if lines[0].startswith("- "):
        items: list[str] = []
        for line in lines:
            if line.startswith("- "):
                items.append(line[2:])
            else:
                items[-1] += " " + line.strip()
        return "<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in items) + "</ul>"
    return f"<p>{_inline(' '.join(line.strip() for line in lines))}</p>"


def _inline(text: str) -> str:
    """Code first: what is inside it is not looked at again."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(
        f"<code>{escape(part[1:-1])}</code>"
        if part.startswith("`") and part.endswith("`") and len(part) > 2
        else re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(part))
        for part in parts
    )
