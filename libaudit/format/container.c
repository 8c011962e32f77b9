/* SPDX-License-Identifier: Apache-2.0 */
#include "format/container.h"

void sva_container_done(struct sva_container *container)
{
    sva_arena_done(&container->arena);
    *container = (struct sva_container){0};
}
