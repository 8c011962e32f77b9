/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/pack_problems.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

enum { PROBLEM_BYTES = 512 };

void sva_problem_add(struct sva_problems *problems, const char *path, const char *format, ...)
{
    char text[PROBLEM_BYTES];
    va_list arguments;
    if (problems->count == SVA_PROBLEMS_MAX) {
        problems->omitted++;
        return;
    }
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char *line = path[0] != '\0' ? sva_arena_printf(problems->arena, "%s: %s", path, text)
                                 : sva_arena_strdup(problems->arena, text);
    if (line == NULL) {
        problems->out_of_memory = true;
        return;
    }
    problems->items[problems->count++] = line;
}

static const char *or_unknown(struct sva_problems *problems, const char *path)
{
    if (path == NULL) {
        problems->out_of_memory = true;
        return "?";
    }
    return path;
}

const char *sva_problem_path(struct sva_problems *problems, const char *path, const char *key)
{
    const char *dot = path[0] != '\0' ? "." : "";
    return or_unknown(problems,
                      sva_arena_printf(problems->arena, "%s%s%s", path, dot, sva_esc(key).text));
}

const char *sva_problem_item(struct sva_problems *problems, const char *path, size_t index)
{
    return or_unknown(problems, sva_arena_printf(problems->arena, "%s[%zu]", path, index));
}
