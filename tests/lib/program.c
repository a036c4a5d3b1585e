/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/program.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

const char *program_path(void) {
    const char *path = getenv("TIERCHAIN_PROGRAM");
    return path != NULL ? path : "build/tierchain";
}

int program_run(const char *binary, const char *arguments, char hashes[PROGRAM_HASHES]) {
    char command[1024], line[512], directory[] = "/tmp/tierchain-run-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(directory));
    /* Without a path to gnuplot: nobody looks at these pictures, and they take longer than the run. */
    snprintf(command, sizeof command, "PATH=/nonexistent %s run %s --quiet -o %s 2>&1", binary,
             arguments, directory);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    hashes[0] = '\0';
    while (fgets(line, sizeof line, pipe) != NULL)
        if (strstr(line, "trace hash") != NULL && strlen(hashes) + strlen(line) < PROGRAM_HASHES)
            strcat(hashes, line);
    int status = pclose(pipe);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    ck_assert_int_eq(system(command), 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
