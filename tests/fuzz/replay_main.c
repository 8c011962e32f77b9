/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Replays a corpus once, without libFuzzer: every regular file of the named
 * directories (or the named files) goes through LLVMFuzzerTestOneInput. A
 * crash, a hang or a sanitizer report is the failure; there is no other.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(size + 1);
    int failed = file == NULL || bytes == NULL || fread(bytes, 1, size, file) != size;
    if (!failed) {
        (void)LLVMFuzzerTestOneInput(bytes, size);
    } else {
        (void)fprintf(stderr, "cannot read %s\n", path);
    }
    free(bytes);
    if (file != NULL) {
        (void)fclose(file);
    }
    return failed;
}

static int replay_directory(const char *path, size_t *count)
{
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return 1;
    }
    int failed = 0;
    for (const struct dirent *entry = readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        char name[4096];
        const int length = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        struct stat status;
        if (length > 0 && (size_t)length < sizeof name && stat(name, &status) == 0 &&
            S_ISREG(status.st_mode)) {
            failed |= replay_file(name, (size_t)status.st_size);
            *count += 1;
        }
    }
    (void)closedir(directory);
    return failed;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    int failed = 0;
    (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) {
        struct stat status;
        if (stat(argv[i], &status) != 0) {
            (void)printf("no corpus at %s\n", argv[i]);
        } else if (S_ISDIR(status.st_mode)) {
            failed |= replay_directory(argv[i], &count);
        } else {
            failed |= replay_file(argv[i], (size_t)status.st_size);
            count++;
        }
    }
    (void)printf("%zu inputs replayed\n", count);
    return failed;
}
