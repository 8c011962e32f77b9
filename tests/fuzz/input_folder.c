/* SPDX-License-Identifier: Apache-2.0 */
#include "input_folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 256, PATHS = 4 };

static char root[PATH_BYTES / 2];

void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* ---- the input ---- */

static bool name_is_plain(const char *name)
{
    const char *const slash = strchr(name, '/');
    const char *const last = slash != NULL ? slash + 1 : name;
    return name[0] != '\0' && name[0] != '/' && strcmp(last, "") != 0 && strcmp(last, ".") != 0 &&
           strcmp(last, "..") != 0 && strncmp(name, "./", 2) != 0 && strncmp(name, "../", 3) != 0 &&
           strchr(last, '/') == NULL;
}

static void add_file(struct input_folder *folder, const uint8_t *name, size_t length,
                     const uint8_t *bytes, size_t size)
{
    struct input_file *const file = &folder->files[folder->count];
    if (folder->count == INPUT_FILES_MAX || length >= sizeof file->name ||
        memchr(name, '\0', length) != NULL) {
        return;
    }
    memcpy(file->name, name, length);
    file->name[length] = '\0';
    if (name_is_plain(file->name) && input_folder_find(folder, file->name) == NULL) {
        file->bytes = bytes;
        file->size = size;
        folder->count++;
    }
}

/** Where the next line "@@..." begins, or the end. */
static size_t next_mark(const uint8_t *data, size_t size, size_t at)
{
    for (; at + 1 < size; at++) {
        if (data[at] == '@' && data[at + 1] == '@' && (at == 0 || data[at - 1] == '\n')) {
            return at;
        }
    }
    return size;
}

void input_folder_parse(struct input_folder *folder, const uint8_t *data, size_t size)
{
    folder->count = 0;
    size_t mark = next_mark(data, size, 0);
    while (mark < size) {
        const size_t name = mark + 2;
        const uint8_t *const feed = memchr(data + name, '\n', size - name);
        const size_t begin = feed != NULL ? (size_t)(feed - data) + 1 : size;
        mark = next_mark(data, size, begin);
        const size_t end = mark < size && mark > begin ? mark - 1 : mark;
        add_file(folder, data + name, (feed != NULL ? begin - 1 : size) - name, data + begin,
                 end - begin);
    }
}

const struct input_file *input_folder_find(const struct input_folder *folder, const char *name)
{
    for (size_t i = 0; i < folder->count; i++) {
        if (strcmp(folder->files[i].name, name) == 0) {
            return &folder->files[i];
        }
    }
    return NULL;
}

/* ---- the disk ---- */

static void empty(const char *path, unsigned depth)
{
    DIR *const directory = opendir(path);
    require(directory != NULL);
    for (const struct dirent *entry = readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        char inner[PATH_BYTES];
        struct stat status;
        const int length = snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        require(length > 0 && (size_t)length < sizeof inner && lstat(inner, &status) == 0);
        if (S_ISDIR(status.st_mode) && depth > 0) {
            empty(inner, depth - 1);
            require(rmdir(inner) == 0);
        } else {
            require(unlink(inner) == 0);
        }
    }
    (void)closedir(directory);
}

/** A process that was forked off may have been here already. */
static void remove_root(void)
{
    if (access(root, F_OK) == 0) {
        empty(root, 4);
        (void)rmdir(root);
    }
}

const char *scratch_directory(void)
{
    if (root[0] == '\0') {
        const char *const given = getenv("TMPDIR");
        const char *const above = given != NULL                   ? given
                                  : access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                                                                  : "/tmp";
        require((size_t)snprintf(root, sizeof root, "%s/fuzz-XXXXXX", above) < sizeof root);
        require(mkdtemp(root) != NULL && atexit(remove_root) == 0);
    } else {
        empty(root, 4);
    }
    return root;
}

const char *scratch_path(const char *name)
{
    static char paths[PATHS][PATH_BYTES];
    static unsigned turn;
    char *const path = paths[turn++ % PATHS];
    require((size_t)snprintf(path, PATH_BYTES, "%s/%s", root, name) < PATH_BYTES);
    return path;
}

void scratch_write(const char *name, const void *bytes, size_t size)
{
    const char *const path = scratch_path(name);
    const char *const slash = strchr(name, '/');
    if (slash != NULL) {
        char above[PATH_BYTES];
        (void)snprintf(above, sizeof above, "%.*s", (int)(strrchr(path, '/') - path), path);
        (void)mkdir(above, 0700);
    }
    FILE *const file = fopen(path, "wb");
    if (file == NULL) {
        return; /* a file and a folder of one name */
    }
    require(size == 0 || fwrite(bytes, size, 1, file) == 1);
    require(fclose(file) == 0);
}

void input_folder_write(const struct input_folder *folder)
{
    for (size_t i = 0; i < folder->count; i++) {
        scratch_write(folder->files[i].name, folder->files[i].bytes, folder->files[i].size);
    }
}

/* ---- a small model ---- */

void scratch_weights(const char *name)
{
    static const struct {
        const char *name;
        unsigned rows, columns;
    } tensors[] = {
        {"model.embed_tokens.weight", 16, 8},
        {"model.layers.0.input_layernorm.weight", 1, 8},
        {"model.layers.0.mlp.down_proj.weight", 8, 12},
        {"model.layers.0.mlp.gate_proj.weight", 12, 8},
        {"model.layers.0.mlp.up_proj.weight", 12, 8},
        {"model.layers.0.self_attn.k_proj.weight", 8, 8},
        {"model.layers.0.self_attn.o_proj.weight", 8, 8},
        {"model.layers.0.self_attn.q_proj.weight", 8, 8},
        {"model.layers.0.self_attn.v_proj.weight", 8, 8},
    };
    enum { ROOM = 8192 };
    uint8_t file[ROOM];
    char header[ROOM / 2] = "{";
    size_t length = 1;
    size_t bytes = 0;
    for (size_t i = 0; i < sizeof tensors / sizeof *tensors; i++) {
        const size_t size = (size_t)4 * tensors[i].rows * tensors[i].columns;
        length += (size_t)snprintf(
            header + length, sizeof header - length,
            "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[%u,%u],\"data_offsets\":[%zu,%zu]}",
            i == 0 ? "" : ",", tensors[i].name, tensors[i].rows, tensors[i].columns, bytes,
            bytes + size);
        bytes += size;
    }
    header[length++] = '}';
    memset(file, 0, 8);
    file[0] = (uint8_t)(length & 0xFF);
    file[1] = (uint8_t)(length >> 8);
    memcpy(file + 8, header, length);
    uint32_t state = 1;
    require(8 + length + bytes <= sizeof file);
    for (size_t i = 0; i < bytes; i += 4) {
        state = state * UINT32_C(1664525) + UINT32_C(1013904223);
        const float value = (float)(state >> 8) / (float)(1 << 24) - 0.5F;
        memcpy(file + 8 + length + i, &value, 4); /* low byte first, as every host of the tests */
    }
    scratch_write(name, file, 8 + length + bytes);
}
