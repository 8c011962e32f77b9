/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cpu.h"

/* The level that a fresh process settles on with SOVAUDIT_CPU set to `text`; NULL unsets it. */
static int level_with(const char *text)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (text == NULL ? unsetenv("SOVAUDIT_CPU") : setenv("SOVAUDIT_CPU", text, 1)) {
            _exit(99);
        }
        const int level = (int)sva_cpu_level();
        if (setenv("SOVAUDIT_CPU", "baseline", 1) || (int)sva_cpu_level() != level) {
            _exit(98); /* only the first call reads it */
        }
        _exit(level);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void the_environment_lowers_the_level_and_never_raises_it(void **state)
{
    (void)state;
    const int best = (int)sva_cpu_best();
    assert_int_equal(level_with(NULL), best);
    for (int level = 0; level < SVA_CPU_LEVELS; level++) {
        const char *const name = sva_cpu_level_name((enum sva_cpu_level)level);
        assert_int_equal(level_with(name), level < best ? level : best);
    }
}

static void unknown_values_are_ignored(void **state)
{
    (void)state;
    static const char *const values[] = {"", "AVX2", "avx2 ", "sse2", "0"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_int_equal(level_with(values[i]), (int)sva_cpu_best());
    }
}

static void tests_can_choose_what_the_processor_has(void **state)
{
    (void)state;
    for (int level = 0; level < SVA_CPU_LEVELS; level++) {
        const enum sva_cpu_level before = sva_cpu_level();
        const bool there = level <= (int)sva_cpu_best();
        assert_int_equal(sva_cpu_use((enum sva_cpu_level)level), there);
        assert_int_equal(sva_cpu_level(), there ? level : (int)before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_environment_lowers_the_level_and_never_raises_it),
        cmocka_unit_test(unknown_values_are_ignored),
        cmocka_unit_test(tests_can_choose_what_the_processor_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
