# SPDX-License-Identifier: Apache-2.0
# Blanks comments, string and character literals of C; keeps lines, so that numbers stay right.
{
    line = $0; out = ""; n = length(line)
    for (i = 1; i <= n; i++) {
        c = substr(line, i, 1); d = substr(line, i, 2)
        if (comment) { if (d == "*/") { comment = 0; i++ } }
        else if (quote != "") { if (c == "\\") i++; else if (c == quote) { quote = ""; out = out c } }
        else if (d == "/*") { comment = 1; i++; out = out " " }
        else if (d == "//") break
        else if (c == "\"" || c == "'") { quote = c; out = out c }
        else out = out c
    }
    quote = ""
    print out
}
