/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit: read the command line, run the command, return its exit code. */
#include "settings.h"
#include "terminal.h"

int main(int argc, char **argv)
{
    struct settings settings = {.command = NULL};
    terminal_catch_signals();
    int code = settings_read(argc, argv, &settings);
    if (code < 0) {
        code = settings.help ? print_command_help(settings.command, (enum sva_lang)settings.lang)
                             : settings.command->run(&settings);
    }
    settings_done(&settings);
    return code;
}
