/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <string.h>

#include "sim/path/path.h"

#define WORK(constant, name, unit) [PATH_WORK + constant] = "work." name,
static const char *const names[PATH_CAUSES] = {
    [PATH_PROPAGATION] = "propagation",
    [PATH_JITTER] = "jitter",
    [PATH_SERIALISATION] = "serialisation",
    [PATH_INTERFACE] = "interface",
    [PATH_QUEUE] = "queue",
    [PATH_DISK] = "disk",
    [PATH_TIMER] = "timer",
    [PATH_OTHERS] = "others",
    [PATH_UNKNOWN] = "unknown",
#include "env/work.def"
};
#undef WORK

const char *path_cause_name(unsigned cause) {
    assert(cause < PATH_CAUSES);
    return names[cause];
}

unsigned path_cause_find(const char *name) {
    unsigned cause = 0;
    while (cause < PATH_CAUSES && strcmp(names[cause], name) != 0)
        cause++;
    return cause;
}
