/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In which keys two resolved scenarios differ. Keys that change no run are left out: name, description, expect and
 * targets, and those that say which runs are pairs: seed and repetitions. */
#ifndef TIERCHAIN_SIM_COMPARE_DIFFERS_H
#define TIERCHAIN_SIM_COMPARE_DIFFERS_H

#include "base/types.h"

struct difference {
    char *key;         /* dotted, lists numbered: "city.consensus", "faults.0.at" */
    char *values[2];   /* NULL: it is not there */
    uint32_t lines[2]; /* where they stand, from 1; 0: nowhere */
};

struct differences {
    struct difference *list;
    size_t count;
};

/* Compares two texts of scenario.resolved.yaml. 0, or ERR_INVALID when one is no YAML. Free with
 * differences_deinit. */
int differences_find(const char *first, const char *second, struct differences *differences);
void differences_deinit(struct differences *differences);

/* Whether @name is the key or stands above it: "city" names "city.consensus". */
bool difference_is_named(const struct difference *difference, const char *name);

#endif
