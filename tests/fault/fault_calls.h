/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Functions of the C library that fault_shim.c wraps or calls and that no header declares as it
 * needs them.
 */
#ifndef SVA_TEST_FAULT_CALLS_H
#define SVA_TEST_FAULT_CALLS_H

#include <stddef.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

int __libc_start_main(int (*main_function)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*loader_fini)(void),
                      void *stack_end);

#endif
