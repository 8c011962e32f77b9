/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: the name of a hub cache's entry on the first line, then what its refs/main holds. The
 * snapshot that is entered lies in the entry, however the two are spelt.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "input_folder.h"
#include "base/hub_cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_names(const char *text)
{
    struct sva_arena arena = {0};
    const char *folder = NULL;
    size_t folder_size = 0;
    const size_t length = sva_hub_root_length(text, &folder, &folder_size);
    require(length <= strlen(text));
    if (length > 0) {
        require(folder >= text && folder + folder_size <= text + strlen(text));
        require(sva_hub_name(&arena, folder, folder_size) != NULL);
    }
    require(!sva_path_is_beneath(text, text));
    sva_arena_done(&arena);
}

static void enter(const char *reference, size_t size)
{
    static const char *const folders[] = {"models--o--n", "models--o--n/snapshots",
                                          "models--o--n/snapshots/0a1b",
                                          "models--o--n/snapshots/main"};
    char resolved[PATH_MAX];
    char entry[PATH_MAX];
    struct sva_error error = {0};
    (void)scratch_directory();
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        require(mkdir(scratch_path(folders[i]), 0700) == 0);
    }
    scratch_write("models--o--n/refs/main", reference, size);
    (void)snprintf(entry, sizeof entry, "%s", scratch_path("models--o--n"));
    memcpy(resolved, entry, sizeof resolved);
    const enum sva_status status = sva_hub_enter_snapshot(resolved, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        require(sva_path_is_beneath(resolved, entry) && strstr(resolved, "/..") == NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *const text = malloc(size + 1);
    require(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    char *const feed = strchr(text, '\n');
    if (feed != NULL) {
        *feed = '\0';
        enter(feed + 1, size - (size_t)(feed + 1 - text));
    }
    check_names(text);
    free(text);
    return 0;
}
