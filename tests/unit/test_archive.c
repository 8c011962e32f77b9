/* SPDX-License-Identifier: Apache-2.0 */
/* Archives that are made here, sound and hostile, and what becomes of them. */
#include <archive.h>
#include <archive_entry.h>
#include <signal.h>
#include <sys/resource.h>

#include "model_builder.h"

#include "base/memory.h"
#include "format/archive.h"

enum filter { PLAIN, GZIP, ZSTD };

/** Writes entries one by one into a new archive. */
struct maker {
    struct archive *writer;
};

static void maker_open(struct maker *maker, const char *path, bool zip, enum filter filter)
{
    maker->writer = archive_write_new();
    assert_non_null(maker->writer);
    if (zip) {
        assert_int_equal(archive_write_set_format_zip(maker->writer), ARCHIVE_OK);
    } else {
        assert_int_equal(archive_write_set_format_pax_restricted(maker->writer), ARCHIVE_OK);
    }
    if (filter == GZIP) {
        assert_int_equal(archive_write_add_filter_gzip(maker->writer), ARCHIVE_OK);
    } else if (filter == ZSTD) {
        assert_int_equal(archive_write_add_filter_zstd(maker->writer), ARCHIVE_OK);
    }
    assert_int_equal(archive_write_open_filename(maker->writer, path), ARCHIVE_OK);
}

static void maker_close(struct maker *maker)
{
    assert_int_equal(archive_write_close(maker->writer), ARCHIVE_OK);
    archive_write_free(maker->writer);
}

static void put(struct maker *maker, const char *name, unsigned type, const char *link,
                const void *bytes, size_t size)
{
    struct archive_entry *const entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)size);
    if (link != NULL && type == AE_IFLNK) {
        archive_entry_set_symlink(entry, link);
    } else if (link != NULL) {
        archive_entry_set_hardlink(entry, link);
    }
    assert_int_equal(archive_write_header(maker->writer, entry), ARCHIVE_OK);
    if (size > 0) {
        assert_int_equal(archive_write_data(maker->writer, bytes, size), size);
    }
    archive_entry_free(entry);
}

static enum sva_status unpack(const char *path, const struct sva_limits *limits,
                              struct sva_archive *archive, struct sva_error *error)
{
    struct sva_input input = {.fd = -1};
    assert_int_equal(sva_input_open(-1, path, true, &input, NULL), SVA_OK);
    const enum sva_status status = sva_archive_unpack(&input, limits, archive, error);
    sva_input_close(&input);
    return status;
}

static void files_come_out_of_every_kind_of_archive(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        struct temp_tree tree;
        char path[512];
        struct maker maker;
        tree_make(&tree);
        maker_open(&maker, tree_path(&tree, "a", path), kind == 3,
                   kind == 3 ? PLAIN : (enum filter)kind);
        put(&maker, "m/", AE_IFDIR, NULL, NULL, 0);
        put(&maker, "m/b.txt", AE_IFREG, NULL, "second", 6);
        put(&maker, "./m/a.txt", AE_IFREG, NULL, "first", 5);
        maker_close(&maker);
        const struct sva_limits limits = sva_limits_default();
        struct sva_archive archive;
        struct sva_error error = {0};
        assert_int_equal(unpack(path, &limits, &archive, &error), SVA_OK);
        assert_int_equal(archive.count, 2);
        assert_string_equal(archive.entries[0].path, "m/a.txt");
        assert_string_equal(archive.entries[1].path, "m/b.txt");
        char text[8] = "";
        struct sva_input window = {.fd = -1};
        assert_int_equal(
            sva_archive_open_entry(&archive, &archive.entries[0], "m/a.txt", &window, NULL),
            SVA_OK);
        assert_int_equal(archive.entries[0].in_place, kind == 0);
        assert_int_equal(archive.data.size_bytes, kind == 0 ? 0 : 11);
        assert_int_equal(sva_input_read(&window, 0, text, 5, NULL), SVA_OK);
        assert_string_equal(text, "first");
        assert_int_equal(sva_input_read(&window, 3, text, 5, &error), SVA_ERR_CONFLICT);
        sva_input_close(&window);
        sva_archive_done(&archive);
        tree_remove(&tree);
    }
}

static void entries_that_could_do_harm_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned type;
        const char *link;
        const char *why;
    } cases[] = {
        {"/etc/passwd", AE_IFREG, NULL, "absolute"},
        {"../up", AE_IFREG, NULL, "climbs"},
        {"a/../../up", AE_IFREG, NULL, "climbs"},
        {"C:\\x", AE_IFREG, NULL, "absolute"},
        {"a\\b", AE_IFREG, NULL, "backslash"},
        {"a\nb", AE_IFREG, NULL, "control"},
        {"a//b", AE_IFREG, NULL, "empty part"},
        {"a/./b", AE_IFREG, NULL, "empty part"},
        {"link", AE_IFLNK, "model.safetensors", "link"},
        {"hard", AE_IFREG, "model.safetensors", "link"},
        {"pipe", AE_IFIFO, NULL, "not a regular file"},
        {"model.safetensors", AE_IFREG, NULL, "twice"},
        {"../d", AE_IFDIR, NULL, "climbs"},
        {"./model.safetensors", AE_IFREG, NULL, "twice"},
        {"./", AE_IFREG, NULL, "directory with data"},
        {"~/x", AE_IFREG, NULL, "absolute"},
        {"char", AE_IFCHR, NULL, "not a regular file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct temp_tree tree;
        char path[512];
        struct maker maker;
        struct sva_archive archive;
        struct sva_error error = {0};
        const struct sva_limits limits = sva_limits_default();
        tree_make(&tree);
        maker_open(&maker, tree_path(&tree, "a.tar", path), false, PLAIN);
        put(&maker, "model.safetensors", AE_IFREG, NULL, "x", 1);
        put(&maker, cases[i].name, cases[i].type, cases[i].link, "y",
            cases[i].type == AE_IFREG && cases[i].link == NULL ? 1 : 0);
        maker_close(&maker);
        assert_int_equal(unpack(path, &limits, &archive, &error), SVA_ERR_CORRUPT);
        if (strstr(error.text, cases[i].why) == NULL || strchr(error.text, '\n') != NULL) {
            fail_msg("%s: %s", cases[i].name, error.text);
        }
        tree_remove(&tree);
    }
}

static void growth_is_bounded(void **state)
{
    (void)state;
    struct temp_tree tree;
    char path[512];
    struct maker maker;
    struct sva_archive archive;
    struct sva_error error = {0};
    struct sva_limits limits = sva_limits_default();
    const size_t size = (size_t)96 << 20;
    uint8_t *const zeros = calloc(size, 1);
    assert_non_null(zeros);
    tree_make(&tree);
    maker_open(&maker, tree_path(&tree, "bomb.tar.zst", path), false, ZSTD);
    put(&maker, "model.safetensors", AE_IFREG, NULL, zeros, size);
    maker_close(&maker);
    free(zeros);
    assert_int_equal(unpack(path, &limits, &archive, &error), SVA_ERR_LIMIT);
    assert_non_null(strstr(error.text, "times"));
    limits.unpacked_bytes = 1 << 20;
    error = (struct sva_error){0};
    assert_int_equal(unpack(path, &limits, &archive, &error), SVA_ERR_LIMIT);
    assert_non_null(strstr(error.text, "limit of 1048576 bytes"));
    tree_remove(&tree);
}

static void too_many_entries_are_refused(void **state)
{
    (void)state;
    struct temp_tree tree;
    char path[512];
    struct maker maker;
    struct sva_archive archive;
    struct sva_error error = {0};
    struct sva_limits limits = sva_limits_default();
    limits.file_count = 10;
    tree_make(&tree);
    maker_open(&maker, tree_path(&tree, "many.tar", path), false, PLAIN);
    for (int i = 0; i < 11; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d", i);
        put(&maker, name, AE_IFREG, NULL, "x", 1);
    }
    maker_close(&maker);
    assert_int_equal(unpack(path, &limits, &archive, &error), SVA_ERR_LIMIT);
    assert_non_null(strstr(error.text, "more than 10 entries"));
    tree_remove(&tree);
}

/** Every shorter beginning of an archive is refused or, at an entry's border, holds less. */
static void cut_archives_are_not_taken_for_whole_ones(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct temp_tree tree;
        char path[512];
        struct maker maker;
        const struct sva_limits limits = sva_limits_default();
        tree_make(&tree);
        maker_open(&maker, tree_path(&tree, "whole", path), false, kind == 0 ? GZIP : ZSTD);
        for (int i = 0; i < 4; i++) {
            uint8_t noise[3000];
            uint32_t value = 12345u + (uint32_t)i;
            char name[16];
            snprintf(name, sizeof name, "f%d", i);
            for (size_t b = 0; b < sizeof noise; b++) {
                value = value * 1664525u + 1013904223u;
                noise[b] = (uint8_t)(value >> 24);
            }
            put(&maker, name, AE_IFREG, NULL, noise, sizeof noise);
        }
        maker_close(&maker);
        uint8_t *bytes = NULL;
        size_t size = 0;
        assert_int_equal(sva_read_file(path, 1 << 20, &bytes, &size, NULL), SVA_OK);
        for (size_t cut = 0; cut < size - 8; cut += 997) {
            struct sva_archive archive;
            struct sva_error error = {0};
            char cut_path[512];
            tree_write(&tree, "cut", bytes, cut);
            const enum sva_status status =
                unpack(tree_path(&tree, "cut", cut_path), &limits, &archive, &error);
            assert_int_not_equal(status, SVA_OK);
            assert_true(error.text[0] != '\0');
        }
        free(bytes);
        tree_remove(&tree);
    }
}

static void what_is_no_archive_is_unsupported(void **state)
{
    (void)state;
    struct temp_tree tree;
    char path[512];
    struct sva_archive archive;
    struct sva_error error = {0};
    const struct sva_limits limits = sva_limits_default();
    tree_make(&tree);
    tree_text(&tree, "text", "no archive of any kind, but long enough to be looked at twice");
    assert_int_equal(unpack(tree_path(&tree, "text", path), &limits, &archive, &error),
                     SVA_ERR_UNSUPPORTED);
    tree_remove(&tree);
}

static void a_model_in_an_archive_is_opened_like_a_directory(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"model.embed_tokens.weight 16x8", "model.norm.weight 8",
                                        "model.layers.0.mlp.up_proj.weight 12x8", NULL};
    struct temp_tree tree;
    char path[512];
    struct maker maker;
    uint8_t *bytes = NULL;
    size_t size = 0;
    tree_make(&tree);
    tree_tensors(&tree, "model.safetensors", specs);
    assert_int_equal(
        sva_read_file(tree_path(&tree, "model.safetensors", path), 1 << 20, &bytes, &size, NULL),
        SVA_OK);
    maker_open(&maker, tree_path(&tree, "m.tar.gz", path), false, GZIP);
    put(&maker, "m/model.safetensors", AE_IFREG, NULL, bytes, size);
    put(&maker, "m/config.json", AE_IFREG, NULL, "{\"model_type\": \"llama\"}", 23);
    put(&maker, "m/.git/x/y", AE_IFREG, NULL, "z", 1);
    maker_close(&maker);
    free(bytes);
    struct sva_model *const model = tree_open(&tree, "m.tar.gz");
    assert_int_equal(model->tensor_count, 3);
    assert_int_equal(model->file_count, 2);
    assert_string_equal(sva_model_fact(model, "config.model_type"), "llama");
    bool told = false;
    for (size_t i = 0; i < model->finding_count; i++) {
        told = told || (strcmp(model->findings[i].code, "inside-archive") == 0 &&
                        strstr(model->findings[i].text, "tar, gzip") != NULL);
    }
    assert_true(told);
    uint8_t head[8];
    assert_int_equal(sva_model_read(model, 1, 0, head, sizeof head, NULL), SVA_OK);
    sva_model_close(model);
    tree_remove(&tree);
}

/** A tar of two small files: 2 x (header, data), end mark. */
static uint8_t *small_tar(struct temp_tree *tree, size_t *size)
{
    char path[512];
    struct maker maker;
    uint8_t *bytes = NULL;
    maker_open(&maker, tree_path(tree, "small.tar", path), false, PLAIN);
    put(&maker, "a.txt", AE_IFREG, NULL, "first", 5);
    put(&maker, "b.txt", AE_IFREG, NULL, "second", 6);
    maker_close(&maker);
    assert_int_equal(sva_read_file(path, 1 << 20, &bytes, size, NULL), SVA_OK);
    assert_true(*size >= (size_t)6 * 512);
    return bytes;
}

static void the_end_of_a_tar_is_looked_at(void **state)
{
    (void)state;
    static const struct {
        size_t size, set; /* bytes kept; where a byte is put, 0: nowhere */
        enum sva_status status;
        bool unfinished;
        uint64_t unclaimed;
    } cases[] = {
        {3072, 0, SVA_OK, false, 0},          {3072, 3071, SVA_OK, false, 1},
        {2560, 0, SVA_OK, false, 0},          {2048, 0, SVA_OK, true, 0},
        {1024, 0, SVA_OK, true, 0},           {2047, 0, SVA_ERR_CORRUPT, false, 0},
        {1536, 0, SVA_ERR_CORRUPT, false, 0}, {1541, 0, SVA_ERR_CORRUPT, false, 0},
        {1030, 0, SVA_ERR_CORRUPT, false, 0}, {700, 0, SVA_ERR_CORRUPT, false, 0},
    };
    const struct sva_limits limits = sva_limits_default();
    struct temp_tree tree;
    size_t size = 0;
    tree_make(&tree);
    uint8_t *const bytes = small_tar(&tree, &size);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sva_archive archive;
        struct sva_error error = {0};
        char path[512];
        uint8_t *const copy = calloc(1, 4096);
        assert_non_null(copy);
        memcpy(copy, bytes, 2560);
        copy[cases[i].set] = cases[i].set == 0 ? copy[0] : 1;
        tree_write(&tree, "cut", copy, cases[i].size);
        free(copy);
        const enum sva_status status =
            unpack(tree_path(&tree, "cut", path), &limits, &archive, &error);
        if (status != cases[i].status) {
            fail_msg("%zu bytes: %s", cases[i].size, error.text);
        }
        if (status == SVA_OK) {
            assert_int_equal(archive.unfinished, cases[i].unfinished);
            assert_int_equal(archive.unclaimed_bytes, cases[i].unclaimed);
            sva_archive_done(&archive);
        }
    }
    free(bytes);
    tree_remove(&tree);
}

static bool after_a_while(void *context)
{
    unsigned *const left = context;
    return (*left)-- == 0;
}

static void unpacking_stops_on_request(void **state)
{
    (void)state;
    unsigned left = 1;
    const struct sva_progress progress = {.cancelled = after_a_while, .context = &left};
    struct sva_limits limits = sva_limits_default();
    struct sva_archive archive;
    struct sva_error error = {0};
    struct temp_tree tree;
    struct maker maker;
    char path[512];
    const size_t size = (size_t)2 << 20;
    uint8_t *const noise = malloc(size);
    assert_non_null(noise);
    uint32_t value = 1;
    for (size_t i = 0; i < size; i++) {
        value = value * 1664525u + 1013904223u;
        noise[i] = (uint8_t)(value >> 24);
    }
    tree_make(&tree);
    maker_open(&maker, tree_path(&tree, "a.tar.gz", path), false, GZIP);
    put(&maker, "a", AE_IFREG, NULL, noise, size);
    maker_close(&maker);
    free(noise);
    limits.progress = &progress;
    assert_int_equal(unpack(path, &limits, &archive, &error), SVA_ERR_CANCELLED);
    left = 1;
    struct sva_model *model = NULL;
    assert_int_equal(sva_model_open(path, &limits, &model, &error), SVA_ERR_CANCELLED);
    tree_remove(&tree);
}

/** A file may not grow beyond a limit, as on a full disk. */
static void a_full_disk_is_said(void **state)
{
    (void)state;
    const struct sva_limits limits = sva_limits_default();
    struct sva_archive archive;
    struct sva_error error = {0};
    struct temp_tree tree;
    struct maker maker;
    char path[512];
    static uint8_t zeros[1 << 20];
    tree_make(&tree);
    maker_open(&maker, tree_path(&tree, "a.tar.zst", path), false, ZSTD);
    put(&maker, "a", AE_IFREG, NULL, zeros, sizeof zeros);
    maker_close(&maker);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*const handler)(int) = signal(SIGXFSZ, SIG_IGN);
    struct rlimit small = before;
    small.rlim_cur = 1 << 16;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const enum sva_status status = unpack(path, &limits, &archive, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(status, SVA_ERR_IO);
    assert_non_null(strstr(error.text, "temporary file"));
    tree_remove(&tree);
}

static void the_default_limit_of_entries_holds(void **state)
{
    (void)state;
    const struct sva_limits limits = sva_limits_default();
    struct sva_archive archive;
    struct sva_error error = {0};
    struct temp_tree tree;
    struct maker maker;
    char path[512];
    tree_make(&tree);
    maker_open(&maker, tree_path(&tree, "many.tar.zst", path), false, ZSTD);
    for (unsigned i = 0; i <= 100000; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%u", i);
        put(&maker, name, AE_IFREG, NULL, NULL, 0);
    }
    maker_close(&maker);
    assert_int_equal(unpack(path, &limits, &archive, &error), SVA_ERR_LIMIT);
    assert_non_null(strstr(error.text, "more than 100000 entries"));
    tree_remove(&tree);
}

static void an_archive_in_an_archive_is_named_and_not_opened(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"model.norm.weight 8", NULL};
    struct temp_tree tree;
    char path[512];
    struct maker maker;
    uint8_t *bytes = NULL;
    size_t size = 0;
    tree_make(&tree);
    uint8_t *const inner = small_tar(&tree, &size);
    size_t weights_size = 0;
    tree_tensors(&tree, "w.safetensors", specs);
    assert_int_equal(sva_read_file(tree_path(&tree, "w.safetensors", path), 1 << 20, &bytes,
                                   &weights_size, NULL),
                     SVA_OK);
    maker_open(&maker, tree_path(&tree, "outer.zip", path), true, PLAIN);
    put(&maker, "m/inner.tar", AE_IFREG, NULL, inner, size);
    put(&maker, "m/model.safetensors", AE_IFREG, NULL, bytes, weights_size);
    maker_close(&maker);
    free(inner);
    free(bytes);
    struct sva_model *const model = tree_open(&tree, "outer.zip");
    assert_int_equal(model->tensor_count, 1);
    assert_int_equal(model->file_count, 2);
    assert_string_equal(model->files[0].path, "inner.tar");
    assert_true(model->files[0].kind != SVA_FILE_SAFETENSORS);
    sva_model_close(model);
    tree_remove(&tree);
}

static void public_samples_get_the_right_answer(void **state)
{
    (void)state;
    struct sva_model *model = NULL;
    struct sva_error error = {0};
    static const char climbing[] = SVA_SHARED_DIR "/data/formats/archives/"
                                                  "modelaudit-path_traversal.zip";
    static const char safe[] = SVA_SHARED_DIR "/data/formats/archives/modelaudit-safe_model.zip";
    if (access(climbing, R_OK) != 0) {
        skip();
    }
    assert_int_equal(sva_model_open(climbing, NULL, &model, &error), SVA_ERR_CORRUPT);
    assert_non_null(strstr(error.text, "climbs out of the archive"));
    error = (struct sva_error){0};
    assert_int_equal(sva_model_open(safe, NULL, &model, &error), SVA_ERR_NOTHING);
}

/** Every allocation of ours fails once; libarchive's own are its own affair. */
static void running_out_of_memory_is_reported(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"model.norm.weight 8", NULL};
    struct temp_tree tree;
    char path[512];
    struct maker maker;
    uint8_t *bytes = NULL;
    size_t size = 0;
    tree_make(&tree);
    tree_tensors(&tree, "w", specs);
    assert_int_equal(sva_read_file(tree_path(&tree, "w", path), 1 << 20, &bytes, &size, NULL),
                     SVA_OK);
    for (int zip = 0; zip < 2; zip++) {
        maker_open(&maker, tree_path(&tree, "a", path), zip == 1, zip == 1 ? PLAIN : ZSTD);
        put(&maker, "m/sub/", AE_IFDIR, NULL, NULL, 0);
        put(&maker, "m/sub/x.txt", AE_IFREG, NULL, "x", 1);
        put(&maker, "m/model.safetensors", AE_IFREG, NULL, bytes, size);
        maker_close(&maker);
        bool done = false;
        for (uint64_t n = 1; !done && n < 3000; n++) {
            struct sva_model *model = NULL;
            struct sva_error error = {0};
            sva_memory_fail_after(n);
            const enum sva_status status = sva_model_open(path, NULL, &model, &error);
            sva_memory_fail_after(0);
            done = status == SVA_OK && n > 10;
            if (status != SVA_OK) {
                assert_int_equal(status, SVA_ERR_MEMORY);
                assert_null(model);
            }
            sva_model_close(model);
        }
        assert_true(done);
    }
    free(bytes);
    tree_remove(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_come_out_of_every_kind_of_archive),
        cmocka_unit_test(entries_that_could_do_harm_are_refused_by_name),
        cmocka_unit_test(growth_is_bounded),
        cmocka_unit_test(too_many_entries_are_refused),
        cmocka_unit_test(cut_archives_are_not_taken_for_whole_ones),
        cmocka_unit_test(what_is_no_archive_is_unsupported),
        cmocka_unit_test(a_model_in_an_archive_is_opened_like_a_directory),
        cmocka_unit_test(the_end_of_a_tar_is_looked_at),
        cmocka_unit_test(unpacking_stops_on_request),
        cmocka_unit_test(a_full_disk_is_said),
        cmocka_unit_test(the_default_limit_of_entries_holds),
        cmocka_unit_test(an_archive_in_an_archive_is_named_and_not_opened),
        cmocka_unit_test(public_samples_get_the_right_answer),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
