/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "crypto/suite.h"
#include "crypto/vrf.h"
#include "sim/calibrate/rows.h"

enum { ALPHA_BYTES = 64 };

struct vrf {
    const struct suite *suite;
    const struct vrf_suite *vrf;
    uint8_t seed[VRF_SEED_BYTES];
    uint8_t alpha[ALPHA_BYTES];
    struct vrf_key key;
    uint8_t proof[VRF_PROOF_BYTES];
    uint8_t output[VRF_OUTPUT_BYTES];
};

/* As a node does it: from the seed, with the output. */
static bool run_suite_prove(void *state) {
    struct vrf *bench = state;
    bench->suite->vrf_prove(bench->seed, bench->key.public_key, bench->alpha, ALPHA_BYTES,
                            bench->proof, bench->output);
    return true;
}

static bool run_suite_verify(void *state) {
    struct vrf *bench = state;
    return bench->suite->vrf_verify(bench->key.public_key, bench->alpha, ALPHA_BYTES, bench->proof,
                                    bench->output);
}

static bool run_prove(void *state) {
    struct vrf *bench = state;
    return vrf_prove(&bench->key, bench->alpha, ALPHA_BYTES, bench->proof) == OK;
}

static bool run_verify(void *state) {
    struct vrf *bench = state;
    return vrf_verify(bench->vrf, bench->key.public_key, bench->alpha, ALPHA_BYTES, bench->proof,
                      bench->output) == OK;
}

static int prepare(void *state, const struct bench_row *row) {
    struct vrf *bench = state;
    bench->suite = suite_find("ed25519", "real");
    bench->vrf = row->variant;
    bench_fill(bench->alpha, sizeof bench->alpha);
    vrf_key_from_seed(&bench->key, bench->vrf, bench->seed);
    return run_prove(bench) ? OK : ERR_INVALID;
}

#define OWN "64 bytes; src over libsodium"

static const struct bench_row rows[] = {
    {.kind = "vrf_prove",
     .name = "ECVRF TAI prove by a suite",
     .note = "from the seed and with the output; " OWN,
     .variant = &vrf_tai,
     .units = 1,
     .run = run_suite_prove},
    {.kind = "vrf_verify",
     .name = "ECVRF TAI verify by a suite",
     .note = OWN,
     .variant = &vrf_tai,
     .units = 1,
     .run = run_suite_verify},
    {.name = "ECVRF TAI prove", .note = OWN, .variant = &vrf_tai, .units = 1, .run = run_prove},
    {.name = "ECVRF TAI verify", .note = OWN, .variant = &vrf_tai, .units = 1, .run = run_verify},
    {.name = "ECVRF ELL2 prove", .note = OWN, .variant = &vrf_ell2, .units = 1, .run = run_prove},
    {.name = "ECVRF ELL2 verify", .note = OWN, .variant = &vrf_ell2, .units = 1, .run = run_verify},
};

const struct bench_family bench_vrf = {.name = "verifiable random functions",
                                       .rows = rows,
                                       .row_count = ARRAY_LEN(rows),
                                       .state_bytes = sizeof(struct vrf),
                                       .prepare = prepare};
