/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A scenario as text through the whole program path but the command line: loaded, built, run. */
#ifndef TIERCHAIN_TESTS_LIB_RUN_TEXT_H
#define TIERCHAIN_TESTS_LIB_RUN_TEXT_H

#include "sim/run/run_one.h"

/* Runs it with its own seed; the test fails on an error in it. Free with run_result_free. Once a
 * process, as SimGrid wants it: each test of a suite has its own. */
void run_text(const char *yaml, struct run_result *result);

/* A counter by its name; the test fails when there is none. */
uint64_t run_counter(const struct run_result *result, const char *name);

#endif
