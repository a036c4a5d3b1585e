/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What calibration can time: one row for each kind of work, over a bench with everything laid out.
 * Internal to sim/calibrate. */
#ifndef TIERCHAIN_SIM_CALIBRATE_ROWS_H
#define TIERCHAIN_SIM_CALIBRATE_ROWS_H

#include "base/types.h"

struct bench;

struct bench_row {
    const char *kind;            /* as in models/data/cpu/measured.csv */
    const char *suite;           /* its signature suite, or NULL */
    size_t size;                 /* bytes of the message, where a row has one */
    unsigned units;              /* of work in one call */
    bool mean;                   /* rather than the median: calls differ by luck */
    void (*run)(struct bench *); /* one call */
    const char *source;          /* for the table */
};

/* The rows, kind NULL behind the last. */
extern const struct bench_row bench_rows[];

/* A bench, or NULL without memory. libsodium must be initialised. */
struct bench *bench_new(void);
void bench_free(struct bench *bench);

/* Makes keys and messages for a row: call it before the row's run. */
void bench_prepare(struct bench *bench, const struct bench_row *row);

/* Whether every call so far did what it should. */
bool bench_good(const struct bench *bench);

#endif
