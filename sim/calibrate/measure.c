/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/measure.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"

double thread_cpu_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

double median(double *samples, size_t count) {
    qsort(samples, count, sizeof *samples, compare);
    return samples[count / 2];
}

struct sample {
    double ns;
    bool good;
};

static struct sample run_calls(void *state, const struct bench_row *row, uint64_t calls) {
    bool good = true;
    double start = thread_cpu_ns();
    for (uint64_t i = 0; i < calls; i++)
        good &= row->run(state);
    return (struct sample){thread_cpu_ns() - start, good};
}

/* Finding how many calls fill a sample also warms the caches. */
static int measure(const struct calibration *calibration, void *state, const struct bench_row *row,
                   double *unit_ns) {
    double samples[CALIBRATE_SAMPLES_MAX], sum = 0;
    uint64_t calls = 1;
    struct sample sample = run_calls(state, row, calls);
    while (sample.good && sample.ns < (double)calibration->sample_ns)
        sample = run_calls(state, row, calls *= 2);
    for (unsigned i = 0; i < calibration->samples && sample.good; i++) {
        sample = run_calls(state, row, calls);
        samples[i] = sample.ns / (double)calls / row->units;
        sum += samples[i];
    }
    if (!sample.good)
        return ERR_INVALID;
    *unit_ns = row->mean ? sum / calibration->samples : median(samples, calibration->samples);
    return OK;
}

int measure_row(const struct calibration *calibration, const struct bench_family *family,
                const struct bench_row *row, double *unit_ns) {
    assert(calibration->samples >= 1 && calibration->samples <= CALIBRATE_SAMPLES_MAX);
    void *state = calloc(1, family->state_bytes);
    if (state == NULL)
        return ERR_NO_MEMORY;
    int error = family->prepare(state, row);
    if (error == OK)
        error = measure(calibration, state, row, unit_ns);
    if (family->release != NULL)
        family->release(state);
    free(state);
    return error;
}
