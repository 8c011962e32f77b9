/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bench_fixtures [NAME ...]
 *
 * Makes every named case of the generator (or those given), compares subject and
 * references, and prints the answer per component beside the ones that are right.
 * Exits 1 when an answer is not among them.
 */
#include "bench_support.h"

#include "fixtures/fixtures.h"

/* "derived|identical" */
static const char *accepted_names(uint32_t accepted, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int answer = 0; answer < SVA_ANSWER_COUNT; ++answer) {
        if (((accepted >> answer) & 1u) != 0 && used < size) {
            const int length = snprintf(text + used, size - used, "%s%s", used == 0 ? "" : "|",
                                        sva_answer_name((enum sva_answer)answer));
            used += length > 0 ? (size_t)length : 0;
        }
    }
    return text;
}

/* All components of the expected kind must be right, and there must be one. */
static bool check_expectation(const struct sva_fixture *fixture,
                              const struct sva_fixture_expectation *expected,
                              const struct sva_comparison *comparison)
{
    char names[128];
    bool found = false;
    bool sound = true;
    for (size_t i = 0; i < comparison->component_count; ++i) {
        const struct sva_component_result *const component = &comparison->components[i];
        if (component->kind != expected->component) {
            continue;
        }
        const bool right = ((expected->accepted >> component->answer) & 1u) != 0;
        found = true;
        sound = sound && right;
        printf("%-5s %-22s %-12s %-16s %-22s %-20s rho %6.3f seen from %.3f  log10 p %6.1f\n",
               right ? "ok" : "WRONG", fixture->name,
               fixture->references[expected->reference].directory, component->name,
               sva_answer_name(component->answer), component->derivation, component->rho,
               component->detectable_rho,
               component->log10_p_adjusted);
        if (!right) {
            printf("      expected %s; %s\n",
                   accepted_names(expected->accepted, names, sizeof names), component->reason);
        }
    }
    if (!found) {
        printf("WRONG %-22s there is no %s\n", fixture->name,
               sva_component_kind_name(expected->component));
    }
    return found && sound;
}

static bool check_reference(const struct sva_fixture *fixture, uint32_t reference,
                            const struct sva_print *subject, const char *directory)
{
    char path[600];
    struct sva_error error = {0};
    struct sva_print *print = NULL;
    struct sva_comparison *comparison = NULL;
    const struct sva_compare_options options = sva_compare_options_default();
    snprintf(path, sizeof path, "%s/%s", directory, fixture->references[reference].directory);
    enum sva_status status = bench_print(path, 0, &print, &error);
    if (status == SVA_OK) {
        status = sva_compare(subject, print, &options, &comparison, &error);
    }
    bool sound = status == SVA_OK;
    if (!sound) {
        printf("WRONG %s: %s\n", fixture->name, error.text);
    }
    for (uint32_t i = 0; sound && i < fixture->expectation_count; ++i) {
        if (fixture->expectations[i].reference == reference) {
            sound = check_expectation(fixture, &fixture->expectations[i], comparison) && sound;
        }
    }
    sva_comparison_free(comparison);
    sva_print_free(print);
    return sound;
}

static bool check_fixture(const struct sva_fixture *fixture, const char *scratch)
{
    char directory[400];
    char path[500];
    struct sva_error error = {0};
    struct sva_print *subject = NULL;
    snprintf(directory, sizeof directory, "%s/%s", scratch, fixture->name);
    snprintf(path, sizeof path, "%s/subject", directory);
    bool sound = fixture->make(directory) == 0;
    if (sound && bench_print(path, 0, &subject, &error) != SVA_OK) {
        printf("WRONG %s: %s\n", fixture->name, error.text);
        sound = false;
    }
    for (uint32_t i = 0; sound && i < fixture->reference_count; ++i) {
        sound = check_reference(fixture, i, subject, directory) && sound;
    }
    sva_print_free(subject);
    sva_fixture_remove(directory);
    return sound;
}

static bool wanted(int argc, char **argv, const char *name)
{
    return argc < 2 || bench_flag(argc, argv, name);
}

int main(int argc, char **argv)
{
    char scratch[256];
    size_t count = 0;
    size_t checked = 0;
    size_t wrong = 0;
    const struct sva_fixture *const table = sva_fixture_table(&count);
    bench_scratch(scratch, sizeof scratch, "fixtures");
    for (size_t i = 0; i < count; ++i) {
        if (wanted(argc, argv, table[i].name)) {
            ++checked;
            wrong += check_fixture(&table[i], scratch) ? 0 : 1;
            fflush(stdout);
        }
    }
    sva_fixture_remove(scratch);
    printf("%zu cases, %zu wrong\n", checked, wrong);
    return checked > 0 && wrong == 0 ? 0 : 1;
}
