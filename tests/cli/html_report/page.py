# SPDX-License-Identifier: Apache-2.0
"""Is an HTML report well formed, accessible in its structure, and free of anything that loads or runs?

    page.py PAGE REPORT.json
"""
import base64
import hashlib
import html.parser
import sys

VOID = {"meta", "br", "hr", "wbr"}
ALLOWED = set("""html head meta title style body main article section nav header footer div span p a
    h1 h2 h3 h4 ul ol li dl dt dd table caption thead tbody tr th td code pre bdi br figure figcaption
    details summary svg path rect circle polyline text tspan desc wbr""".split())
problems = []


def bad(text):
    problems.append(text)


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.wanted, self.style, self.csp = [], [], [], "", ""
        self.level, self.data, self.styles, self.shown = 0, [], 0, []

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        if tag not in ALLOWED:
            bad(f"<{tag}> at {self.getpos()}")
        if len(names) != len(attributes):
            bad(f"<{tag}> names an attribute twice at {self.getpos()}")
        for name, value in attributes:
            if name.startswith("on") or name in ("style", "src", "srcset", "action", "xlink:href"):
                bad(f"<{tag} {name}> at {self.getpos()}")
            if "://" in (value or ""):
                bad(f"<{tag} {name}> holds an address at {self.getpos()}")
        self.look(tag, names)
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):
            self.open.append(tag)

    def look(self, tag, names):
        if "id" in names:
            self.ids.append(names["id"])
        self.wanted += (names.get("aria-labelledby") or "").split()
        href = names.get("href")
        if href is not None and href.startswith("#"):
            self.wanted.append(href[1:])
        elif href is not None and href.startswith("data:application/json;base64,"):
            self.data.append(base64.b64decode(href.split(",", 1)[1], validate=True))
        elif href is not None:
            bad(f"a link to {href}")
        if tag == "meta" and names.get("http-equiv") == "Content-Security-Policy":
            self.csp = names["content"]
        if tag == "style":
            self.styles += 1
        if tag == "th" and names.get("scope") not in ("col", "row", "rowgroup"):
            bad(f"<th> without scope at {self.getpos()}")
        if tag == "svg" and names.get("role") != "img" and names.get("aria-hidden") != "true":
            bad(f"<svg> that says nothing at {self.getpos()}")
        if tag in ("h1", "h2", "h3", "h4"):
            if int(tag[1]) > self.level + 1:
                bad(f"<{tag}> after <h{self.level}> at {self.getpos()}")
            self.level = int(tag[1])

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            bad(f"</{tag}> closes something else at {self.getpos()}")

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.shown.append(data)


def main():
    raw = open(sys.argv[1], "rb").read()
    text = raw.decode("utf-8")
    report = open(sys.argv[2], "rb").read()
    page = Page()
    page.feed(text)
    page.close()
    if page.open:
        bad(f"left open: {page.open}")
    if len(set(page.ids)) != len(page.ids):
        bad("an id twice")
    for name in set(page.wanted) - set(page.ids):
        bad(f"nothing has the id {name}")
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    if f"style-src 'sha256-{digest}'" not in page.csp or "default-src 'none'" not in page.csp:
        bad("the policy does not name the style sheet alone")
    for word in ("url(", "@import", "</"):
        if word in page.style:
            bad(f"{word} in the style sheet")
    if page.styles != 1 or page.data != [report]:
        bad("not one style sheet, or the report inside is another one")
    for point in map(ord, "".join(page.shown)):
        if (point < 32 and point != 10) or 127 <= point < 160 or point in (0x200B, 0x200E, 0x200F, 0xFEFF) \
                or 0x202A <= point <= 0x202E or 0x2060 <= point <= 0x206F:
            bad(f"U+{point:04X} is sent as it is")
            break
    print("\n".join(problems) if problems else "sound")


main()
