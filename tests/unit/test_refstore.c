/* SPDX-License-Identifier: Apache-2.0 */
/* The reference store: adding, listing, look-up, conflicts, foreign and read-only files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "refstore/store_date.h"
#include "refstore_prints.h"
#include <sovaudit/refstore.h>

struct store_test {
    char directory[64];
    char path[96];
    struct sva_refstore *store;
    struct sva_error error;
};

static void begin(struct store_test *test)
{
    *test = (struct store_test){0};
    tiny_directory(test->directory);
    (void)snprintf(test->path, sizeof test->path, "%s/refs.db", test->directory);
    assert_int_equal(sva_refstore_open(test->path, true, &test->store, &test->error), SVA_OK);
}

static void end(struct store_test *test)
{
    sva_refstore_close(test->store);
    tiny_clean(test->directory, test->path);
}

static void reopen(struct store_test *test, bool create)
{
    sva_refstore_close(test->store);
    test->store = NULL;
    test->error = (struct sva_error){0};
    assert_int_equal(sva_refstore_open(test->path, create, &test->store, &test->error), SVA_OK);
}

static enum sva_status add(struct store_test *test, int number, int shared)
{
    struct tiny_print tiny;
    char name[16];
    tiny_make(&tiny, number, shared);
    const struct sva_reference reference = tiny_reference(name, number);
    test->error = (struct sva_error){0};
    return sva_refstore_add(test->store, &reference, &tiny.print, &test->error);
}

static uint64_t count_references(struct store_test *test)
{
    struct sva_refstore_info info;
    assert_int_equal(sva_refstore_get_info(test->store, &info, &test->error), SVA_OK);
    return info.reference_count;
}

static void two_hundred_references_are_added_and_listed_in_order(void **state)
{
    (void)state;
    struct store_test test;
    struct sva_reference *references = NULL;
    size_t count = 0;
    begin(&test);
    for (int i = 199; i >= 0; i--) {
        assert_int_equal(add(&test, i, 7), SVA_OK);
    }
    reopen(&test, false);
    assert_int_equal(sva_refstore_list(test.store, &references, &count, &test.error), SVA_OK);
    assert_int_equal(count, 200);
    for (size_t i = 0; i < count; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "ref-%03zu", i);
        assert_string_equal(references[i].name, name);
        assert_string_equal(references[i].publisher, "lab");
        assert_string_equal(references[i].released, "2025-03");
        assert_int_equal(references[i].parameter_count, 24);
        assert_true(references[i].print_bytes > 0);
    }
    sva_references_free(references, count);
    assert_int_equal(sva_refstore_verify(test.store, &test.error), SVA_OK);
    end(&test);
}

static void a_closed_store_is_one_file(void **state)
{
    (void)state;
    struct store_test test;
    struct stat entry;
    char log[128];
    begin(&test);
    assert_int_equal(add(&test, 1, 1), SVA_OK);
    (void)snprintf(log, sizeof log, "%s-wal", test.path);
    assert_int_equal(stat(log, &entry), 0); /* write-ahead while open */
    reopen(&test, false);
    assert_int_not_equal(stat(log, &entry), 0);
    end(&test);
}

static void the_same_print_again_changes_nothing(void **state)
{
    (void)state;
    struct store_test test;
    begin(&test);
    assert_int_equal(add(&test, 1, 1), SVA_OK);
    assert_int_equal(add(&test, 1, 1), SVA_OK);
    assert_int_equal(count_references(&test), 1);
    end(&test);
}

static void another_record_of_the_same_print_is_a_conflict(void **state)
{
    (void)state;
    struct store_test test;
    struct tiny_print tiny;
    char name[16];
    begin(&test);
    assert_int_equal(add(&test, 1, 1), SVA_OK);
    tiny_make(&tiny, 1, 1);
    struct sva_reference reference = tiny_reference(name, 1);
    reference.released = "2025-04";
    assert_int_equal(sva_refstore_add(test.store, &reference, &tiny.print, &test.error),
                     SVA_ERR_CONFLICT);
    assert_non_null(strstr(test.error.text, "another release date, \"2025-03\""));
    reference = (struct sva_reference){.name = name, .version = reference.version};
    test.error = (struct sva_error){0};
    assert_int_equal(sva_refstore_add(test.store, &reference, &tiny.print, &test.error), SVA_OK);
    assert_int_equal(count_references(&test), 1);
    end(&test);
}

static void another_print_under_a_taken_name_is_a_conflict(void **state)
{
    (void)state;
    struct store_test test;
    struct tiny_print tiny;
    char name[16];
    begin(&test);
    assert_int_equal(add(&test, 1, 1), SVA_OK);
    tiny_make(&tiny, 99, 1);
    struct sva_reference reference = tiny_reference(name, 1);
    assert_int_equal(sva_refstore_add(test.store, &reference, &tiny.print, &test.error),
                     SVA_ERR_CONFLICT);
    assert_non_null(strstr(test.error.text, "ref-001 version 1"));
    reference.version = "2";
    test.error = (struct sva_error){0};
    assert_int_equal(sva_refstore_add(test.store, &reference, &tiny.print, &test.error), SVA_OK);
    assert_int_equal(count_references(&test), 2);
    end(&test);
}

static void a_reference_needs_a_name_and_sound_dates(void **state)
{
    (void)state;
    struct store_test test;
    struct tiny_print tiny;
    char name[16];
    begin(&test);
    tiny_make(&tiny, 1, 1);
    struct sva_reference reference = tiny_reference(name, 1);
    reference.name = "";
    assert_int_equal(sva_refstore_add(test.store, &reference, &tiny.print, NULL), SVA_ERR_USAGE);
    reference.name = "a\nb";
    assert_int_equal(sva_refstore_add(test.store, &reference, &tiny.print, NULL), SVA_ERR_USAGE);
    reference = tiny_reference(name, 1);
    reference.released = "2025-02-30";
    assert_int_equal(sva_refstore_add(test.store, &reference, &tiny.print, NULL), SVA_ERR_USAGE);
    assert_int_equal(count_references(&test), 0);
    end(&test);
}

static void removing_takes_hashes_and_print_along(void **state)
{
    (void)state;
    struct store_test test;
    struct sva_refstore_info info;
    struct sva_print *print = NULL;
    begin(&test);
    assert_int_equal(add(&test, 1, 5), SVA_OK);
    assert_int_equal(add(&test, 2, 5), SVA_OK);
    assert_int_equal(sva_refstore_remove(test.store, "ref-001", "9", NULL), SVA_ERR_NOT_FOUND);
    assert_int_equal(sva_refstore_remove(test.store, "ref-001", NULL, &test.error), SVA_OK);
    assert_int_equal(sva_refstore_remove(test.store, "ref-001", NULL, NULL), SVA_ERR_NOT_FOUND);
    assert_int_equal(sva_refstore_get_info(test.store, &info, &test.error), SVA_OK);
    assert_int_equal(info.reference_count, 1);
    assert_int_equal(info.tensor_hash_count, 2); /* the constant tensor is not evidence */
    assert_int_equal(info.file_hash_count, 1);   /* nor are cards and configurations */
    assert_int_equal(sva_refstore_print(test.store, "ref-001", NULL, &print, NULL),
                     SVA_ERR_NOT_FOUND);
    end(&test);
}

static void a_print_comes_back_as_it_was(void **state)
{
    (void)state;
    struct store_test test;
    struct tiny_print tiny;
    struct sva_print *print = NULL;
    begin(&test);
    tiny_make(&tiny, 3, 4);
    assert_int_equal(add(&test, 3, 4), SVA_OK);
    assert_int_equal(sva_refstore_print(test.store, "ref-003", "1", &print, &test.error), SVA_OK);
    assert_memory_equal(print->digest, tiny.print.digest, SVA_DIGEST_BYTES);
    sva_print_free(print);
    end(&test);
}

static void look_up_finds_shared_tensors_and_weight_files_only(void **state)
{
    (void)state;
    struct store_test test;
    struct tiny_print tiny;
    struct sva_exact_hit *hits = NULL;
    size_t count = 0;
    begin(&test);
    assert_int_equal(add(&test, 1, 70), SVA_OK);
    assert_int_equal(add(&test, 2, 71), SVA_OK);
    assert_int_equal(add(&test, 3, 70), SVA_OK);
    tiny_make(&tiny, 50, 70);
    assert_int_equal(sva_refstore_lookup(test.store, &tiny.print, &hits, &count, &test.error),
                     SVA_OK);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        assert_false(hits[i].is_file);
        assert_int_equal(hits[i].subject_index, 0);
        assert_string_equal(hits[i].reference_name, i == 0 ? "ref-001" : "ref-003");
        assert_string_equal(hits[i].reference_version, "1");
        assert_string_equal(hits[i].reference_item, "layer.0.weight");
    }
    sva_exact_hits_free(hits, count);
    tiny_make(&tiny, 2, 99);
    assert_int_equal(sva_refstore_lookup(test.store, &tiny.print, &hits, &count, &test.error),
                     SVA_OK);
    assert_int_equal(count, 2);
    assert_true(hits[0].is_file);
    assert_string_equal(hits[0].reference_item, "model.safetensors");
    assert_false(hits[1].is_file);
    sva_exact_hits_free(hits, count);
    end(&test);
}

static void equal_tensors_on_both_sides_do_not_multiply(void **state)
{
    (void)state;
    enum { COPIES = 300 };
    struct store_test test;
    struct tiny_print tiny;
    struct sva_print_tensor *tensors = calloc(COPIES, sizeof *tensors);
    char(*names)[32] = calloc(COPIES, sizeof *names);
    struct sva_exact_hit *hits = NULL;
    size_t count = 0;
    char name[16];
    begin(&test);
    tiny_make(&tiny, 1, 1);
    for (int i = 0; i < COPIES; i++) {
        tensors[i] = tiny.tensors[0];
        (void)snprintf(names[i], sizeof names[i], "expert.%03d", i);
        tensors[i].name = names[i];
    }
    tiny.print.tensors = tensors;
    tiny.print.tensor_count = COPIES;
    assert_int_equal(sva_print_seal(&tiny.print, &test.error), SVA_OK);
    const struct sva_reference reference = tiny_reference(name, 1);
    assert_int_equal(sva_refstore_add(test.store, &reference, &tiny.print, &test.error), SVA_OK);
    assert_int_equal(sva_refstore_lookup(test.store, &tiny.print, &hits, &count, &test.error),
                     SVA_OK);
    assert_int_equal(count, COPIES + 1); /* and the file */
    sva_exact_hits_free(hits, count);
    free(tensors);
    free(names);
    end(&test);
}

static void content_digest_ignores_order_and_day_but_not_facts(void **state)
{
    (void)state;
    struct sva_refstore_info info[3];
    for (int turn = 0; turn < 3; turn++) {
        struct sva_refstore *store = NULL;
        struct sva_error error = {0};
        assert_int_equal(sva_refstore_open(":memory:", true, &store, &error), SVA_OK);
        for (int i = 0; i < 3; i++) {
            struct tiny_print tiny;
            char name[16];
            const int number = turn == 1 ? 2 - i : i;
            tiny_make(&tiny, number, 1);
            struct sva_reference reference = tiny_reference(name, number);
            reference.added = turn == 1 ? "2026-02-02" : reference.added;
            reference.released = turn == 2 && number == 1 ? "2025-04-01" : reference.released;
            assert_int_equal(sva_refstore_add(store, &reference, &tiny.print, &error), SVA_OK);
        }
        assert_int_equal(sva_refstore_get_info(store, &info[turn], &error), SVA_OK);
        sva_refstore_close(store);
    }
    assert_memory_equal(info[0].digest, info[1].digest, SVA_DIGEST_BYTES);
    assert_memory_not_equal(info[0].digest, info[2].digest, SVA_DIGEST_BYTES);
    assert_string_equal(info[0].newest_release, "2025-03");
    assert_string_equal(info[2].newest_release, "2025-04-01");
    assert_int_equal(info[0].schema_version, 3);
}

/* ---- files that are no stores ---- */

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void expect_refusal(const char *path, bool create, enum sva_status status, const char *why)
{
    struct sva_refstore *store = NULL;
    struct sva_error error = {0};
    assert_int_equal(sva_refstore_open(path, create, &store, &error), status);
    assert_null(store);
    assert_non_null(strstr(error.text, why));
    assert_null(strchr(error.text, '\n'));
}

static void files_that_are_no_stores_are_refused_with_a_reason(void **state)
{
    (void)state;
    char directory[64];
    char path[96];
    tiny_directory(directory);
    (void)snprintf(path, sizeof path, "%s/refs.db", directory);
    expect_refusal(path, false, SVA_ERR_NOT_FOUND, "there is no reference store");
    expect_refusal(directory, true, SVA_ERR_IO, "not a regular file");
    expect_refusal("", true, SVA_ERR_USAGE, "empty");
    write_text(path, "");
    expect_refusal(path, false, SVA_ERR_CORRUPT, "empty");
    write_text(path,
               "this is certainly not a database, it is prose of more than one hundred bytes, "
               "so that the header is read as such.");
    expect_refusal(path, true, SVA_ERR_CORRUPT, "not a database");
    tiny_clean(directory, path);
    assert_int_equal(mkdir(directory, 0700), 0);
    run_sql(path, "CREATE TABLE other (x)");
    expect_refusal(path, true, SVA_ERR_CORRUPT, "not a reference store");
    tiny_clean(directory, path);
}

static void a_newer_schema_is_unsupported(void **state)
{
    (void)state;
    struct store_test test;
    begin(&test);
    sva_refstore_close(test.store);
    test.store = NULL;
    run_sql(test.path, "PRAGMA user_version = 4");
    expect_refusal(test.path, true, SVA_ERR_UNSUPPORTED, "schema 4");
    end(&test);
}

static void a_store_without_one_of_its_tables_is_refused(void **state)
{
    (void)state;
    struct store_test test;
    begin(&test);
    assert_int_equal(add(&test, 1, 1), SVA_OK);
    sva_refstore_close(test.store);
    test.store = NULL;
    run_sql(test.path, "DROP TABLE tensor_hash");
    expect_refusal(test.path, false, SVA_ERR_CORRUPT, "tensor_hash");
    end(&test);
}

static void a_store_never_runs_what_its_schema_names(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "DROP TABLE reference_class; CREATE VIEW reference_class AS WITH RECURSIVE c (n) AS"
        " (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n AS class, 1 AS reference_id FROM c",
        "CREATE TRIGGER t AFTER INSERT ON reference_note BEGIN DELETE FROM reference_model; END",
        "ALTER TABLE reference_model ADD COLUMN x GENERATED ALWAYS AS (name || name)",
        "CREATE INDEX i ON reference_model (lower(name))",
        "CREATE TABLE other (x)",
        "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql ="
        " replace(sql, 'publisher TEXT', 'publisher BLOB') WHERE name = 'reference_model'",
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct store_test test;
        begin(&test);
        assert_int_equal(add(&test, 1, 1), SVA_OK);
        sva_refstore_close(test.store);
        test.store = NULL;
        run_sql(test.path, changes[i]);
        expect_refusal(test.path, false, SVA_ERR_CORRUPT, "of schema 3");
        end(&test);
    }
}

static void statistics_of_sqlite_are_welcome_in_a_store(void **state)
{
    (void)state;
    struct store_test test;
    begin(&test);
    assert_int_equal(add(&test, 1, 1), SVA_OK);
    sva_refstore_close(test.store);
    run_sql(test.path, "ANALYZE");
    assert_int_equal(sva_refstore_open(test.path, false, &test.store, &test.error), SVA_OK);
    end(&test);
}

/** A store of two references, sound until `sql` has run in it. */
static void expect_unsound(const char *sql, const char *told)
{
    struct store_test test;
    begin(&test);
    assert_int_equal(add(&test, 1, 1), SVA_OK);
    assert_int_equal(add(&test, 2, 2), SVA_OK);
    assert_int_equal(sva_refstore_verify(test.store, &test.error), SVA_OK);
    sva_refstore_close(test.store);
    run_sql(test.path, sql);
    assert_int_equal(sva_refstore_open(test.path, false, &test.store, &test.error), SVA_OK);
    assert_int_equal(sva_refstore_verify(test.store, &test.error), SVA_ERR_CORRUPT);
    assert_non_null(strstr(test.error.text, told));
    end(&test);
}

static void verification_notices_a_changed_print(void **state)
{
    (void)state;
    expect_unsound("UPDATE reference_print SET bytes ="
                   " (SELECT bytes FROM reference_print WHERE reference_id = 2)"
                   " WHERE reference_id = 1",
                   "ref-001");
}

static void verification_notices_hashes_that_are_not_the_prints(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "DELETE FROM tensor_hash WHERE reference_id = 1",
        "DELETE FROM file_hash WHERE reference_id = 2",
        "INSERT INTO tensor_hash VALUES (zeroblob(32), 2, 'more')",
        "UPDATE file_hash SET path = 'other' WHERE reference_id = 1",
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        expect_unsound(changes[i], "are not its print's");
    }
}

/** A report must not accuse by one record and another print. */
static void a_reference_that_was_replaced_meanwhile_is_a_conflict(void **state)
{
    (void)state;
    struct store_test test;
    struct sva_reference *references = NULL;
    struct sva_packed_print packed = {0};
    struct tiny_print tiny;
    char name[16];
    size_t count = 0;
    begin(&test);
    assert_int_equal(add(&test, 1, 1), SVA_OK);
    assert_int_equal(sva_refstore_list(test.store, &references, &count, &test.error), SVA_OK);
    assert_int_equal(sva_refstore_listed_print(test.store, &references[0], &packed, &test.error),
                     SVA_OK);
    sva_packed_print_done(&packed);
    assert_int_equal(sva_refstore_remove(test.store, "ref-001", NULL, &test.error), SVA_OK);
    tiny_make(&tiny, 99, 1);
    const struct sva_reference other = tiny_reference(name, 1);
    assert_int_equal(sva_refstore_add(test.store, &other, &tiny.print, &test.error), SVA_OK);
    assert_int_equal(sva_refstore_listed_print(test.store, &references[0], &packed, &test.error),
                     SVA_ERR_CONFLICT);
    sva_packed_print_done(&packed);
    sva_references_free(references, count);
    end(&test);
}

/* ---- read-only stores ---- */

/* Root may write anywhere, so the reader becomes nobody in a process of its own. */
static int read_as_nobody(const char *path, enum sva_status expected)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct sva_refstore *store = NULL;
        struct sva_error error = {0};
        if (geteuid() == 0 && setuid(65534) != 0) {
            _exit(9);
        }
        if (sva_refstore_open(path, false, &store, &error) != expected) {
            (void)fprintf(stderr, "%s\n", error.text);
            _exit(1);
        }
        if (expected != SVA_OK) {
            _exit(0);
        }
        struct sva_refstore_info info;
        const bool read = sva_refstore_get_info(store, &info, &error) == SVA_OK &&
                          info.reference_count == 1 && sva_refstore_verify(store, &error) == SVA_OK;
        const bool refused = sva_refstore_remove(store, "ref-001", NULL, NULL) == SVA_ERR_IO;
        sva_refstore_close(store);
        _exit(read && refused ? 0 : 2);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_store_that_may_only_be_read_is_read(void **state)
{
    (void)state;
    struct store_test test;
    begin(&test);
    assert_int_equal(add(&test, 1, 1), SVA_OK);
    reopen(&test, false);
    assert_int_equal(chmod(test.path, 0444), 0);
    assert_int_equal(chmod(test.directory, 0555), 0);
    assert_int_equal(read_as_nobody(test.path, SVA_OK), 0);
    /* Left in write-ahead mode without a log, as a killed process may leave it. */
    run_sql(test.path, "PRAGMA journal_mode = WAL");
    assert_int_equal(read_as_nobody(test.path, SVA_OK), 0);
    assert_int_equal(chmod(test.path, 0666), 0);
    assert_int_equal(read_as_nobody(test.path, SVA_OK), 0);
    assert_int_equal(chmod(test.directory, 0755), 0);
    end(&test);
}

static void an_old_store_that_may_only_be_read_is_used_as_it_is(void **state)
{
    (void)state;
    struct store_test test;
    begin(&test);
    assert_int_equal(add(&test, 1, 1), SVA_OK);
    reopen(&test, false);
    run_sql(test.path, "DROP TABLE reference_outline; DROP TABLE reference_class;"
                       "DROP TABLE reference_note; DROP TABLE facts_database;"
                       "PRAGMA user_version = 1");
    assert_int_equal(chmod(test.path, 0444), 0);
    assert_int_equal(chmod(test.directory, 0555), 0);
    assert_int_equal(read_as_nobody(test.path, SVA_OK), 0);
    assert_int_equal(chmod(test.path, 0666), 0); /* the directory still refuses a journal */
    assert_int_equal(read_as_nobody(test.path, SVA_OK), 0);
    assert_int_equal(chmod(test.directory, 0755), 0);
    end(&test);
}

static void the_default_path_follows_the_environment(void **state)
{
    (void)state;
    struct store_test test = {0};
    char expected[160];
    tiny_directory(test.directory);
    assert_int_equal(unsetenv("SOVAUDIT_REFS"), 0);
    assert_int_equal(setenv("HOME", "/home/someone", 1), 0);
    assert_int_equal(unsetenv("XDG_DATA_HOME"), 0);
    char *path = NULL;
    assert_int_equal(sva_refstore_default_path(&path, &test.error), SVA_OK);
    assert_string_equal(path, "/home/someone/.local/share/sovaudit/refs.db");
    free(path);
    (void)snprintf(expected, sizeof expected, "%s/data/deep/sovaudit/refs.db", test.directory);
    char data[128];
    (void)snprintf(data, sizeof data, "%s/data/deep", test.directory);
    assert_int_equal(setenv("XDG_DATA_HOME", data, 1), 0);
    assert_int_equal(sva_refstore_default_path(&path, &test.error), SVA_OK);
    assert_string_equal(path, expected);
    assert_int_equal(sva_refstore_open(path, true, &test.store, &test.error), SVA_OK);
    sva_refstore_close(test.store);
    assert_int_equal(unlink(path), 0);
    free(path);
    for (int cut = 0; cut < 3; cut++) { /* sovaudit, deep, data */
        *strrchr(expected, '/') = '\0';
        assert_int_equal(rmdir(expected), 0);
    }
    assert_int_equal(setenv("SOVAUDIT_REFS", "elsewhere.db", 1), 0);
    assert_int_equal(sva_refstore_default_path(&path, &test.error), SVA_OK);
    assert_string_equal(path, "elsewhere.db");
    free(path);
    assert_int_equal(unsetenv("SOVAUDIT_REFS"), 0);
    assert_int_equal(setenv("XDG_DATA_HOME", "relative", 1), 0);
    assert_int_equal(setenv("HOME", "relative", 1), 0);
    assert_int_equal(sva_refstore_default_path(&path, &test.error), SVA_ERR_NOT_FOUND);
    assert_int_equal(rmdir(test.directory), 0);
}

static void dates_are_ranges_of_days(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "2025-1",      "2025-13",
                                      "2025-00-01", "2025-02-29",  "2025/01/01",
                                      "25-01-01",   "2025-01-01T", "0000"};
    struct sva_date_range range;
    assert_true(sva_date_parse("2024-02", &range));
    assert_int_equal(range.first, 20240201);
    assert_int_equal(range.last, 20240229);
    assert_true(sva_date_parse("2025", &range));
    assert_int_equal(range.last, 20251231);
    assert_true(sva_date_parse("2025-12-31", &range));
    assert_int_equal(range.first, range.last);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(sva_date_parse(bad[i], &range));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_hundred_references_are_added_and_listed_in_order),
        cmocka_unit_test(a_closed_store_is_one_file),
        cmocka_unit_test(the_same_print_again_changes_nothing),
        cmocka_unit_test(another_record_of_the_same_print_is_a_conflict),
        cmocka_unit_test(another_print_under_a_taken_name_is_a_conflict),
        cmocka_unit_test(a_reference_needs_a_name_and_sound_dates),
        cmocka_unit_test(removing_takes_hashes_and_print_along),
        cmocka_unit_test(a_print_comes_back_as_it_was),
        cmocka_unit_test(look_up_finds_shared_tensors_and_weight_files_only),
        cmocka_unit_test(equal_tensors_on_both_sides_do_not_multiply),
        cmocka_unit_test(content_digest_ignores_order_and_day_but_not_facts),
        cmocka_unit_test(files_that_are_no_stores_are_refused_with_a_reason),
        cmocka_unit_test(a_newer_schema_is_unsupported),
        cmocka_unit_test(a_store_without_one_of_its_tables_is_refused),
        cmocka_unit_test(a_store_never_runs_what_its_schema_names),
        cmocka_unit_test(statistics_of_sqlite_are_welcome_in_a_store),
        cmocka_unit_test(verification_notices_a_changed_print),
        cmocka_unit_test(verification_notices_hashes_that_are_not_the_prints),
        cmocka_unit_test(a_reference_that_was_replaced_meanwhile_is_a_conflict),
        cmocka_unit_test(a_store_that_may_only_be_read_is_read),
        cmocka_unit_test(an_old_store_that_may_only_be_read_is_used_as_it_is),
        cmocka_unit_test(the_default_path_follows_the_environment),
        cmocka_unit_test(dates_are_ranges_of_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
