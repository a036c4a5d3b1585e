/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "env/work.h"

#include <assert.h>
#include <string.h>

struct work_row {
    const char *name;
    const char *unit;
};

#define WORK(constant, name, unit) [constant] = {name, unit},
static const struct work_row rows[] = {
#include "env/work.def"
};
#undef WORK

const char *work_name(enum work work) {
    assert(work < WORK_COUNT);
    return rows[work].name;
}

const char *work_unit(enum work work) {
    assert(work < WORK_COUNT);
    return rows[work].unit;
}

enum work work_find(const char *name) {
    unsigned work = 0;
    while (work < WORK_COUNT && strcmp(rows[work].name, name) != 0)
        work++;
    return (enum work)work;
}
