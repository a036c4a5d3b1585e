/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/rows.h"

#include <string.h>

static const struct bench_family *const families[] = {
    &bench_hashes,        &bench_merkle, &bench_signatures, &bench_vrf,
    &bench_encapsulation, &bench_frost,  &bench_sharing,    &bench_erasure,
    &bench_fragments,     &bench_bloom,  &bench_cuckoo,     &bench_selection,
    &bench_places,        &bench_clocks, &bench_promises,   &bench_audits,
};

const struct bench_family *bench_family_at(size_t index) {
    return index < ARRAY_LEN(families) ? families[index] : NULL;
}

const struct bench_row *bench_row_find(const char *kind, const struct bench_family **family) {
    for (size_t f = 0; (*family = bench_family_at(f)) != NULL; f++)
        for (size_t i = 0; i < (*family)->row_count; i++)
            if ((*family)->rows[i].kind != NULL && strcmp((*family)->rows[i].kind, kind) == 0)
                return &(*family)->rows[i];
    return NULL;
}

void bench_fill(void *bytes, size_t size) {
    uint8_t *out = bytes;
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(i * 2654435761u >> 13);
}
