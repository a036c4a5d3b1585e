/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A cost table of the machine at hand, in the format of models/cpu.h. Every row of the embedded
 * table "measured" comes back: kinds of work that can be timed alone are timed here, the others are
 * copied, and their source says so.
 *
 * Measured: CPU time of the calling thread; the median of the samples, for ML-DSA signing (a
 * rejection loop) their mean. One thread, warm caches. Simulations never read a clock: the table is
 * their input. */
#ifndef TIERCHAIN_SIM_CALIBRATE_CALIBRATE_H
#define TIERCHAIN_SIM_CALIBRATE_CALIBRATE_H

#include "base/types.h"
#include "sim/report/text.h"

#define CALIBRATE_SAMPLES_MAX 64

struct calibration {
    unsigned samples;     /* for each row, 1 to CALIBRATE_SAMPLES_MAX */
    time_ns sample_ns;    /* the least CPU time of a sample */
    const char *compiler; /* these two are for the heading */
    const char *date;
};

/* Appends the table. 0; ERR_NO_MEMORY; ERR_INVALID when a primitive fails or refuses its own
 * output; ERR_UNKNOWN for a row of the embedded table that is neither measured nor to be copied. */
int calibrate(const struct calibration *calibration, struct text *out);

/* Why a kind of work, such as "persist" or "sign@bls12-381", is copied and not measured; or NULL. */
const char *calibrate_copied(const char *kind);

#endif
