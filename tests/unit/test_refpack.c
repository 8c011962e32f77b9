/* SPDX-License-Identifier: Apache-2.0 */
/* Reference packs: round trips, the same bytes, conflicts, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/file.h"
#include "base/output.h"
#include "refstore/pack_manifest.h"
#include "refstore_prints.h"

enum { PACK_MOST = 1 << 20 };

static char directory[64];

static int make_directory(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof directory, "/tmp/refpack-XXXXXX");
    return mkdtemp(directory) != NULL ? 0 : -1;
}

static const char *path_of(const char *name)
{
    static char paths[4][128];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

static int remove_directory(void **state)
{
    (void)state;
    (void)unlink(path_of("a.pack"));
    (void)unlink(path_of("b.pack"));
    (void)unlink(path_of("bad.pack"));
    return rmdir(directory);
}

static struct sva_refstore *new_store(void)
{
    struct sva_refstore *store = NULL;
    assert_int_equal(sva_refstore_open(":memory:", true, &store, NULL), SVA_OK);
    return store;
}

static void add(struct sva_refstore *store, const char *name, const char *version, int seed,
                const char *publisher)
{
    struct tiny_print tiny;
    tiny_make(&tiny, seed, seed);
    const struct sva_reference reference = {.name = name,
                                            .version = version,
                                            .publisher = publisher,
                                            .licence = "MIT",
                                            .released = "2025-01",
                                            .derived_from = "",
                                            .source = "https://example.org/a\"b",
                                            .added = "2025-02-01"};
    assert_int_equal(sva_refstore_add(store, &reference, &tiny.print, NULL), SVA_OK);
}

static struct sva_refstore *full_store(void)
{
    struct sva_refstore *store = new_store();
    add(store, "one", "", 1, "kim-lab");
    add(store, "two", "2", 2, "lee-lab");
    add(store, "two", "1", 3, "lee-lab");
    add(store, "same as one", "", 1, "park-lab");
    const struct sva_reference_note note = {
        .noted = "2025-03-01", .removed = "2025-02", .text = "", .evidence = ""};
    assert_int_equal(sva_refstore_note(store, "one", NULL, &note, NULL), SVA_OK);
    return store;
}

static const struct sva_refpack_options OPTIONS = {.as_of = "2026-01-01"};

static void export_to(struct sva_refstore *store, const char *path)
{
    struct sva_refpack pack = {.tool = NULL};
    struct sva_error error = {.status = SVA_OK};
    if (sva_refpack_export(store, path, &OPTIONS, &pack, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    assert_string_equal(pack.created, "2026-01-01");
    sva_refpack_done(&pack);
}

static struct sva_bytes content(const char *path)
{
    struct sva_bytes bytes = {.data = NULL};
    assert_int_equal(sva_read_file(path, PACK_MOST, &bytes.data, &bytes.size, NULL), SVA_OK);
    return bytes;
}

static void digest_of(struct sva_refstore *store, uint8_t digest[SVA_DIGEST_BYTES])
{
    struct sva_refstore_info info;
    assert_int_equal(sva_refstore_get_info(store, &info, NULL), SVA_OK);
    memcpy(digest, info.digest, SVA_DIGEST_BYTES);
}

static void same_content(struct sva_refstore *a, struct sva_refstore *b)
{
    uint8_t digests[2][SVA_DIGEST_BYTES];
    digest_of(a, digests[0]);
    digest_of(b, digests[1]);
    assert_memory_equal(digests[0], digests[1], SVA_DIGEST_BYTES);
}

static void a_pack_carries_references_and_gives_the_same_bytes_again(void **state)
{
    (void)state;
    struct sva_refstore *here = full_store();
    struct sva_refstore *there = new_store();
    struct sva_refpack pack = {.tool = NULL};
    export_to(here, path_of("a.pack"));
    export_to(here, path_of("b.pack"));
    struct sva_bytes a = content(path_of("a.pack"));
    struct sva_bytes b = content(path_of("b.pack"));
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);
    sva_bytes_done(&b);
    assert_int_equal(sva_refpack_verify(path_of("a.pack"), NULL, &pack, NULL), SVA_OK);
    assert_int_equal(pack.reference_count, 4);
    assert_int_equal(pack.print_count, 3);
    sva_refpack_done(&pack);

    assert_int_equal(sva_refpack_import(there, path_of("a.pack"), &OPTIONS, &pack, NULL), SVA_OK);
    assert_int_equal(pack.added_count, 4);
    sva_refpack_done(&pack);
    same_content(here, there);
    assert_int_equal(sva_refstore_verify(there, NULL), SVA_OK);
    export_to(there, path_of("b.pack"));
    b = content(path_of("b.pack"));
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);

    assert_int_equal(sva_refpack_import(there, path_of("a.pack"), &OPTIONS, &pack, NULL), SVA_OK);
    assert_int_equal(pack.added_count, 0);
    assert_int_equal(pack.there_count, 4);
    assert_int_equal(pack.differ_count, 0);
    sva_refpack_done(&pack);
    same_content(here, there);
    sva_bytes_done(&a);
    sva_bytes_done(&b);
    sva_refstore_close(here);
    sva_refstore_close(there);
}

static void names_choose_and_unknown_names_are_refused(void **state)
{
    (void)state;
    struct sva_refstore *store = full_store();
    const char *const names[] = {"two", "three"};
    struct sva_refpack_options options = {.as_of = "2026-01-01", .names = names, .name_count = 1};
    struct sva_refpack pack = {.tool = NULL};
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_refpack_export(store, path_of("b.pack"), &options, &pack, NULL), SVA_OK);
    assert_int_equal(pack.reference_count, 2);
    sva_refpack_done(&pack);
    (void)unlink(path_of("b.pack"));
    options.name_count = 2;
    assert_int_equal(sva_refpack_export(store, path_of("b.pack"), &options, &pack, &error),
                     SVA_ERR_NOT_FOUND);
    assert_string_equal(error.text, "three: not in the store");
    assert_int_not_equal(access(path_of("b.pack"), F_OK), 0);
    sva_refstore_close(store);
    store = new_store();
    assert_int_equal(sva_refpack_export(store, path_of("b.pack"), &OPTIONS, &pack, NULL),
                     SVA_ERR_NOTHING);
    sva_refstore_close(store);
}

static void conflicts_are_named_and_nothing_is_taken_in(void **state)
{
    (void)state;
    struct sva_refstore *here = full_store();
    struct sva_refstore *there = new_store();
    struct sva_refpack pack = {.tool = NULL};
    struct sva_error error = {.status = SVA_OK};
    uint8_t before[SVA_DIGEST_BYTES];
    uint8_t after[SVA_DIGEST_BYTES];
    export_to(here, path_of("a.pack"));
    add(there, "two", "1", 8, "lee-lab");
    add(there, "one", "", 9, "kim-lab");
    digest_of(there, before);
    assert_int_equal(sva_refpack_import(there, path_of("a.pack"), &OPTIONS, &pack, &error),
                     SVA_ERR_CONFLICT);
    assert_non_null(strstr(error.text, ": nothing was taken in: 2 references are in the store with "
                                       "another print: one, two version 1"));
    digest_of(there, after);
    assert_memory_equal(before, after, SVA_DIGEST_BYTES);
    sva_refstore_close(here);
    sva_refstore_close(there);
}

static void a_record_that_differs_is_kept_and_told(void **state)
{
    (void)state;
    struct sva_refstore *here = full_store();
    struct sva_refstore *there = new_store();
    struct sva_refpack pack = {.tool = NULL};
    export_to(here, path_of("a.pack"));
    add(there, "two", "2", 2, "another lab");
    assert_int_equal(sva_refpack_import(there, path_of("a.pack"), &OPTIONS, &pack, NULL), SVA_OK);
    assert_int_equal(pack.added_count, 3);
    assert_int_equal(pack.differ_count, 1);
    assert_string_equal(pack.differences[0],
                        "two version 2: publisher here \"another lab\", in the pack \"lee-lab\"");
    sva_refpack_done(&pack);
    sva_refstore_close(here);
    sva_refstore_close(there);
}

/* ---- packs that are not sound ---- */

struct parts {
    struct sva_bytes manifest, print;
    char print_name[96];
};

/* The manifest and the print of a store that holds "one" alone. */
static void take_apart(struct parts *parts)
{
    struct sva_refstore *store = new_store();
    add(store, "one", "", 1, "kim-lab");
    export_to(store, path_of("a.pack"));
    sva_refstore_close(store);
    struct archive *reader = archive_read_new();
    struct archive_entry *entry = NULL;
    *parts = (struct parts){.manifest = {.data = NULL}};
    assert_int_equal(archive_read_support_format_tar(reader), ARCHIVE_OK);
    assert_int_equal(archive_read_support_filter_zstd(reader), ARCHIVE_OK);
    assert_int_equal(archive_read_open_filename(reader, path_of("a.pack"), 10240), ARCHIVE_OK);
    while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
        static char bytes[65536];
        const la_ssize_t size = archive_read_data(reader, bytes, sizeof bytes);
        const bool manifest = strcmp(archive_entry_pathname(entry), "manifest.json") == 0;
        if (strcmp(archive_entry_pathname(entry), "SHA256SUMS") == 0) {
            continue;
        }
        assert_true(size > 0);
        sva_bytes_append(manifest ? &parts->manifest : &parts->print, bytes, (size_t)size);
        if (!manifest) {
            (void)snprintf(parts->print_name, sizeof parts->print_name, "%s",
                           archive_entry_pathname(entry));
        }
    }
    archive_read_free(reader);
    assert_true(parts->manifest.size > 0 && parts->print.size > 0);
}

static void put(struct archive *writer, const char *name, const void *bytes, size_t size, bool link)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, link ? AE_IFLNK : AE_IFREG);
    if (link) {
        archive_entry_set_symlink(entry, "/etc/passwd");
    }
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, link ? 0 : (la_int64_t)size);
    assert_int_equal(archive_write_header(writer, entry), ARCHIVE_OK);
    assert_int_equal(archive_write_data(writer, bytes, link ? 0 : size), link ? 0 : size);
    archive_entry_free(entry);
}

enum damage {
    SOUND,
    PRINT_FIRST,
    NO_PRINT,
    ANOTHER_ENTRY,
    ANOTHER_PRINT,
    LONGER_PRINT,
    LINK,
    CLIMBING_NAME,
    WRONG_SUMS,
    EMPTY
};

/* SHA256SUMS as it should be, so that the other checks are reached. */
static void put_sums(struct archive *writer, const struct parts *parts, const char *manifest,
                     bool wrong)
{
    uint8_t digest[SVA_DIGEST_BYTES];
    char hex[2 * SVA_DIGEST_BYTES + 1];
    struct sva_bytes sums = {.data = NULL};
    assert_true(sva_sha256(manifest, strlen(manifest), digest));
    digest[0] ^= wrong ? 1 : 0;
    sva_hex(digest, sizeof digest, hex);
    sva_bytes_printf(&sums, "%s  manifest.json\n%.64s  %s\n", hex,
                     parts->print_name + strlen("prints/"), parts->print_name);
    put(writer, "SHA256SUMS", sums.data, sums.size, false);
    sva_bytes_done(&sums);
}

static void build(const struct parts *parts, const char *manifest, enum damage damage)
{
    struct archive *writer = archive_write_new();
    struct sva_bytes print = {.data = NULL};
    sva_bytes_append(&print, parts->print.data, parts->print.size);
    sva_bytes_text(&print, damage == LONGER_PRINT ? "x" : "");
    print.data[print.size - 1] ^= damage == ANOTHER_PRINT ? 1 : 0;
    assert_int_equal(archive_write_set_format_ustar(writer), ARCHIVE_OK);
    assert_int_equal(archive_write_add_filter_zstd(writer), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(writer, path_of("bad.pack")), ARCHIVE_OK);
    const char *name = damage == CLIMBING_NAME ? "prints/../../x.svp" : parts->print_name;
    if (damage == PRINT_FIRST) {
        put(writer, name, print.data, print.size, false);
    }
    if (damage != EMPTY) {
        put_sums(writer, parts, manifest, damage == WRONG_SUMS);
        put(writer, "manifest.json", manifest, strlen(manifest), false);
    }
    if (damage != NO_PRINT && damage != PRINT_FIRST && damage != EMPTY) {
        put(writer, name, print.data, print.size, damage == LINK);
    }
    if (damage == ANOTHER_ENTRY) {
        put(writer, "notes.txt", "x", 1, false);
    }
    assert_int_equal(archive_write_close(writer), ARCHIVE_OK);
    archive_write_free(writer);
    sva_bytes_done(&print);
}

/* Both readers refuse it with a sentence that holds `complaint`; an empty store stays empty. */
static void refused(enum sva_status wanted, const char *complaint)
{
    struct sva_refstore *store = new_store();
    struct sva_refpack pack = {.tool = NULL};
    struct sva_refstore_info info;
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_refpack_import(store, path_of("bad.pack"), &OPTIONS, &pack, &error),
                     wanted);
    if (strstr(error.text, complaint) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.text, complaint);
    }
    assert_int_equal(sva_refstore_get_info(store, &info, NULL), SVA_OK);
    assert_int_equal(info.reference_count, 0);
    sva_refstore_close(store);
    assert_int_equal(sva_refpack_verify(path_of("bad.pack"), NULL, &pack, NULL), wanted);
    sva_refpack_done(&pack);
}

static void packs_that_are_not_what_the_manifest_says_are_refused(void **state)
{
    (void)state;
    static const struct {
        enum damage damage;
        const char *complaint;
    } CASES[] = {
        {PRINT_FIRST, ".svp where SHA256SUMS should be"},
        {WRONG_SUMS, "SHA256SUMS does not fit manifest.json"},
        {NO_PRINT, "it ends before prints/"},
        {ANOTHER_ENTRY, "notes.txt is not in the manifest"},
        {ANOTHER_PRINT, "the print of one, is not the one that the manifest lists"},
        {LINK, "is not a plain file"},
        {CLIMBING_NAME, "prints/../../x.svp where prints/"},
        {EMPTY, "not a sound reference pack"},
    };
    struct parts parts;
    take_apart(&parts);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        build(&parts, (const char *)parts.manifest.data, CASES[i].damage);
        refused(SVA_ERR_CORRUPT, CASES[i].complaint);
    }
    build(&parts, (const char *)parts.manifest.data, LONGER_PRINT);
    refused(SVA_ERR_LIMIT, "bytes, more than");
    sva_bytes_done(&parts.manifest);
    sva_bytes_done(&parts.print);
}

/* `text` with the first `from` replaced; static. */
static const char *with(const char *text, const char *from, const char *to)
{
    static char out[65536];
    const char *at = strstr(text, from);
    assert_non_null(at);
    (void)snprintf(out, sizeof out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return out;
}

static void manifests_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *complaint;
        enum sva_status status;
    } CASES[] = {
        {"\"version\": 1\n", "\"version\": 2\n", "version 2 of reference packs is not known",
         SVA_ERR_UNSUPPORTED},
        {"\"licence\": \"MIT\"", "\"license\": \"MIT\"", "unknown key \"license\"",
         SVA_ERR_CORRUPT},
        {"\"method\": 1,", "\"method\": 1, \"method\": 1,", "twice the key \"method\"",
         SVA_ERR_CORRUPT},
        {"\"licence\": \"MIT\",", "", "an object ends without \"licence\"", SVA_ERR_CORRUPT},
        {"\"method\": 1,", "\"method\": -1,", "no whole number for \"method\"", SVA_ERR_CORRUPT},
        {"\"name\": \"one\"", "\"name\": 1", "no text for \"name\"", SVA_ERR_CORRUPT},
        {"\"name\": \"one\"", "\"name\": \"o\\u0000e\"", "a NUL inside, of \"name\"",
         SVA_ERR_CORRUPT},
        {"\"name\": \"one\"", "\"name\": \"o\\u001be\"", "control characters", SVA_ERR_USAGE},
        {"\"released\": \"2025-01\"", "\"released\": \"soon\"", "is not a date", SVA_ERR_USAGE},
        {"sovaudit-references", "sovaudit-report", "not the manifest of a reference pack",
         SVA_ERR_CORRUPT},
        {"\"parameters\": 24", "\"parameters\": 25", "does not say of one what its print says",
         SVA_ERR_CORRUPT},
        {"model.safetensors", "other.safetensors", "does not say of one what its print says",
         SVA_ERR_CORRUPT},
        {"\"print_bytes\": ", "\"print_bytes\": 9999999", "more than 1000000000 bytes",
         SVA_ERR_LIMIT},
        {"\"print_bytes\": ", "\"print_bytes\": 99999999999", "prints of more than 64 GB",
         SVA_ERR_LIMIT},
        {"\"created\": \"2026-01-01\"", "\"created\": \"today\"", "is not a day", SVA_ERR_CORRUPT},
    };
    struct parts parts;
    take_apart(&parts);
    const char *sound = (const char *)parts.manifest.data;
    build(&parts, sound, SOUND);
    struct sva_refpack pack = {.tool = NULL};
    assert_int_equal(sva_refpack_verify(path_of("bad.pack"), NULL, &pack, NULL), SVA_OK);
    sva_refpack_done(&pack);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        build(&parts, with(sound, CASES[i].from, CASES[i].to), SOUND);
        refused(CASES[i].status, CASES[i].complaint);
    }
    sva_bytes_done(&parts.manifest);
    sva_bytes_done(&parts.print);
}

static void a_changed_byte_is_refused_or_changes_nothing(void **state)
{
    (void)state;
    struct parts parts;
    take_apart(&parts);
    struct sva_bytes sound = content(path_of("a.pack"));
    struct sva_refstore *first = new_store();
    struct sva_refpack pack = {.tool = NULL};
    assert_int_equal(sva_refpack_import(first, path_of("a.pack"), &OPTIONS, &pack, NULL), SVA_OK);
    sva_refpack_done(&pack);
    for (size_t i = 0; i < sound.size; i += 7) {
        struct sva_refstore *store = new_store();
        struct sva_refstore_info info;
        sound.data[i] ^= 0x20;
        assert_int_equal(sva_write_file(path_of("bad.pack"), sound.data, sound.size, NULL), SVA_OK);
        sound.data[i] ^= 0x20;
        const enum sva_status status =
            sva_refpack_import(store, path_of("bad.pack"), &OPTIONS, &pack, NULL);
        assert_int_equal(sva_refstore_get_info(store, &info, NULL), SVA_OK);
        assert_int_equal(info.reference_count, status == SVA_OK ? 1 : 0);
        if (status == SVA_OK) {
            same_content(first, store);
        }
        sva_refpack_done(&pack);
        sva_refstore_close(store);
    }
    sva_refstore_close(first);
    sva_bytes_done(&sound);
    sva_bytes_done(&parts.manifest);
    sva_bytes_done(&parts.print);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pack_carries_references_and_gives_the_same_bytes_again),
        cmocka_unit_test(names_choose_and_unknown_names_are_refused),
        cmocka_unit_test(conflicts_are_named_and_nothing_is_taken_in),
        cmocka_unit_test(a_record_that_differs_is_kept_and_told),
        cmocka_unit_test(packs_that_are_not_what_the_manifest_says_are_refused),
        cmocka_unit_test(manifests_are_read_strictly),
        cmocka_unit_test(a_changed_byte_is_refused_or_changes_nothing),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
