/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "sim/cli/options.h"
#include "sim/cli/run.h"

static int run_command(const struct command *command) {
    if (command->help) {
        write_help(stdout, command->verb);
        return EXIT_DONE;
    }
    if (command->version) {
        puts("tierchain " TIERCHAIN_VERSION);
        return EXIT_DONE;
    }
    return command->verb->run(command);
}

int main(int argument_count, char **arguments) {
    struct command command;
    int code = command_parse(&command, argument_count, arguments);
    if (code == EXIT_DONE)
        code = run_command(&command);
    command_deinit(&command);
    /* A full disk or a closed pipe must not look like success. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("tierchain: stdout");
        return EXIT_IO;
    }
    return code;
}
