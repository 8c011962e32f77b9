/* SPDX-License-Identifier: Apache-2.0 */
#include "report/declared_report.h"

#include "base/text.h"

enum { SHOWN = 12 };

/** The section under construction: its heading stands before the first sentence only. */
struct section {
    struct sva_page *page;
    const struct sva_declared *declared;
    size_t shown, more;
};

static void say(struct section *section, const char *text)
{
    if (section->shown == SHOWN) {
        section->more++;
        return;
    }
    if (section->shown++ == 0) {
        sva_page_heading(section->page, SVA_LABEL_DECLARED);
    }
    sva_page_bullet(section->page, sva_page_made(section->page, text));
}

static const char *reference_name(struct section *section, size_t compared)
{
    return sva_page_escaped(section->page, section->page->audit->compared[compared].reference.name);
}

static const char *answer_word(const struct section *section, size_t compared)
{
    return sva_label_answer(section->page->lang,
                            section->page->audit->compared[compared].comparison->answer);
}

/* ---- claims ---- */

/** What the weights say to it. */
static const char *state_text(struct section *section, const struct sva_claim *claim)
{
    static const enum sva_label LEVEL[SVA_NAME_LEVEL_COUNT] = {
        [SVA_NAME_OTHER] = SVA_LABEL_UNKNOWN,
        [SVA_NAME_FAMILY] = SVA_LABEL_NAME_FAMILY,
        [SVA_NAME_VARIANT] = SVA_LABEL_NAME_VARIANT,
        [SVA_NAME_ELSEWHERE] = SVA_LABEL_NAME_ELSEWHERE,
        [SVA_NAME_SAME] = SVA_LABEL_NAME_SAME,
        [SVA_NAME_EXACT] = SVA_LABEL_NAME_EXACT,
    };
    struct sva_page *const page = section->page;
    if (claim->compared == SIZE_MAX) {
        return sva_page_label(page, SVA_LABEL_CLAIM_NO_REFERENCE);
    }
    const char *const level = sva_page_label(page, LEVEL[claim->level]);
    const char *const name = reference_name(section, claim->compared);
    if (claim->state == SVA_CLAIM_OBSERVED) {
        const char *const after =
            sva_page_made(page, sva_arena_printf(&page->arena, "; %s", level));
        const char *values[] = {name, answer_word(section, claim->compared), after};
        return sva_page_fill(page, SVA_LABEL_CLAIM_OBSERVED, values, 3);
    }
    const char *values[] = {name, level};
    const enum sva_label label =
        claim->state == SVA_CLAIM_NOT_OBSERVED     ? SVA_LABEL_CLAIM_NOT_OBSERVED
        : claim->state == SVA_CLAIM_NOT_COMPARABLE ? SVA_LABEL_CLAIM_NOT_COMPARABLE
                                                   : SVA_LABEL_CLAIM_NEAREST;
    return sva_page_fill(page, label, values, 2);
}

static const char *relation_text(struct section *section, const struct sva_claim *claim)
{
    static const enum sva_label SAY[SVA_RELATION_STATE_COUNT] = {
        [SVA_RELATION_AGREES] = SVA_LABEL_RELATION_AGREES,
        [SVA_RELATION_DIFFERS] = SVA_LABEL_RELATION_DIFFERS,
        [SVA_RELATION_OPEN] = SVA_LABEL_RELATION_OPEN,
    };
    if (claim->relation_state == SVA_RELATION_NOT_STATED) {
        return "";
    }
    const char *values[] = {sva_page_escaped(section->page, claim->relation), claim->derivation};
    return sva_page_fill(section->page, SAY[claim->relation_state], values, 2);
}

static void say_claim(struct section *section, const struct sva_claim *claim)
{
    struct sva_page *const page = section->page;
    const char *place = sva_page_escaped(page, claim->place);
    if (claim->line > 0) {
        const char *line = sva_page_number(page, claim->line);
        place = sva_page_fill(page, SVA_LABEL_CLAIM_LINE, &line, 1);
    }
    const char *values[] = {sva_page_escaped(page, claim->file), place,
                            sva_page_escaped(page, claim->name), state_text(section, claim)};
    const char *const relation = relation_text(section, claim);
    const enum sva_label label =
        claim->strength == SVA_CLAIM_FIELD ? SVA_LABEL_SAY_CLAIM : SVA_LABEL_SAY_CLAIM_TEXT;
    say(section, sva_arena_printf(&page->arena, "%s%s%s", sva_page_fill(page, label, values, 4),
                                  relation[0] != '\0' ? " " : "", relation));
}

/* ---- the other direction, and denials ---- */

static void say_undeclared(struct section *section, const struct sva_undeclared *one)
{
    struct sva_page *const page = section->page;
    const char *values[] = {reference_name(section, one->compared),
                            answer_word(section, one->compared)};
    const char *mention = "";
    if (one->mentioned != SIZE_MAX) {
        const struct sva_claim *const claim = &section->declared->claims[one->mentioned];
        const char *parts[] = {sva_page_escaped(page, claim->file),
                               sva_page_number(page, claim->line),
                               sva_page_escaped(page, claim->name)};
        mention = sva_page_fill(page, SVA_LABEL_SAY_MENTIONED, parts, 3);
    }
    say(section, sva_arena_printf(&page->arena, "%s%s%s",
                                  sva_page_fill(page, SVA_LABEL_SAY_UNDECLARED, values, 2),
                                  mention[0] != '\0' ? " " : "", mention));
}

static void say_denial(struct section *section, const struct sva_denial *denial)
{
    struct sva_page *const page = section->page;
    const bool denied = denial->compared != SIZE_MAX;
    const char *values[] = {sva_page_escaped(page, denial->file),
                            sva_page_number(page, denial->line),
                            sva_page_escaped(page, denial->text),
                            denied ? reference_name(section, denial->compared) : ""};
    say(section,
        sva_page_fill(page, denied ? SVA_LABEL_SAY_DENIED : SVA_LABEL_SAY_DENIAL, values, 4));
}

void sva_text_declared(struct sva_page *page)
{
    const struct sva_knowledge *const knowledge = page->audit->knowledge;
    if (knowledge == NULL || knowledge->declared == NULL) {
        return;
    }
    struct section section = {.page = page, .declared = knowledge->declared};
    for (size_t i = 0; i < section.declared->undeclared_count; i++) {
        say_undeclared(&section, &section.declared->undeclared[i]);
    }
    for (size_t i = 0; i < section.declared->claim_count; i++) {
        const struct sva_claim *const claim = &section.declared->claims[i];
        const bool prose = claim->strength == SVA_CLAIM_PROSE && claim->state == SVA_CLAIM_OBSERVED;
        if (claim->strength >= SVA_CLAIM_NOTICE || prose) {
            say_claim(&section, claim);
        }
    }
    for (size_t i = 0; i < section.declared->denial_count; i++) {
        say_denial(&section, &section.declared->denials[i]);
    }
    if (section.more > 0) {
        const char *more = sva_page_number(page, section.more);
        sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_MORE, &more, 1));
    }
}
