# SPDX-License-Identifier: Apache-2.0
"""The commands that a page gives for its own check, as they stand, one block after another.

    commands.py PAGE
"""
import html.parser
import sys


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.inside, self.blocks = False, []

    def handle_starttag(self, tag, attributes):
        if tag == "pre":
            self.inside = True
            self.blocks.append("")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "pre"

    def handle_data(self, data):
        if self.inside:
            self.blocks[-1] += data


page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
print("\n".join(page.blocks))
