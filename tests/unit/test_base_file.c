/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/output.h"

static char root[64];

static const char *in_root(const char *name)
{
    static char paths[4][256];
    static unsigned turn;
    char *const path = paths[turn++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

static int make_root(void **state)
{
    (void)state;
    (void)snprintf(root, sizeof root, "/tmp/sovaudit-test-XXXXXX");
    return mkdtemp(root) == NULL ? -1 : 0;
}

/* Number of entries; removes them when asked to. */
static size_t entries(bool remove_them)
{
    DIR *const stream = opendir(root);
    assert_non_null(stream);
    size_t count = 0;
    for (struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            count++;
            if (remove_them) {
                (void)remove(in_root(entry->d_name));
            }
        }
    }
    (void)closedir(stream);
    return count;
}

static int drop_root(void **state)
{
    (void)state;
    (void)entries(true);
    return rmdir(root);
}

static void put(const char *name, const char *text)
{
    assert_int_equal(sva_write_file(in_root(name), text, strlen(text), NULL), SVA_OK);
}

static void a_file_comes_back_as_written(void **state)
{
    (void)state;
    uint8_t *bytes;
    size_t size;
    put("f", "first");
    put("f", "second one");
    assert_int_equal(sva_read_file(in_root("f"), 10, &bytes, &size, NULL), SVA_OK);
    assert_int_equal(size, 10);
    assert_string_equal((char *)bytes, "second one");
    sva_free(bytes);
    put("empty", "");
    assert_int_equal(sva_read_file(in_root("empty"), 0, &bytes, &size, NULL), SVA_OK);
    assert_int_equal(size, 0);
    assert_int_equal(bytes[0], 0);
    sva_free(bytes);
    assert_int_equal(entries(false), 2);
}

static void a_file_beyond_the_limit_is_not_read(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t size = 77;
    struct sva_error error = {0};
    put("f", "12345");
    assert_int_equal(sva_read_file(in_root("f"), 4, &bytes, &size, &error), SVA_ERR_LIMIT);
    assert_null(bytes);
    assert_int_equal(size, 77);
    assert_non_null(strstr(error.text, in_root("f")));
}

static void what_is_no_regular_file_is_refused_without_waiting(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(in_root("pipe"), 0600), 0);
    assert_int_equal(mkdir(in_root("directory"), 0700), 0);
    assert_int_equal(symlink("/dev/zero", in_root("link")), 0);
    static const struct {
        const char *name, *says;
    } cases[] = {{"pipe", "named pipe"}, {"directory", "directory"}, {"link", "device"}};
    for (size_t i = 0; i < 3; i++) {
        struct sva_input input = {.fd = -1};
        struct sva_error error = {0};
        assert_int_equal(sva_input_open(-1, in_root(cases[i].name), true, &input, &error),
                         SVA_ERR_IO);
        assert_non_null(strstr(error.text, cases[i].says));
        assert_null(input.path);
        sva_input_close(&input);
    }
}

static void a_missing_file_is_not_found(void **state)
{
    (void)state;
    struct sva_input input = {.fd = -1};
    struct sva_error error = {0};
    assert_int_equal(sva_input_open(-1, in_root("no\x1b"), true, &input, &error),
                     SVA_ERR_NOT_FOUND);
    assert_non_null(strstr(error.text, "no\\x1B"));
    assert_non_null(strstr(error.text, "no such file"));
}

static void links_are_followed_only_when_allowed(void **state)
{
    (void)state;
    put("target", "x");
    assert_int_equal(symlink("target", in_root("link")), 0);
    struct sva_input input = {.fd = -1};
    struct sva_error error = {0};
    assert_int_equal(sva_input_open(-1, in_root("link"), false, &input, &error), SVA_ERR_IO);
    assert_non_null(strstr(error.text, "symbolic link"));
    assert_int_equal(sva_input_open(-1, in_root("link"), true, &input, NULL), SVA_OK);
    assert_int_equal(input.size_bytes, 1);
    sva_input_close(&input);
    const int directory = open(root, O_RDONLY | O_DIRECTORY);
    assert_true(directory >= 0);
    assert_int_equal(sva_input_open(directory, "target", false, &input, NULL), SVA_OK);
    assert_true(input.inode != 0);
    sva_input_close(&input);
    assert_int_equal(close(directory), 0);
}

static void reads_are_exact_and_a_shortened_file_is_a_conflict(void **state)
{
    (void)state;
    put("f", "0123456789");
    struct sva_input input;
    assert_int_equal(sva_input_open(-1, in_root("f"), true, &input, NULL), SVA_OK);
    char bytes[8];
    assert_int_equal(sva_input_read(&input, 3, bytes, 4, NULL), SVA_OK);
    assert_memory_equal(bytes, "3456", 4);
    assert_int_equal(truncate(in_root("f"), 5), 0);
    struct sva_error error = {0};
    assert_int_equal(sva_input_read(&input, 3, bytes, 4, &error), SVA_ERR_CONFLICT);
    assert_int_equal(error.offset, 5);
    assert_int_equal(sva_input_read(&input, UINT64_MAX - 1, bytes, 4, NULL), SVA_ERR_INTERNAL);
    sva_input_close(&input);
}

static void offsets_beyond_4_gib_work(void **state)
{
    (void)state;
    const int fd = open(in_root("sparse"), O_RDWR | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    const off_t far = (off_t)5 << 30;
    assert_int_equal(pwrite(fd, "end", 3, far), 3);
    assert_int_equal(close(fd), 0);
    struct sva_input input;
    char bytes[3];
    assert_int_equal(sva_input_open(-1, in_root("sparse"), true, &input, NULL), SVA_OK);
    assert_true(input.size_bytes == (uint64_t)far + 3);
    assert_int_equal(sva_input_read(&input, (uint64_t)far, bytes, 3, NULL), SVA_OK);
    assert_memory_equal(bytes, "end", 3);
    sva_input_close(&input);
}

static void a_failed_write_leaves_nothing_behind(void **state)
{
    (void)state;
    struct sva_error error = {0};
    assert_int_equal(sva_write_file(in_root("no/f"), "x", 1, &error), SVA_ERR_NOT_FOUND);
    assert_int_equal(mkdir(in_root("directory"), 0700), 0);
    assert_int_equal(sva_write_file(in_root("directory"), "x", 1, NULL), SVA_ERR_IO);
    char name[300];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    char path[400];
    (void)snprintf(path, sizeof path, "%s/%s", root, name);
    assert_int_equal(sva_write_file(path, "x", 1, NULL), SVA_ERR_IO);
    assert_int_equal(entries(false), 1);
}

static void assert_holds(const char *name, const char *text)
{
    uint8_t *bytes;
    size_t size;
    assert_int_equal(sva_read_file(in_root(name), 99, &bytes, &size, NULL), SVA_OK);
    assert_string_equal((char *)bytes, text);
    sva_free(bytes);
}

static void links_and_devices_are_written_through_not_replaced(void **state)
{
    (void)state;
    put("target", "old");
    assert_int_equal(symlink("target", in_root("link")), 0);
    put("link", "new");
    struct stat info;
    assert_int_equal(lstat(in_root("link"), &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_holds("target", "new");
    assert_int_equal(symlink("/dev/null", in_root("null")), 0);
    put("null", "gone");
    assert_int_equal(stat("/dev/null", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
    assert_int_equal(entries(false), 3);
}

/** Writes "old", then makes it "new" and appends " text". */
static void write_in_pieces(const char *name)
{
    struct sva_output output;
    assert_int_equal(sva_output_open(in_root(name), &output, NULL), SVA_OK);
    const bool can = sva_output_can_rewrite(&output);
    assert_int_equal(sva_output_write(&output, can ? "old" : "new", 3, NULL), SVA_OK);
    if (can) {
        assert_int_equal(sva_output_rewrite(&output, 0, "new", 3, NULL), SVA_OK);
    }
    assert_int_equal(sva_output_write(&output, " text", 5, NULL), SVA_OK);
    assert_int_equal(sva_output_commit(&output, NULL), SVA_OK);
}

static void pieces_go_where_a_whole_file_would_go(void **state)
{
    (void)state;
    write_in_pieces("plain");
    assert_holds("plain", "new text");
    put("target", "before");
    assert_int_equal(symlink("target", in_root("link")), 0);
    write_in_pieces("link");
    struct stat info;
    assert_int_equal(lstat(in_root("link"), &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_holds("target", "new text");

    assert_int_equal(mkfifo(in_root("pipe"), 0600), 0);
    const int reader = open(in_root("pipe"), O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    write_in_pieces("pipe");
    char bytes[9] = "";
    assert_int_equal(read(reader, bytes, sizeof bytes - 1), 8);
    assert_string_equal(bytes, "new text");
    assert_int_equal(close(reader), 0);
    assert_int_equal(lstat(in_root("pipe"), &info), 0);
    assert_true(S_ISFIFO(info.st_mode));
    assert_int_equal(entries(false), 4);
}

static void an_abandoned_file_leaves_the_old_one(void **state)
{
    (void)state;
    put("f", "old");
    struct sva_output output;
    assert_int_equal(sva_output_open(in_root("f"), &output, NULL), SVA_OK);
    assert_int_equal(sva_output_write(&output, "new", 3, NULL), SVA_OK);
    sva_output_abandon(&output);
    sva_output_abandon(&output);
    assert_holds("f", "old");
    assert_int_equal(entries(false), 1);
}

#define IN_ROOT(test) cmocka_unit_test_setup_teardown(test, make_root, drop_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOT(a_file_comes_back_as_written),
        IN_ROOT(a_file_beyond_the_limit_is_not_read),
        IN_ROOT(what_is_no_regular_file_is_refused_without_waiting),
        IN_ROOT(a_missing_file_is_not_found),
        IN_ROOT(links_are_followed_only_when_allowed),
        IN_ROOT(reads_are_exact_and_a_shortened_file_is_a_conflict),
        IN_ROOT(offsets_beyond_4_gib_work),
        IN_ROOT(a_failed_write_leaves_nothing_behind),
        IN_ROOT(links_and_devices_are_written_through_not_replaced),
        IN_ROOT(pieces_go_where_a_whole_file_would_go),
        IN_ROOT(an_abandoned_file_leaves_the_old_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
