/* SPDX-License-Identifier: Apache-2.0 */
/**
 * compare_two SUBJECT REFERENCE
 *
 * A first program with libsovaudit: opens two models, makes their prints, compares them and prints
 * one answer for each component of the subject. Exits 0 when nothing speaks of a dependence, 1 when
 * something does, 2 when it could not tell.
 */
#include <stdio.h>

#include <sovaudit/sovaudit.h>

/** A model's print; the model itself is not needed afterwards. */
static enum sva_status print_of(const char *path, struct sva_print **print, struct sva_error *error)
{
    struct sva_model *model = NULL;
    enum sva_status status = sva_model_open(path, NULL, &model, error);
    if (status == SVA_OK) {
        const struct sva_print_options options = {.threads =
                                                      0}; /* as many as there are processors */
        status = sva_print_make(model, &options, print, error);
    }
    sva_model_close(model);
    return status;
}

static void show(const struct sva_comparison *comparison)
{
    for (size_t i = 0; i < comparison->component_count; i++) {
        const struct sva_component_result *const result = &comparison->components[i];
        printf("%s: %s - %s\n", sva_component_kind_name(result->kind),
               sva_answer_name(result->answer), result->reason);
    }
    printf("answer: %s\n", sva_answer_name(comparison->answer));
}

/** Answers are ordered: those above no-evidence reject independence. */
static int exit_code(enum sva_answer answer)
{
    if (answer == SVA_ANSWER_NOT_COMPARABLE) {
        return 2;
    }
    return answer == SVA_ANSWER_NO_EVIDENCE ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: compare_two SUBJECT REFERENCE\n");
        return 2;
    }
    struct sva_print *subject = NULL;
    struct sva_print *reference = NULL;
    struct sva_comparison *comparison = NULL;
    struct sva_error error = {0};
    const struct sva_compare_options options = sva_compare_options_default();

    enum sva_status status = print_of(argv[1], &subject, &error);
    if (status == SVA_OK) {
        status = print_of(argv[2], &reference, &error);
    }
    if (status == SVA_OK) {
        status = sva_compare(subject, reference, &options, &comparison, &error);
    }

    int code = 2;
    if (status == SVA_OK) {
        show(comparison);
        code = exit_code(comparison->answer);
    } else {
        fprintf(stderr, "compare_two: %s\n", error.text);
    }
    sva_comparison_free(comparison);
    sva_print_free(reference);
    sva_print_free(subject);
    return code;
}
