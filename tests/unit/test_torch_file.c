/* SPDX-License-Identifier: Apache-2.0 */
/* PyTorch checkpoints made byte by byte: where tensors lie, what is remarked upon, what is refused.
 */
#include "checkpoint_builder.h"

#include "format/torch_file.h"

static enum sva_status read_file(const struct temp_tree *tree, const char *name,
                                 struct sva_container *container, struct sva_error *error)
{
    const struct sva_limits limits = sva_limits_default();
    struct sva_input input = {.fd = -1};
    char path[512];
    *error = (struct sva_error){.status = SVA_OK};
    assert_int_equal(sva_input_open(-1, tree_path(tree, name, path), true, &input, NULL), SVA_OK);
    const enum sva_status status = sva_torch_read(&input, &limits, container, error);
    sva_input_close(&input);
    assert_int_equal(status, error->status);
    return status;
}

/** Saves the zip and reads it. */
static enum sva_status read_zip(struct zip_maker *zip, struct sva_container *container,
                                struct sva_error *error)
{
    struct temp_tree tree;
    tree_make(&tree);
    zip_save(zip, &tree, "a.pt");
    const enum sva_status status = read_file(&tree, "a.pt", container, error);
    tree_remove(&tree);
    return status;
}

/** A checkpoint of this pickle and one storage 0 of six numbers. */
static enum sva_status read_checkpoint(const char *pickle, size_t pickle_bytes,
                                       struct sva_container *container, struct sva_error *error)
{
    struct zip_maker zip = {0};
    zip_add(&zip, "m/data.pkl", 0, pickle, pickle_bytes);
    zip_add(&zip, "m/data/0", 0, six, sizeof six);
    return read_zip(&zip, container, error);
}

static const struct sva_finding *finding(const struct sva_container *container, const char *code)
{
    for (size_t i = 0; i < container->finding_count; i++) {
        if (strcmp(container->findings[i].code, code) == 0) {
            return &container->findings[i];
        }
    }
    return NULL;
}

/* -- where tensors lie ------------------------------------------------------------------------- */

static void tensors_lie_where_the_storages_lie(void **state)
{
    (void)state;
    struct temp_tree tree;
    struct zip_maker zip = {0};
    struct sva_container container;
    struct sva_error error;
    tree_make(&tree);
    zip_add(&zip, "m/data.pkl", 0, BYTES(state_dict));
    zip_add(&zip, "m/byteorder", 0, "little", 6);
    zip_add(&zip, "m/data/0", 0, six, sizeof six);
    zip_add(&zip, "m/data/9", 0, six, sizeof six);
    zip_add(&zip, "m/code/x.py", 0, "print()", 7);
    zip_add(&zip, "other/version", 0, "3", 1);
    zip_add(&zip, "m/a", 0, "abcd", 4);
    zip_add(&zip, "m/version", 0, "3", 1);
    zip_add(&zip, "m/.format_version", 0, "1", 1);
    zip_add(&zip, "m/.storage_alignment", 0, "1", 1);
    zip_add(&zip, "m/.data/serialization_id", 0, "1", 1);
    zip_save(&zip, &tree, "a.pt");
    assert_int_equal(read_file(&tree, "a.pt", &container, &error), SVA_OK);
    assert_int_equal(container.tensor_count, 1);
    assert_int_equal(container.tensors[0].size_bytes, 24);
    assert_int_equal(container.unclaimed_bytes, 24 + 5);
    assert_int_equal(container.finding_count, 3);
    assert_non_null(finding(&container, "unclaimed-bytes"));
    assert_non_null(finding(&container, "shipped-code"));
    assert_non_null(finding(&container, "foreign-entries"));
    assert_string_equal(
        finding(&container, "foreign-entries")->text,
        "2 entries of the archive are no part of the checkpoint; the first is \"m/a\".");
    sva_container_done(&container);
    struct sva_model *const model = tree_open(&tree, "a.pt");
    float values[6];
    assert_int_equal(
        sva_model_read(model, 0, model->tensors[0].offset_bytes, values, sizeof values, NULL),
        SVA_OK);
    assert_memory_equal(values, six, sizeof six);
    assert_int_equal(model->files[0].kind, SVA_FILE_TORCH);
    assert_string_equal(sva_model_fact(model, "files.pickles"), "1");
    sva_model_close(model);
    tree_remove(&tree);
}

/** One pickle with one tensor w of storage 0, which has six numbers. */
#define PLACED(place) "\x80\2}X\1\0\0\0w" REBUILD ARGUMENTS(STORAGE, place) "Rs."

static void tied_tensors_share_a_storage(void **state)
{
    (void)state;
    /* a and b are one; c is the second row, of the same storage */
    static const char tied[] =
        "\x80\2}(X\1\0\0\0a" TENSOR
        "q\1X\1\0\0\0bh\1X\1\0\0\0c" REBUILD ARGUMENTS(STORAGE, "K\3K\3\x85K\1\x85") "Ru.";
    struct sva_container container;
    struct sva_error error;
    assert_int_equal(read_checkpoint(BYTES(tied), &container, &error), SVA_OK);
    assert_int_equal(container.tensor_count, 3);
    assert_int_equal(container.tensors[0].offset_bytes, container.tensors[1].offset_bytes);
    assert_int_equal(container.tensors[2].offset_bytes, container.tensors[0].offset_bytes + 12);
    assert_int_equal(container.tensors[2].size_bytes, 12);
    assert_int_equal(container.unclaimed_bytes, 0);
    assert_int_equal(container.finding_count, 0);
    sva_container_done(&container);
}

static void orders_in_storage_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *code; /* the finding, or NULL */
        enum sva_dtype dtype;
        uint32_t rank;
        uint64_t first, elements, unclaimed;
    } cases[] = {
        {BYTES(PLACED("K\0K\2K\3\x86K\3K\1\x86")), NULL, SVA_DTYPE_F32, 2, 2, 6, 0},
        {BYTES(PLACED("K\0K\3K\2\x86K\1K\3\x86")), "transposed-storage", SVA_DTYPE_F32, 2, 2, 6, 0},
        {BYTES(PLACED("K\0K\3\x85K\2\x85")), "strided-tensor", SVA_DTYPE_OPAQUE, 1, 3, 3, 4},
        {BYTES(PLACED("K\0K\2K\2\x86K\3K\1\x86")), "strided-tensor", SVA_DTYPE_OPAQUE, 2, 2, 4, 4},
        {BYTES(PLACED("K\0K\1K\6\x86K\x63K\1\x86")), NULL, SVA_DTYPE_F32, 2, 1, 6, 0},
        {BYTES(PLACED("K\0))")), "unclaimed-bytes", SVA_DTYPE_F32, 0, 0, 1, 20},
        {BYTES(PLACED("K\6K\0\x85K\1\x85")), "unclaimed-bytes", SVA_DTYPE_F32, 1, 0, 0, 24},
        {BYTES(PLACED("K\1K\5\x85K\1\x85")), "unclaimed-bytes", SVA_DTYPE_F32, 1, 5, 5, 4},
        /* one number for all: never taken for six */
        {BYTES(PLACED("K\0K\6\x85K\0\x85")), "strided-tensor", SVA_DTYPE_OPAQUE, 1, 6, 6, 20},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sva_container container;
        struct sva_error error;
        if (read_checkpoint(cases[i].bytes, cases[i].size, &container, &error) != SVA_OK) {
            fail_msg("case %zu: %s", i, error.text);
        }
        const struct sva_tensor *const tensor = &container.tensors[0];
        assert_int_equal(tensor->dtype, cases[i].dtype);
        assert_int_equal(tensor->rank, cases[i].rank);
        assert_true(tensor->rank == 0 || tensor->shape[0] == cases[i].first);
        assert_int_equal(tensor->element_count, cases[i].elements);
        if (cases[i].code == NULL) {
            assert_int_equal(container.finding_count, 0);
        } else if (finding(&container, cases[i].code) == NULL) {
            fail_msg("case %zu: no finding %s", i, cases[i].code);
        }
        if (cases[i].dtype != SVA_DTYPE_OPAQUE || cases[i].unclaimed == 20) {
            assert_int_equal(container.unclaimed_bytes, cases[i].unclaimed);
        }
        sva_container_done(&container);
    }
}

static void the_byte_order_is_what_the_entry_says(void **state)
{
    (void)state;
    static const struct {
        const char *order;
        size_t size;
        bool big, sound;
    } cases[] = {
        {BYTES("little"), false, true},       {BYTES("big"), true, true},
        {BYTES("middle"), false, false},      {BYTES(""), false, false},
        {BYTES("big\0little"), false, false}, {BYTES("little\0"), false, false},
        {BYTES("little\n"), false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct zip_maker zip = {0};
        struct sva_container container;
        struct sva_error error;
        zip_add(&zip, "m/data.pkl", 0, BYTES(state_dict));
        zip_add(&zip, "m/byteorder", 0, cases[i].order, cases[i].size);
        zip_add(&zip, "m/data/0", 0, six, sizeof six);
        const enum sva_status status = read_zip(&zip, &container, &error);
        if ((status == SVA_OK) != cases[i].sound) {
            fail_msg("case %zu: %s", i, error.text);
        }
        if (status == SVA_OK) {
            assert_int_equal(container.tensors[0].big_endian, cases[i].big);
            sva_container_done(&container);
        } else {
            assert_non_null(strstr(error.text, "neither \"little\" nor \"big\""));
        }
    }
}

/* -- what is refused --------------------------------------------------------------------------- */

static void storages_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        unsigned method;
        size_t size;
        const char *said;
    } cases[] = {
        {"m/data/1", 0, sizeof six, "is not in the archive"},
        {"n/data/0", 0, sizeof six, "is not in the archive"},
        {"m/data/0", 0, sizeof six - 1, "fewer bytes than the pickle says"},
        {"m/data/0", 0, 0, "fewer bytes than the pickle says"},
        {"m/data/0", 8, sizeof six, "compressed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct zip_maker zip = {0};
        struct sva_container container;
        struct sva_error error;
        zip_add(&zip, "m/data.pkl", 0, BYTES(state_dict));
        zip_add(&zip, cases[i].key, cases[i].method, six, cases[i].size);
        const enum sva_status status = read_zip(&zip, &container, &error);
        if (status != SVA_ERR_CORRUPT || strstr(error.text, cases[i].said) == NULL) {
            fail_msg("case %zu: %s", i, error.text);
        }
    }
}

#define MOST "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f" /* 2^63 - 1 */

static void sizes_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *said;
    } cases[] = {
        {BYTES(PLACED("K\1K\2K\3\x86K\3K\1\x86")), "reaches beyond its storage"},
        {BYTES(PLACED("K\0K\2K\3\x86K\4K\1\x86")), "reaches beyond its storage"},
        {BYTES(PLACED("K\7K\0\x85K\1\x85")), "reaches beyond its storage"},
        {BYTES(PLACED(MOST "K\1\x85K\1\x85")), "reaches beyond its storage"},
        {BYTES(PLACED("K\0" MOST MOST "\x86K\0K\0\x86")), "reaches beyond its storage"},
        {BYTES(PLACED("K\0K\2\x85" MOST "\x85")), "reaches beyond its storage"},
        {BYTES(PLACED("K\0K\3K\3\x86" MOST MOST "\x86")), "reaches beyond its storage"},
        /* a stride of 0: any number of parameters from four bytes */
        {BYTES(PLACED("K\0" MOST "\x85K\0\x85")), "too many elements lie in one place"},
        {BYTES(PLACED("K\0M\xff\xffM\xff\xff\x86K\0K\0\x86")),
         "too many elements lie in one place"},
        {BYTES("\x80\2}(X\1\0\0\0a}X\1\0\0\0b" TENSOR "sX\3\0\0\0a.b" TENSOR "u."),
         "the name is there twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sva_container container;
        struct sva_error error;
        const enum sva_status status =
            read_checkpoint(cases[i].bytes, cases[i].size, &container, &error);
        if (status != SVA_ERR_CORRUPT || strstr(error.text, cases[i].said) == NULL) {
            fail_msg("case %zu: %s", i, error.text);
        }
    }
}

static void two_pickles_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"n/data.pkl", "data.pkl", "m/n/data.pkl", "M/x/data.PKL"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zip_maker zip = {0};
        struct sva_container container;
        struct sva_error error;
        zip_add(&zip, "m/data.pkl", 0, BYTES(state_dict));
        zip_add(&zip, "m/data/0", 0, six, sizeof six);
        zip_add(&zip, names[i], 0, BYTES(state_dict));
        if (read_zip(&zip, &container, &error) != SVA_ERR_CORRUPT ||
            strstr(error.text, "could be the checkpoint's pickle") == NULL) {
            fail_msg("%s: %s", names[i], error.text);
        }
    }
}

static void arrays_beside_a_pickle_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"m/w.npy", "w.npy", "m/data/w.NPY"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zip_maker zip = {0};
        struct sva_container container;
        struct sva_error error;
        zip_add(&zip, "m/data.pkl", 0, BYTES(state_dict));
        zip_add(&zip, "m/data/0", 0, six, sizeof six);
        zip_add(&zip, names[i], 0, six, sizeof six);
        assert_int_equal(read_zip(&zip, &container, &error), SVA_ERR_CORRUPT);
        assert_non_null(strstr(error.text, "NumPy array beside a checkpoint's pickle"));
    }
}

/** PyTorch looks entries up without regard to capitals: it must find what we find. */
static void entries_that_differ_in_capitals_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"m/DATA.PKL", "M/data.pkl", "m/Data/0", "m/BYTEORDER"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zip_maker zip = {0};
        struct sva_container container;
        struct sva_error error;
        zip_add(&zip, "m/data.pkl", 0, BYTES(state_dict));
        zip_add(&zip, "m/byteorder", 0, "little", 6);
        zip_add(&zip, "m/data/0", 0, six, sizeof six);
        zip_add(&zip, names[i], 0, BYTES(state_dict));
        if (read_zip(&zip, &container, &error) != SVA_ERR_CORRUPT ||
            strstr(error.text, "in capitals and in small letters") == NULL) {
            fail_msg("%s: %s", names[i], error.text);
        }
    }
    struct zip_maker zip = {0};
    struct sva_container container;
    struct sva_error error;
    zip_add(&zip, "m/data.pkl", 0, BYTES(state_dict));
    zip_add(&zip, "m/ByteOrder", 0, "big", 3);
    zip_add(&zip, "m/data/0", 0, six, sizeof six);
    assert_int_equal(read_zip(&zip, &container, &error), SVA_OK);
    assert_true(container.tensors[0].big_endian);
    sva_container_done(&container);
}

static void a_zip_without_a_pickle_is_no_checkpoint(void **state)
{
    (void)state;
    static const char *const names[] = {"data.pkl", "m/n/data.pkl", "m/other.pkl", "m/data.pklx"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zip_maker zip = {0};
        struct sva_container container;
        struct sva_error error;
        zip_add(&zip, names[i], 0, BYTES(state_dict));
        assert_int_equal(read_zip(&zip, &container, &error), SVA_ERR_CORRUPT);
        assert_non_null(strstr(error.text, "no PyTorch checkpoint"));
    }
}

static void a_pickle_in_a_zip_must_be_whole_and_small(void **state)
{
    (void)state;
    struct zip_maker zip = {0};
    struct sva_container container;
    struct sva_error error;
    zip_add(&zip, "m/data.pkl", 8, BYTES(state_dict));
    assert_int_equal(read_zip(&zip, &container, &error), SVA_ERR_CORRUPT);
    assert_non_null(strstr(error.text, "is compressed"));
    /* a byte of the pickle changed behind the checksum's back */
    zip = (struct zip_maker){0};
    zip_add(&zip, "m/data.pkl", 0, BYTES(state_dict));
    zip.out.data[30 + 10 + 8] ^= 1;
    assert_int_equal(read_zip(&zip, &container, &error), SVA_ERR_CORRUPT);
    assert_non_null(strstr(error.text, "checksum"));
    zip = (struct zip_maker){0};
    const size_t size = ((size_t)64 << 20) + 1;
    void *const large = calloc(1, size);
    assert_non_null(large);
    zip_add(&zip, "m/data.pkl", 0, large, size);
    free(large);
    assert_int_equal(read_zip(&zip, &container, &error), SVA_ERR_LIMIT);
    assert_non_null(strstr(error.text, "more than the limit of 67108864"));
}

/* -- bytes of nobody --------------------------------------------------------------------------- */

static void bytes_between_entries_are_a_finding(void **state)
{
    (void)state;
    static const struct {
        unsigned gap;
        bool described;
        uint64_t unclaimed;
    } cases[] = {
        {0, false, 0}, {1, false, 2}, {16, false, 32}, {24, false, 48},  {1000, false, 2000},
        {0, true, 0},  {1, true, 2},  {8, true, 16},   {100, true, 200},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct zip_maker zip = {.gap = cases[i].gap, .described = cases[i].described};
        struct sva_container container;
        struct sva_error error;
        zip_add(&zip, "m/data.pkl", 0, BYTES(state_dict));
        zip_add(&zip, "m/data/0", 0, six, sizeof six);
        if (read_zip(&zip, &container, &error) != SVA_OK) {
            fail_msg("case %zu: %s", i, error.text);
        }
        const struct sva_finding *const found = finding(&container, "archive-unclaimed-bytes");
        assert_int_equal(found != NULL, cases[i].unclaimed > 0);
        assert_int_equal(container.unclaimed_bytes, cases[i].unclaimed);
        sva_container_done(&container);
    }
}

static void an_entry_that_the_directory_leaves_out_is_unclaimed(void **state)
{
    (void)state;
    struct zip_maker zip = {0};
    struct sva_container container;
    struct sva_error error;
    zip_add(&zip, "m/data.pkl", 0, BYTES("\x80\2}."));
    sva_bytes_done(&zip.directory);
    zip.directory = (struct sva_bytes){0};
    zip.count = 0;
    const uint64_t hidden = zip.out.size;
    zip_add(&zip, "m/data.pkl", 0, BYTES(state_dict));
    zip_add(&zip, "m/data/0", 0, six, sizeof six);
    assert_int_equal(read_zip(&zip, &container, &error), SVA_OK);
    assert_non_null(finding(&container, "archive-unclaimed-bytes"));
    assert_int_equal(container.unclaimed_bytes, hidden);
    sva_container_done(&container);
}

/* -- in a directory ---------------------------------------------------------------------------- */

static void training_state_beside_a_model_is_left_alone(void **state)
{
    (void)state;
    static const char *const names[] = {"pytorch_model.bin", "optimizer.pt", "training_args.bin"};
    struct temp_tree tree;
    tree_make(&tree);
    for (size_t i = 0; i < 3; i++) {
        struct zip_maker zip = {0};
        zip_add(&zip, "m/data.pkl", 0, BYTES(state_dict));
        zip_add(&zip, "m/data/0", 0, six, sizeof six);
        zip_save(&zip, &tree, names[i]);
    }
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(model->tensor_count, 1);
    assert_string_equal(sva_model_fact(model, "files.pickles"), "3");
    assert_string_equal(sva_model_fact(model, "files.not_audited"), "2");
    sva_model_close(model);
    tree_remove(&tree);
}

static void shards_of_an_index_must_be_checkpoints(void **state)
{
    (void)state;
    struct temp_tree tree;
    struct zip_maker zip = {0};
    tree_make(&tree);
    zip_add(&zip, "m/data.pkl", 0, BYTES(state_dict));
    zip_add(&zip, "m/data/0", 0, six, sizeof six);
    zip_save(&zip, &tree, "pytorch_model-00001-of-00001.bin");
    tree_text(&tree, "pytorch_model.bin.index.json",
              "{\"weight_map\":{\"w\":\"pytorch_model-00001-of-00001.bin\"}}");
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(model->tensor_count, 1);
    sva_model_close(model);
    zip = (struct zip_maker){0};
    zip_add(&zip, "m/data.pkl", 0, BYTES("\x80\2}(X\1\0\0\0w" TENSOR "X\1\0\0\0x" TENSOR "u."));
    zip_add(&zip, "m/data/0", 0, six, sizeof six);
    zip_save(&zip, &tree, "again.bin");
    tree_text(&tree, "pytorch_model.bin.index.json",
              "{\"weight_map\":{\"w\":\"pytorch_model-00001-of-00001.bin\",\"x\":\"again.bin\"}}");
    tree_refused(&tree, "", SVA_ERR_CORRUPT,
                 "w is stored in pytorch_model-00001-of-00001.bin and again in again.bin");
    tree_text(&tree, "pytorch_model.bin.index.json",
              "{\"weight_map\":{\"w\":\"pytorch_model-00001-of-00001.bin\"}}");
    tree_text(&tree, "pytorch_model.bin", "\x80\2}."); /* which loaders would take first */
    tree_refused(&tree, "", SVA_ERR_CORRUPT, "loaders disagree about pytorch_model.bin");
    char path[512];
    assert_int_equal(unlink(tree_path(&tree, "pytorch_model.bin", path)), 0);
    tree_text(&tree, "pytorch_model.bin.index.json",
              "{\"weight_map\":{\"w\":\"pytorch_model-00001-of-00001.safetensors\"}}");
    tree_refused(&tree, "", SVA_ERR_CORRUPT, "is not a file of the index's kind");
    tree_remove(&tree);
}

static void a_checkpoint_survives_lack_of_memory(void **state)
{
    (void)state;
    struct temp_tree tree;
    struct zip_maker zip = {.gap = 3};
    tree_make(&tree);
    zip_add(&zip, "m/data.pkl", 0, BYTES(state_dict));
    zip_add(&zip, "m/byteorder", 0, "big", 3);
    zip_add(&zip, "m/data/0", 0, six, sizeof six);
    zip_save(&zip, &tree, "a.pt");
    for (uint64_t n = 1; n < 300; n++) {
        struct sva_container container;
        struct sva_error error = {0};
        struct sva_input input = {.fd = -1};
        const struct sva_limits limits = sva_limits_default();
        char path[512];
        assert_int_equal(sva_input_open(-1, tree_path(&tree, "a.pt", path), true, &input, NULL),
                         SVA_OK);
        sva_memory_fail_after(n);
        const enum sva_status status = sva_torch_read(&input, &limits, &container, &error);
        sva_memory_fail_after(0);
        sva_input_close(&input);
        if (status == SVA_OK) {
            sva_container_done(&container);
            tree_remove(&tree);
            return;
        }
        assert_int_equal(status, SVA_ERR_MEMORY);
    }
    fail_msg("the checkpoint was never read");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_lie_where_the_storages_lie),
        cmocka_unit_test(tied_tensors_share_a_storage),
        cmocka_unit_test(orders_in_storage_are_told_apart),
        cmocka_unit_test(the_byte_order_is_what_the_entry_says),
        cmocka_unit_test(storages_that_cannot_be_are_refused),
        cmocka_unit_test(sizes_that_do_not_fit_are_refused),
        cmocka_unit_test(two_pickles_are_refused),
        cmocka_unit_test(arrays_beside_a_pickle_are_refused),
        cmocka_unit_test(entries_that_differ_in_capitals_are_refused),
        cmocka_unit_test(a_zip_without_a_pickle_is_no_checkpoint),
        cmocka_unit_test(a_pickle_in_a_zip_must_be_whole_and_small),
        cmocka_unit_test(bytes_between_entries_are_a_finding),
        cmocka_unit_test(an_entry_that_the_directory_leaves_out_is_unclaimed),
        cmocka_unit_test(training_state_beside_a_model_is_left_alone),
        cmocka_unit_test(shards_of_an_index_must_be_checkpoints),
        cmocka_unit_test(a_checkpoint_survives_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
