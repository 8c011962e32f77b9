/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit fingerprint MODEL -o FILE */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "audit_output.h"

static int report_print(const struct settings *settings, const struct sva_print *print,
                        const char *path)
{
    struct stat info;
    if (settings->quiet) {
        return EXIT_DONE;
    }
    if (stat(path, &info) != 0) {
        complain("%s: written, but cannot be looked at: %s", show(path).text, strerror(errno));
        return EXIT_INCOMPLETE;
    }
    if (print->reading.quick &&
        print_line("read in part: %" PRIu64 " of %" PRIu64 " bytes of tensors\n",
                   print->reading.bytes_read, print->reading.bytes_total) != EXIT_DONE) {
        return EXIT_INCOMPLETE;
    }
    return print_line("%s  sha256:%s\n%zu tensors, %" PRIu64 " parameters, %" PRIu64
                      " bytes of weights, print of %" PRIu64 " bytes\n",
                      show(print->name).text, hex_of(print->digest).text, print->tensor_count,
                      print->parameter_count, print->weight_bytes, (uint64_t)info.st_size);
}

int run_fingerprint(const struct settings *settings)
{
    if (settings->outputs.count != 1) {
        return complain_usage("fingerprint wants one -o FILE to write the print to");
    }
    int code = audit_paths_check(settings->operands, settings->operand_count);
    if (code >= 0) {
        return code;
    }
    struct bar bar;
    bar_start(&bar, settings);
    const struct sva_check_options options = audit_options(settings, &bar);
    struct sva_print *print = NULL;
    struct sva_error error = {.status = SVA_OK};
    const char *path = settings->outputs.texts[0];
    enum sva_status status = sva_print_of_path(settings->operands[0], &options, &print, &error);
    bar_end(&bar);
    if (status == SVA_OK && terminal_interrupted()) {
        error.status = status = SVA_ERR_CANCELLED;
    }
    if (status != SVA_OK) {
        code = complain_error(&error);
    } else if (sva_print_save(print, path, &error) != SVA_OK) {
        (void)complain_error(&error);
        code = EXIT_INCOMPLETE; /* a missing folder is no fault of the options */
    } else {
        code = report_print(settings, print, path);
    }
    sva_print_free(print);
    return code;
}
