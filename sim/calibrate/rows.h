/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be timed: every primitive of src, one row for each size or variant of interest, in
 * families that share what they lay out. `tierchain calibrate` takes the rows that name a kind of
 * work, `make bench` takes all. */
#ifndef TIERCHAIN_SIM_CALIBRATE_ROWS_H
#define TIERCHAIN_SIM_CALIBRATE_ROWS_H

#include "base/types.h"

struct bench_row {
    const char *kind;         /* of work, as models/data/cpu/measured.csv names it, or NULL */
    const char *name;         /* of the primitive */
    const char *note;         /* sizes and whose code; no comma, for it goes into a CSV */
    const void *variant;      /* for the family's prepare: a suite, a layout … */
    size_t size;              /* likewise: bytes of the message, or how many there are */
    size_t units;             /* of work in one call */
    size_t bytes;             /* of payload in a unit, where it is about bytes, otherwise 0 */
    bool mean;                /* rather than the median: calls differ by luck */
    bool (*run)(void *state); /* one call; whether it did what it should */
};

struct bench_family {
    const char *name;
    const struct bench_row *rows;
    size_t row_count;
    size_t state_bytes;
    /* Lays out what a row's run needs, over a state of zeros. 0, or an error that ends the bench. */
    int (*prepare)(void *state, const struct bench_row *row);
    void (*release)(void *state); /* also after an error of prepare; NULL: nothing to do */
};

/* The families, NULL behind the last. libsodium must be initialised. */
const struct bench_family *bench_family_at(size_t index);

/* The row for a kind of work, such as "hash" or "sign@ed25519", and its family; or NULL. */
const struct bench_row *bench_row_find(const char *kind, const struct bench_family **family);

/* Fills @bytes with a pattern without meaning. */
void bench_fill(void *bytes, size_t size);

extern const struct bench_family bench_hashes, bench_merkle, bench_signatures, bench_vrf,
    bench_encapsulation, bench_frost, bench_sharing, bench_erasure, bench_fragments, bench_bloom,
    bench_cuckoo, bench_selection, bench_places, bench_clocks, bench_promises, bench_audits;

#endif
