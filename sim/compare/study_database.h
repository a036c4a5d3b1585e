/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * compare.sqlite: the study for queries. variants(variant, label, scenario), runs(variant, seed, trace_hash,
 * complete), samples(variant, seed, measure, value), measures(measure, unit, help) and cells, a row of compare.csv each.
 * Values are in the measure's unit, NULL where there is nothing or it is open. */
#ifndef TIERCHAIN_SIM_COMPARE_STUDY_DATABASE_H
#define TIERCHAIN_SIM_COMPARE_STUDY_DATABASE_H

#include "sim/compare/study.h"

/* Creates @path, which must not exist. 0 or ERR_INVALID, and then no usable file is there. */
int study_database_write(const struct study *study, const char *path);

#endif
