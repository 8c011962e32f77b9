/* SPDX-License-Identifier: Apache-2.0 */
/** A scratch folder with a small model in it, for tests of signatures. */
#ifndef TESTS_SIGN_FOLDER_H
#define TESTS_SIGN_FOLDER_H

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

#include <sovaudit/sign.h>

#include "base/file.h"
#include "base/output.h"
#include "base/memory.h"

static char folder[64];

static inline const char *at(const char *name)
{
    static char paths[8][256];
    static unsigned turn;
    char *const path = paths[turn++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static inline void put(const char *name, const char *text)
{
    assert_int_equal(sva_write_file(at(name), text, strlen(text), NULL), SVA_OK);
}

/** A fresh folder and the model m in it: m/a, m/b/c, m/empty, m/.git/x. */
static inline int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/sovaudit-sign-XXXXXX");
    if (mkdtemp(folder) == NULL || mkdir(at("m"), 0755) != 0 || mkdir(at("m/b"), 0755) != 0 ||
        mkdir(at("m/.git"), 0755) != 0) {
        return -1;
    }
    put("m/a", "alpha");
    put("m/b/c", "gamma");
    put("m/empty", "");
    put("m/.git/x", "not part of it");
    return 0;
}

static inline int drop_folder(void **state)
{
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

#endif
