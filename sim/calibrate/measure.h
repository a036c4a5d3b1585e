/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Timing rows: CPU time of the calling thread, so that other processes on the machine disturb only
 * through the caches and the clock rate. */
#ifndef TIERCHAIN_SIM_CALIBRATE_MEASURE_H
#define TIERCHAIN_SIM_CALIBRATE_MEASURE_H

#include "sim/calibrate/calibrate.h"
#include "sim/calibrate/rows.h"

/* CPU time that the calling thread has used, ns. */
double thread_cpu_ns(void);

/* Sorts the samples. */
double median(double *samples, size_t count);

/* What one unit of a row costs, in ns. 0; ERR_NO_MEMORY; ERR_INVALID when the primitive fails or
 * refuses its own output; an error of the family's prepare. */
int measure_row(const struct calibration *calibration, const struct bench_family *family,
                const struct bench_row *row, double *unit_ns);

#endif
