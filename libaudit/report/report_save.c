/* SPDX-License-Identifier: Apache-2.0 */
#include <sovaudit/report.h>

#include "base/output.h"

enum sva_status sva_report_save(const char *path, const char *text, size_t size_bytes,
                                struct sva_error *error)
{
    return sva_write_file(path, text, size_bytes, error);
}

const char *sva_version(void)
{
    return SVA_VERSION_STRING;
}
