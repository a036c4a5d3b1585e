/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/rows.h"

static const struct bench_family *const families[] = {
    &bench_hashes, &bench_signatures, &bench_encapsulation, &bench_threshold,
    &bench_coding, &bench_filters,    &bench_selection,
};

const struct bench_family *bench_family_at(size_t index) {
    return index < ARRAY_LEN(families) ? families[index] : NULL;
}
