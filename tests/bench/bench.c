/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs the parts of the bench: all, or those that the arguments name. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/parts.h"

static const struct part {
    const char *name;
    void (*run)(void);
} parts[] = {
    {"events", bench_events},
    {"primitives", bench_primitives},
    {"wrappers", bench_wrappers},
};

static const struct part *find_part(const char *name) {
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(parts[i].name, name) == 0)
            return &parts[i];
    fprintf(stderr, "bench: no part \"%s\": there are events, primitives and wrappers\n", name);
    exit(EXIT_FAILURE);
}

int main(int argc, char **argv) {
    if (sodium_init() < 0)
        return EXIT_FAILURE;
    for (int i = 1; i < argc; i++)
        find_part(argv[i])->run();
    for (size_t i = 0; argc == 1 && i < sizeof parts / sizeof *parts; i++)
        parts[i].run();
    return EXIT_SUCCESS;
}
