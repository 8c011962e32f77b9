/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bench_formats [--all] [--quick] [--keep DIR]
 *
 * Makes one model and an independent twin in every format, compares each with each, then the pairs
 * of converter transforms. Rows are subjects, columns references. Cells:
 *   =  identical    q  derived, a quantised copy    d  derived otherwise    s  shared start
 *   ?  dependent, unexplained    .  no evidence    !  not comparable, or not readable
 * --all takes the formats beyond the core ones too; --quick compares each format with itself and
 * every fourth one to the right of it. Exits 1 unless every cell of the first table is
 * = or q, every cell of the second a point, and the transforms likewise.
 */
#include "bench_support.h"

#include "fixtures/fixtures.h"

enum { FORMATS_MAX = 64, SEED = 1 };

/* Which formats, and which of their pairs. */
struct extent {
    bool all, quick;
};

/* The formats of one model, by index into the fixture's list. */
struct side {
    struct sva_print *prints[FORMATS_MAX]; /* NULL: not readable */
    double seconds[FORMATS_MAX];
};

static bool wanted(size_t format, bool all)
{
    return all || sva_fixture_format_is_core(format);
}

static char cell_of(const struct sva_comparison *comparison)
{
    switch (comparison->answer) {
    case SVA_ANSWER_IDENTICAL: return '=';
    case SVA_ANSWER_DERIVED:
        return strcmp(comparison->derivation, "quantised-copy") == 0 ? 'q' : 'd';
    case SVA_ANSWER_SHARED_INITIALISATION: return 's';
    case SVA_ANSWER_DEPENDENT_UNEXPLAINED: return '?';
    case SVA_ANSWER_NO_EVIDENCE: return '.';
    default: return '!';
    }
}

static char compare(const struct sva_print *subject, const struct sva_print *reference)
{
    const struct sva_compare_options options = sva_compare_options_default();
    struct sva_comparison *comparison = NULL;
    struct sva_error error = {0};
    if (subject == NULL || reference == NULL ||
        sva_compare(subject, reference, &options, &comparison, &error) != SVA_OK) {
        return '!';
    }
    const char cell = cell_of(comparison);
    sva_comparison_free(comparison);
    return cell;
}

static void read_side(struct side *side, const char *directory, bool all)
{
    for (size_t i = 0; i < sva_fixture_format_count(); ++i) {
        char path[4096];
        struct sva_error error = {0};
        if (!wanted(i, all)) {
            continue;
        }
        sva_fixture_format_path(i, directory, path, sizeof path);
        const double begin = bench_seconds();
        if (bench_print(path, 0, &side->prints[i], &error) != SVA_OK) {
            printf("%-20s %s\n", sva_fixture_format_name(i), error.text);
            side->prints[i] = NULL;
        }
        side->seconds[i] = bench_seconds() - begin;
    }
}

static void free_side(struct side *side)
{
    for (size_t i = 0; i < FORMATS_MAX; ++i) {
        sva_print_free(side->prints[i]);
    }
}

static void print_head(bool all)
{
    printf("%20s ", "");
    for (size_t i = 0, column = 1; i < sva_fixture_format_count(); ++i) {
        if (wanted(i, all)) {
            printf(" %2zu", column++);
        }
    }
    printf("  seconds\n");
}

/* One table; returns the number of cells that are not among `right`. */
static size_t print_table(const struct side *subjects, const struct side *references,
                          struct extent extent, const char *right)
{
    const bool all = extent.all;
    size_t wrong = 0;
    size_t row = 1;
    print_head(all);
    for (size_t i = 0; i < sva_fixture_format_count(); ++i) {
        if (!wanted(i, all)) {
            continue;
        }
        printf("%-17s %2zu ", sva_fixture_format_name(i), row);
        for (size_t k = 0, column = 1; k < sva_fixture_format_count(); ++k) {
            if (!wanted(k, all)) {
                continue;
            }
            if (extent.quick && (column++ + 4 * FORMATS_MAX - row) % 4 != 0) {
                printf("   ");
            } else {
                const char cell = compare(subjects->prints[i], references->prints[k]);
                wrong += strchr(right, cell) == NULL ? 1 : 0;
                printf("  %c", cell);
            }
        }
        printf("  %7.2f\n", subjects->seconds[i]);
        fflush(stdout);
        row++;
    }
    return wrong;
}

static size_t bench_tables(const char *scratch, struct extent extent)
{
    const bool all = extent.all;
    static struct side own;
    static struct side twin;
    char directory[4096];
    char other[4096];
    snprintf(directory, sizeof directory, "%s/own", scratch);
    snprintf(other, sizeof other, "%s/twin", scratch);
    const double begin = bench_seconds();
    if (sva_fixture_make_formats(SEED, SEED + 1, !all, directory) != 0 ||
        sva_fixture_make_formats(SEED + 2, SEED + 3, !all, other) != 0) {
        return 1;
    }
    printf("formats made in %.1f s\n", bench_seconds() - begin);
    read_side(&own, directory, all);
    read_side(&twin, other, all);
    printf("\none model, each format against each\n");
    size_t wrong = print_table(&own, &own, extent, "=q");
    printf("%zu cells are neither identical nor a quantised copy\n", wrong);
    printf("\nthe same against an independent twin\n");
    const size_t accused = print_table(&own, &twin, extent, ".");
    printf("%zu cells are not \"no evidence\"\n", accused);
    free_side(&own);
    free_side(&twin);
    return wrong + accused;
}

static struct sva_print *read_part(const char *directory, const char *name)
{
    char path[4200];
    struct sva_error error = {0};
    struct sva_print *print = NULL;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    if (bench_print(path, 0, &print, &error) != SVA_OK) {
        printf("  %s: %s\n", name, error.text);
        return NULL;
    }
    return print;
}

/* The cell of the component that the transform is about, or of the whole. */
static char component_cell(const struct sva_print *subject, const struct sva_print *reference,
                           enum sva_component_kind kind)
{
    const struct sva_compare_options options = sva_compare_options_default();
    struct sva_comparison *comparison = NULL;
    struct sva_error error = {0};
    char cell = '!';
    if (subject == NULL || reference == NULL ||
        sva_compare(subject, reference, &options, &comparison, &error) != SVA_OK) {
        return '!';
    }
    for (size_t i = 0; i < comparison->component_count; ++i) {
        const struct sva_component_result *const component = &comparison->components[i];
        const struct sva_comparison alone = {.answer = component->answer,
                                             .derivation = component->derivation};
        if (component->kind == kind) {
            cell = cell_of(&alone);
        }
    }
    sva_comparison_free(comparison);
    return cell;
}

static size_t bench_transforms(const char *scratch)
{
    size_t count = 0;
    size_t wrong = 0;
    const struct sva_fixture_transform *const transforms = sva_fixture_transforms(&count);
    printf("\ntransforms: the same model, an independent twin\n");
    for (size_t i = 0; i < count; ++i) {
        char directory[4096];
        snprintf(directory, sizeof directory, "%s/%s", scratch, transforms[i].name);
        if (sva_fixture_make_transform(SEED, SEED + 1, transforms[i].name, directory) != 0) {
            return wrong + 1;
        }
        struct sva_print *const subject = read_part(directory, "subject");
        struct sva_print *const reference = read_part(directory, "reference");
        struct sva_print *const twin = read_part(directory, "twin");
        const char same = component_cell(subject, reference, transforms[i].component);
        const char independent = component_cell(subject, twin, transforms[i].component);
        wrong += strchr("=q", same) == NULL || independent != '.' ? 1 : 0;
        printf("%-18s %c %c  %s\n", transforms[i].name, same, independent,
               transforms[i].description);
        fflush(stdout);
        sva_print_free(subject);
        sva_print_free(reference);
        sva_print_free(twin);
    }
    printf("%zu of %zu transforms are not undone\n", wrong, count);
    return wrong;
}

/* The directory after --keep, or NULL. */
static const char *kept(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; ++i) {
        if (strcmp(argv[i], "--keep") == 0) {
            return argv[i + 1];
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    char made[256];
    const char *scratch = kept(argc, argv);
    if (scratch == NULL) {
        bench_scratch(made, sizeof made, "formats");
        scratch = made;
    }
    size_t wrong = bench_tables(
        scratch, (struct extent){bench_flag(argc, argv, "--all"), bench_flag(argc, argv, "--quick")});
    wrong += bench_transforms(scratch);
    if (scratch == made) {
        sva_fixture_remove(scratch);
    }
    printf("%zu wrong\n", wrong);
    return wrong == 0 ? 0 : 1;
}
