/* SPDX-License-Identifier: Apache-2.0 */
/* Killed writers and several writers at once: what was added stays, the store stays usable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "refstore/store_sql.h"
#include "refstore_prints.h"

enum { ROUNDS = 25, MOST_ADDS = 200, WRITERS = 3, EACH_ADDS = 40 };

struct crash_test {
    char directory[64];
    char path[96];
};

static void begin(struct crash_test *test)
{
    tiny_directory(test->directory);
    (void)snprintf(test->path, sizeof test->path, "%s/refs.db", test->directory);
}

static bool add_number(struct sva_refstore *store, int number)
{
    struct tiny_print tiny;
    char name[16];
    struct sva_error error = {0};
    tiny_make(&tiny, number, number % 5);
    const struct sva_reference reference = tiny_reference(name, number);
    if (sva_refstore_add(store, &reference, &tiny.print, &error) != SVA_OK) {
        (void)fprintf(stderr, "%s\n", error.text);
        return false;
    }
    return true;
}

/* Adds without end, telling each number through the pipe once its add has returned. */
static void add_until_killed(const char *path, int first, int pipe_end)
{
    struct sva_refstore *store = NULL;
    if (sva_refstore_open(path, true, &store, NULL) != SVA_OK) {
        _exit(3);
    }
    for (int i = first; i < first + MOST_ADDS; i++) {
        if (!add_number(store, i) || write(pipe_end, &i, sizeof i) != (ssize_t)sizeof i) {
            _exit(4);
        }
    }
    _exit(0);
}

/* Kills a writer after `delay_us` and returns the first number that it has not reported. */
static int run_and_kill(const char *path, int first, long delay_us)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        add_until_killed(path, first, ends[1]);
    }
    (void)close(ends[1]);
    const struct timespec delay = {delay_us / 1000000, (delay_us % 1000000) * 1000};
    (void)nanosleep(&delay, NULL);
    assert_int_equal(kill(child, SIGKILL), 0);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    int next = first;
    int number = 0;
    while (read(ends[0], &number, sizeof number) == (ssize_t)sizeof number) {
        assert_int_equal(number, next);
        next++;
    }
    (void)close(ends[0]);
    return next;
}

static bool is_listed(const struct sva_reference *references, size_t count, int number)
{
    char name[16];
    (void)snprintf(name, sizeof name, "ref-%03d", number);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(references[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Returns the number of references, of which 0..reported-1 must be there. */
static int check_store(const char *path, int reported)
{
    struct sva_refstore *store = NULL;
    struct sva_reference *references = NULL;
    struct sva_error error = {0};
    size_t count = 0;
    if (sva_refstore_open(path, reported == 0, &store, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(sva_refstore_verify(store, &error), SVA_OK);
    assert_int_equal(sva_refstore_list(store, &references, &count, &error), SVA_OK);
    for (int i = 0; i < reported; i++) {
        assert_true(is_listed(references, count, i));
    }
    sva_references_free(references, count);
    sva_refstore_close(store);
    return (int)count;
}

static void a_killed_writer_loses_nothing_already_added(void **state)
{
    (void)state;
    struct crash_test test;
    uint64_t random = 20260115;
    int reported = 0;
    int interrupted = 0;
    begin(&test);
    for (int round = 0; round < ROUNDS && reported < 700; round++) {
        random = sva_mix64(random + 0x9e3779b97f4a7c15U);
        reported = run_and_kill(test.path, reported, (long)(random % 40000));
        const int listed = check_store(test.path, reported);
        /* An add may be complete although the kill came before it was reported. */
        assert_in_range(listed, reported, reported + 1);
        interrupted += listed > reported;
        reported = listed;
    }
    print_message("%d references over %d kills; %d adds committed but not yet reported\n", reported,
                  (int)ROUNDS, interrupted);
    assert_true(reported > 0);
    tiny_clean(test.directory, test.path);
}

static void a_writer_that_dies_inside_its_change_leaves_no_trace(void **state)
{
    (void)state;
    struct crash_test test;
    begin(&test);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct sva_refstore *store = NULL;
        const bool ready =
            sva_refstore_open(test.path, true, &store, NULL) == SVA_OK && add_number(store, 0);
        if (ready && sva_store_begin_write(store, NULL) == SVA_OK &&
            sva_store_run(store, "DELETE FROM reference_model", "test", NULL) == SVA_OK) {
            (void)raise(SIGKILL);
        }
        _exit(5);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(check_store(test.path, 1), 1);
    tiny_clean(test.directory, test.path);
}

/* Adds its share; `reopen` opens and closes the store around every add, changing its mode often. */
static void write_share(const char *path, int writer, int adds, bool reopen)
{
    struct sva_refstore *store = NULL;
    struct sva_error error = {0};
    for (int i = 0; i < adds; i++) {
        if (store == NULL && sva_refstore_open(path, true, &store, &error) != SVA_OK) {
            (void)fprintf(stderr, "opening: %s\n", error.text);
            _exit(1);
        }
        if (!add_number(store, i * WRITERS + writer)) {
            _exit(2);
        }
        if (reopen) {
            sva_refstore_close(store);
            store = NULL;
        }
    }
    sva_refstore_close(store);
    _exit(0);
}

static void write_together(int adds, bool reopen)
{
    struct crash_test test;
    pid_t children[WRITERS];
    begin(&test);
    for (int w = 0; w < WRITERS; w++) {
        children[w] = fork();
        assert_true(children[w] >= 0);
        if (children[w] == 0) {
            write_share(test.path, w, adds, reopen);
        }
    }
    for (int w = 0; w < WRITERS; w++) {
        int status = 0;
        assert_int_equal(waitpid(children[w], &status, 0), children[w]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    assert_int_equal(check_store(test.path, WRITERS * adds), WRITERS * adds);
    tiny_clean(test.directory, test.path);
}

static void several_processes_add_to_one_store(void **state)
{
    (void)state;
    write_together(EACH_ADDS, false);
}

static void several_processes_open_add_and_close_in_turns(void **state)
{
    (void)state;
    write_together(EACH_ADDS / 2, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_writer_loses_nothing_already_added),
        cmocka_unit_test(a_writer_that_dies_inside_its_change_leaves_no_trace),
        cmocka_unit_test(several_processes_add_to_one_store),
        cmocka_unit_test(several_processes_open_add_and_close_in_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
