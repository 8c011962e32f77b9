/* SPDX-License-Identifier: Apache-2.0 */
/* One model as a directory and in each kind of archive gives one print. */
#include "model_builder.h"

#include <sovaudit/print.h>

#include "fixtures/archive_writer.h"
#include "fixtures/fixtures.h"

static struct sva_print *print_of(const char *path)
{
    struct sva_model *model = NULL;
    struct sva_print *print = NULL;
    struct sva_error error = {0};
    if (sva_model_open(path, NULL, &model, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    const struct sva_print_options options = {.threads = 2};
    if (sva_print_make(model, &options, &print, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    sva_model_close(model);
    return print;
}

/** All that a print says of the model, apart from its name and that it lies in an archive. */
static void assert_same(const struct sva_print *left, const struct sva_print *right)
{
    assert_int_equal(left->parameter_count, right->parameter_count);
    assert_int_equal(left->weight_bytes, right->weight_bytes);
    assert_int_equal(left->tensor_count, right->tensor_count);
    for (size_t i = 0; i < left->tensor_count; i++) {
        assert_string_equal(left->tensors[i].name, right->tensors[i].name);
        assert_memory_equal(left->tensors[i].value_hash, right->tensors[i].value_hash,
                            SVA_DIGEST_BYTES);
        assert_int_equal(left->tensors[i].role, right->tensors[i].role);
    }
    assert_int_equal(left->file_count, right->file_count);
    for (size_t i = 0; i < left->file_count; i++) {
        assert_string_equal(left->files[i].path, right->files[i].path);
        assert_int_equal(left->files[i].kind, right->files[i].kind);
        assert_int_equal(left->files[i].size_bytes, right->files[i].size_bytes);
        assert_memory_equal(left->files[i].sha256, right->files[i].sha256, SVA_DIGEST_BYTES);
    }
    assert_int_equal(left->fact_count, right->fact_count);
    for (size_t i = 0; i < left->fact_count; i++) {
        assert_string_equal(left->facts[i].key, right->facts[i].key);
        assert_string_equal(left->facts[i].value, right->facts[i].value);
    }
}

static void every_archive_of_a_model_gives_the_print_of_its_directory(void **state)
{
    (void)state;
    struct temp_tree tree;
    char directory[512];
    tree_make(&tree);
    assert_int_equal(sva_fixture_make_format(1, 2, "bf16", tree_path(&tree, "model", directory)),
                     0);
    struct sva_print *const plain = print_of(directory);
    const char **const names = calloc(plain->file_count, sizeof *names);
    assert_non_null(names);
    for (size_t i = 0; i < plain->file_count; i++) {
        names[i] = plain->files[i].path;
    }
    for (int kind = 0; kind < SVA_ARCHIVE_KIND_COUNT; kind++) {
        char name[32];
        char path[512];
        assert_int_equal(sva_archive_save((enum sva_archive_kind)kind, directory, names,
                                          plain->file_count, "folder", tree.path),
                         0);
        snprintf(name, sizeof name, "model.%s", sva_archive_ending((enum sva_archive_kind)kind));
        struct sva_print *const packed = print_of(tree_path(&tree, name, path));
        assert_same(plain, packed);
        assert_int_equal(packed->finding_count, plain->finding_count + 1);
        sva_print_free(packed);
    }
    free(names);
    sva_print_free(plain);
    tree_remove(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_archive_of_a_model_gives_the_print_of_its_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
