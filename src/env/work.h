/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The work vocabulary (work.def): kinds of CPU work that a node can charge. */
#ifndef TIERCHAIN_ENV_WORK_H
#define TIERCHAIN_ENV_WORK_H

#define WORK(constant, name, unit) constant,
enum work {
#include "env/work.def"
    WORK_COUNT
};
#undef WORK

/* The kind's name as CPU tables write it, and what one unit of it is. */
const char *work_name(enum work work);
const char *work_unit(enum work work);

/* The kind of that name, or WORK_COUNT. */
enum work work_find(const char *name);

#endif
