/* SPDX-License-Identifier: Apache-2.0 */
/* Zip files byte by byte: what their directory and their entries say must be one thing. */
#include "model_builder.h"

#include "base/file.h"
#include "format/archive.h"
#include "format/zip_directory.h"

enum { FIRST = 0, SECOND = 42, DIRECTORY = 85, RECORD = 53, END = 191, WHOLE = 213 };

struct zip_bytes {
    uint8_t bytes[512];
    size_t size;
};

static void add(struct zip_bytes *zip, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        zip->bytes[zip->size++] = (uint8_t)(value >> (8 * i));
    }
}

static void add_text(struct zip_bytes *zip, const char *text)
{
    memcpy(zip->bytes + zip->size, text, strlen(text));
    zip->size += strlen(text);
}

static uint32_t checksum(const char *text)
{
    uint32_t sum = 0xffffffff;
    for (; *text != '\0'; text++) {
        sum ^= (uint8_t)*text;
        for (int bit = 0; bit < 8; bit++) {
            sum = (sum >> 1) ^ (0xedb88320 & (0u - (sum & 1)));
        }
    }
    return ~sum;
}

static void add_middle(struct zip_bytes *zip, const char *data)
{
    add(zip, 20, 2);
    add(zip, 0, 4); /* flags, method: stored */
    add(zip, 0x00210000, 4);
    add(zip, checksum(data), 4);
    add(zip, strlen(data), 4);
    add(zip, strlen(data), 4);
    add(zip, 7, 2);
    add(zip, 0, 2);
}

/** m/a.txt with "first" and m/b.txt with "second", stored; the places are those of the enum. */
static struct zip_bytes sound_zip(void)
{
    static const char *const names[] = {"m/a.txt", "m/b.txt"};
    static const char *const data[] = {"first", "second"};
    static const uint32_t places[] = {FIRST, SECOND};
    struct zip_bytes zip = {.size = 0};
    for (int i = 0; i < 2; i++) {
        add(&zip, 0x04034b50, 4);
        add_middle(&zip, data[i]);
        add_text(&zip, names[i]);
        add_text(&zip, data[i]);
    }
    for (int i = 0; i < 2; i++) {
        add(&zip, 0x02014b50, 4);
        add(&zip, 20, 2);
        add_middle(&zip, data[i]);
        add(&zip, 0, 6);
        add(&zip, 0, 4);
        add(&zip, places[i], 4);
        add_text(&zip, names[i]);
    }
    add(&zip, 0x06054b50, 4);
    add(&zip, 0, 4);
    add(&zip, 2, 2);
    add(&zip, 2, 2);
    add(&zip, END - DIRECTORY, 4);
    add(&zip, DIRECTORY, 4);
    add(&zip, 0, 2);
    assert_int_equal(zip.size, WHOLE);
    return zip;
}

static enum sva_status unpack(const struct zip_bytes *zip, struct sva_archive *archive,
                              struct sva_error *error)
{
    struct temp_tree tree;
    char path[512];
    struct sva_input input = {.fd = -1};
    const struct sva_limits limits = sva_limits_default();
    tree_make(&tree);
    tree_write(&tree, "a.zip", zip->bytes, zip->size);
    assert_int_equal(sva_input_open(-1, tree_path(&tree, "a.zip", path), true, &input, NULL),
                     SVA_OK);
    const enum sva_status status = sva_archive_unpack(&input, &limits, archive, error);
    sva_input_close(&input);
    tree_remove(&tree);
    return status;
}

static void stored_entries_are_read_where_they_lie(void **state)
{
    (void)state;
    const struct zip_bytes zip = sound_zip();
    struct sva_archive archive;
    struct sva_error error = {0};
    assert_int_equal(unpack(&zip, &archive, &error), SVA_OK);
    assert_int_equal(archive.count, 2);
    assert_int_equal(archive.data.size_bytes, 0);
    assert_int_equal(archive.unpacked_bytes, 11);
    assert_int_equal(archive.unclaimed_bytes, 0);
    assert_true(archive.entries[1].in_place);
    assert_int_equal(archive.entries[1].offset, SECOND + 37);
    sva_archive_done(&archive);
}

static void what_is_said_in_two_ways_is_refused(void **state)
{
    (void)state;
    static const struct {
        unsigned at[3]; /* bytes to set; 0 ends the list after the first */
        uint8_t value;
        const char *why;
    } cases[] = {
        {{FIRST + 30}, 'n', "another one in its local header"},
        {{FIRST + 31, DIRECTORY + 47}, 0, "control character"},
        {{FIRST + 8}, 8, "another one in its local header"},
        {{FIRST + 6}, 1, "another one in its local header"},
        {{DIRECTORY + RECORD + 46}, 'n', "another one in its local header"},
        {{DIRECTORY + 8}, 1, "encrypted"},
        {{FIRST + 26}, 6, "another one in its local header"},
        {{FIRST + 14}, 1, "other sizes in its local header"},
        {{FIRST + 18}, 4, "other sizes in its local header"},
        {{FIRST + 22}, 4, "other sizes in its local header"},
        {{FIRST + 20, DIRECTORY + 22}, 1, "ends outside of the archive's data"},
        {{DIRECTORY + 42}, 1, "another one in its local header"},
        {{DIRECTORY + 43}, 1, "begins outside"},
        {{DIRECTORY + 44}, 1, "begins outside"},
        {{DIRECTORY}, 1, "cut short"},
        {{END + 8, END + 10}, 1, "goes on behind its last entry"},
        {{END + 8, END + 10}, 3, "too short for its entries"},
        {{END + 8}, 1, "several disks"},
        {{END + 4}, 1, "several disks"},
        {{END + 12}, 1, "does not end at its end record"},
        {{END + 16}, 1, "does not end at its end record"},
        {{END + 20}, 1, "no zip directory ends"},
        {{FIRST + 38}, 'F', "not a sound archive"}, /* the data: libarchive checks the sum */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct zip_bytes zip = sound_zip();
        struct sva_archive archive;
        struct sva_error error = {0};
        zip.bytes[cases[i].at[0]] = cases[i].value;
        for (size_t j = 1; j < 3 && cases[i].at[j] != 0; j++) {
            zip.bytes[cases[i].at[j]] = cases[i].value;
        }
        const enum sva_status status = unpack(&zip, &archive, &error);
        if (status != SVA_ERR_CORRUPT || strstr(error.text, cases[i].why) == NULL) {
            fail_msg("%u, \"%s\": %s", cases[i].at[0], cases[i].why, error.text);
        }
    }
}

static void an_entry_that_is_told_twice_is_refused(void **state)
{
    (void)state;
    const struct zip_bytes sound = sound_zip();
    struct zip_bytes zip = sound;
    struct sva_archive archive;
    struct sva_error error = {0};
    memcpy(zip.bytes + DIRECTORY, sound.bytes + DIRECTORY + RECORD, RECORD);
    memcpy(zip.bytes + DIRECTORY + RECORD, sound.bytes + DIRECTORY, RECORD);
    assert_int_equal(unpack(&zip, &archive, &error), SVA_OK); /* another order is none */
    sva_archive_done(&archive);
    memcpy(zip.bytes + DIRECTORY, sound.bytes + DIRECTORY, RECORD);
    assert_int_equal(unpack(&zip, &archive, &error), SVA_ERR_CORRUPT);
    assert_non_null(strstr(error.text, "overlaps another entry"));
}

static void bytes_of_no_entry_are_counted(void **state)
{
    (void)state;
    const struct zip_bytes sound = sound_zip();
    static const uint8_t gaps[] = {1, 12, 16, 24, 33};
    struct zip_bytes zip;
    struct sva_archive archive;
    struct sva_error error = {0};
    for (size_t i = 0; i < sizeof gaps; i++) {
        zip = sound;
        memmove(zip.bytes + DIRECTORY + gaps[i], zip.bytes + DIRECTORY, WHOLE - DIRECTORY);
        zip.bytes[END + gaps[i] + 16] = (uint8_t)(DIRECTORY + gaps[i]);
        zip.size = WHOLE + (size_t)gaps[i];
        assert_int_equal(unpack(&zip, &archive, &error), SVA_OK);
        assert_int_equal(archive.unclaimed_bytes, gaps[i]);
        sva_archive_done(&archive);
    }

    zip = sound; /* a comment is fine, with an end record in it not */
    zip.bytes[END + 20] = 40;
    memset(zip.bytes + WHOLE, 'c', 40);
    zip.size = WHOLE + 40;
    assert_int_equal(unpack(&zip, &archive, &error), SVA_OK);
    sva_archive_done(&archive);
    memcpy(zip.bytes + WHOLE + 10, "PK\5\6", 4); /* which libarchive believes */
    assert_int_not_equal(unpack(&zip, &archive, &error), SVA_OK);
}

/** PyTorch and Python take the last end record, whatever it says of its comment's length. */
static void an_end_record_in_the_comment_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t at, comment; /* where in the comment; bytes that the inner record states */
        bool sound;
    } cases[] = {{0, 0, false},  {0, 7, false},  {10, 7, false},
                 {18, 0, false}, {36, 0, false}, {37, 0, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct zip_bytes zip = sound_zip();
        const struct sva_limits limits = sva_limits_default();
        struct sva_zip directory;
        struct sva_error error = {0};
        zip.bytes[END + 20] = 40;
        zip.size = WHOLE + 40;
        memcpy(zip.bytes + WHOLE + cases[i].at, "PK\5\6", cases[i].sound ? 3 : 4);
        zip.bytes[WHOLE + cases[i].at + 20] = cases[i].comment;
        const struct sva_span span = {zip.bytes, zip.size};
        const struct sva_source source = sva_source_of_span(&span, "a.zip");
        const enum sva_status status = sva_zip_read(&source, &limits, &directory, &error);
        if (cases[i].at == 18) { /* 22 bytes before the end: sound in itself, and without entries */
            assert_int_equal(status, SVA_ERR_CORRUPT);
            assert_non_null(strstr(error.text, "does not end at its end record"));
        } else if (cases[i].sound) {
            assert_int_equal(status, SVA_OK);
            sva_zip_done(&directory);
        } else {
            assert_int_equal(status, SVA_ERR_CORRUPT);
            assert_non_null(strstr(error.text, "no zip directory ends with the file"));
        }
    }
}

/** What follows the second entry's data describes it only when announced, and in no other words. */
static void descriptors_are_held_against_the_directory(void **state)
{
    (void)state;
    const struct zip_bytes sound = sound_zip();
    static const struct {
        bool marked;
        unsigned width;
        uint16_t flags;
        uint8_t wrong; /* added to the packed size */
        uint64_t unclaimed;
    } cases[] = {
        {true, 4, 8, 0, 0},  {false, 4, 8, 0, 0},  {true, 8, 8, 0, 0},  {false, 8, 8, 0, 0},
        {true, 4, 0, 0, 16}, {false, 8, 0, 0, 20}, {true, 4, 8, 1, 16}, {false, 4, 8, 1, 12},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct zip_bytes zip = {.size = DIRECTORY};
        struct sva_error error = {0};
        memcpy(zip.bytes, sound.bytes, DIRECTORY);
        if (cases[i].marked) {
            add(&zip, 0x08074b50, 4);
        }
        add(&zip, checksum("second"), 4);
        add(&zip, 6u + cases[i].wrong, cases[i].width);
        add(&zip, 6, cases[i].width);
        const size_t moved = zip.size - DIRECTORY;
        memcpy(zip.bytes + zip.size, sound.bytes + DIRECTORY, WHOLE - DIRECTORY);
        zip.size += WHOLE - DIRECTORY;
        zip.bytes[END + moved + 16] = (uint8_t)(DIRECTORY + moved);
        zip.bytes[SECOND + 6] = (uint8_t)cases[i].flags;
        zip.bytes[DIRECTORY + moved + RECORD + 8] = (uint8_t)cases[i].flags;
        const struct sva_limits limits = sva_limits_default();
        const struct sva_span span = {zip.bytes, zip.size};
        const struct sva_source source = sva_source_of_span(&span, "a.zip");
        struct sva_zip directory;
        if (sva_zip_read(&source, &limits, &directory, &error) != SVA_OK) {
            fail_msg("case %zu: %s", i, error.text);
        }
        assert_int_equal(directory.unclaimed_bytes, cases[i].unclaimed);
        sva_zip_done(&directory);
    }
}

static void more_entries_than_the_limit_are_refused_before_they_are_read(void **state)
{
    (void)state;
    const struct zip_bytes zip = sound_zip();
    struct temp_tree tree;
    char path[512];
    struct sva_input input = {.fd = -1};
    struct sva_error error = {0};
    struct sva_archive archive;
    struct sva_limits limits = sva_limits_default();
    tree_make(&tree);
    tree_write(&tree, "a.zip", zip.bytes, zip.size);
    assert_int_equal(sva_input_open(-1, tree_path(&tree, "a.zip", path), true, &input, NULL),
                     SVA_OK);
    limits.file_count = 2;
    assert_int_equal(sva_archive_unpack(&input, &limits, &archive, &error), SVA_OK);
    sva_archive_done(&archive);
    limits.file_count = 1;
    assert_int_equal(sva_archive_unpack(&input, &limits, &archive, &error), SVA_ERR_LIMIT);
    sva_input_close(&input);
    tree_remove(&tree);
}

/** Whatever one byte becomes, the archive is refused or still holds what it held. */
static void any_changed_or_missing_byte_is_survived(void **state)
{
    (void)state;
    const struct zip_bytes sound = sound_zip();
    for (unsigned at = 0; at < WHOLE; at++) {
        for (unsigned how = 0; how < 2; how++) {
            struct zip_bytes zip = sound;
            struct sva_archive archive;
            struct sva_error error = {0};
            zip.bytes[at] = how == 0 ? 0xff : (uint8_t)(zip.bytes[at] ^ 1);
            const enum sva_status status = unpack(&zip, &archive, &error);
            if (status == SVA_OK) {
                assert_int_equal(archive.count, 2);
                assert_int_equal(archive.unpacked_bytes, 11);
                sva_archive_done(&archive);
            } else {
                assert_true(error.text[0] != '\0');
            }
        }
    }
    for (size_t cut = 0; cut < WHOLE; cut++) {
        struct zip_bytes zip = sound;
        struct sva_archive archive;
        struct sva_error error = {0};
        zip.size = cut;
        assert_int_not_equal(unpack(&zip, &archive, &error), SVA_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_entries_are_read_where_they_lie),
        cmocka_unit_test(what_is_said_in_two_ways_is_refused),
        cmocka_unit_test(an_entry_that_is_told_twice_is_refused),
        cmocka_unit_test(bytes_of_no_entry_are_counted),
        cmocka_unit_test(an_end_record_in_the_comment_is_refused),
        cmocka_unit_test(descriptors_are_held_against_the_directory),
        cmocka_unit_test(more_entries_than_the_limit_are_refused_before_they_are_read),
        cmocka_unit_test(any_changed_or_missing_byte_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
