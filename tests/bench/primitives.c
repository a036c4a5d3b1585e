/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the wrappers of ISA-L and libsodium cost beside the raw calls, on the same bytes; and ML-DSA
 * signing beside another portable implementation. CPU time of this thread; the two take turns, so that a change
 * of the clock rate meets both. */
#include "tests/bench/primitives.h"

#include <isa-l/erasure_code.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "coding/erasure.h"
#include "crypto/mldsa.h"
#include "crypto/suite.h"

enum { NEEDED = 10, PARITY = 4, ROUNDS = 15, SIZE_LIMIT = 1024 * 1024, SIGNATURES = 500 };

#define SAMPLE_NS        5e6
#define MLDSA_65_SIGN_US 446.0 /* mldsa-native, portable C, gcc -O3 */

struct work {
    const struct suite *suite;
    struct erasure_code code;
    size_t size;
    size_t piece;
    uint8_t tables[32 * NEEDED * PARITY];
    uint8_t *rows[NEEDED + PARITY];
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
    uint8_t signature[crypto_sign_BYTES];
    struct digest digest;
    bool failed;
    uint8_t bytes[SIZE_LIMIT + (PARITY + 1) * (SIZE_LIMIT / NEEDED + 1)];
};

static void own_encode(struct work *work) {
    work->failed |= erasure_encode(&work->code, work->bytes, work->size) != OK;
}

static void raw_encode(struct work *work) {
    ec_encode_data((int)work->piece, NEEDED, PARITY, work->tables, work->rows, work->rows + NEEDED);
}

static void own_hash(struct work *work) {
    work->suite->hash(&work->digest, work->bytes, work->size);
}

static void raw_hash(struct work *work) {
    crypto_generichash(work->digest.bytes, DIGEST_BYTES, work->bytes, work->size, NULL, 0);
}

static void own_sign(struct work *work) {
    work->suite->sign(work->suite, work->secret_key, work->bytes, work->size, work->signature);
}

static void raw_sign(struct work *work) {
    crypto_sign_detached(work->signature, NULL, work->bytes, work->size, work->secret_key);
}

static void own_verify(struct work *work) {
    work->failed |= !work->suite->verify(work->suite, work->public_key, work->bytes, work->size,
                                         work->signature);
}

static void raw_verify(struct work *work) {
    work->failed |= crypto_sign_verify_detached(work->signature, work->bytes, work->size,
                                                work->public_key) != 0;
}

/* Verification comes after signing: it takes the signature that is there. */
static const struct pair {
    const char *name;
    void (*own)(struct work *);
    void (*raw)(struct work *);
} pairs[] = {
    {"erasure_encode 10 + 4 / ec_encode_data", own_encode, raw_encode},
    {"hash / crypto_generichash", own_hash, raw_hash},
    {"sign / crypto_sign_detached", own_sign, raw_sign},
    {"verify / crypto_sign_verify_detached", own_verify, raw_verify},
};

static double cpu_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double run(void (*call)(struct work *), struct work *work, unsigned calls) {
    double start = cpu_ns();
    for (unsigned i = 0; i < calls; i++)
        call(work);
    return (cpu_ns() - start) / calls;
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void compare_pair(const struct pair *pair, struct work *work) {
    double own[ROUNDS], raw[ROUNDS];
    unsigned calls = 1;
    while (run(pair->own, work, calls) * calls < SAMPLE_NS)
        calls *= 2;
    for (unsigned i = 0; i < ROUNDS; i++) {
        own[i] = run(pair->own, work, calls);
        raw[i] = run(pair->raw, work, calls);
    }
    qsort(own, ROUNDS, sizeof *own, compare);
    qsort(raw, ROUNDS, sizeof *raw, compare);
    printf("%-40s %5zu %12.2f %12.2f %7.3f\n", pair->name, work->size / 1024, own[ROUNDS / 2] / 1e3,
           raw[ROUNDS / 2] / 1e3, own[ROUNDS / 2] / raw[ROUNDS / 2]);
}

static void resize(struct work *work, size_t size) {
    work->size = size;
    work->piece = erasure_piece_size(NEEDED, size);
    for (size_t i = 0; i < NEEDED + PARITY; i++)
        work->rows[i] = work->bytes + i * work->piece;
}

/* Every signature over another message: the number of rejections differs. */
static void print_mldsa(void) {
    const struct suite *suite = suite_find("ml-dsa-65", "real");
    static uint8_t public_key[MLDSA_MAX_PUBLIC_BYTES], secret_key[MLDSA_MAX_SECRET_BYTES];
    static uint8_t signature[MLDSA_MAX_SIGNATURE];
    uint8_t seed[SUITE_SEED_BYTES] = {1}, message[256] = {0};
    suite->keypair(suite, seed, public_key, secret_key);
    double start = cpu_ns();
    for (unsigned i = 0; i < SIGNATURES; i++) {
        memcpy(message, &i, sizeof i);
        suite->sign(suite, secret_key, message, sizeof message, signature);
    }
    printf("\nML-DSA-65 signs in %.0f us (mean of %d); mldsa-native in portable C, -O3: %.0f us\n",
           (cpu_ns() - start) / SIGNATURES / 1e3, SIGNATURES, MLDSA_65_SIGN_US);
}

void bench_primitives(void) {
    static const size_t sizes[] = {64 * 1024, SIZE_LIMIT};
    static const uint8_t seed[SUITE_SEED_BYTES] = {1};
    struct work *work = calloc(1, sizeof *work);
    uint8_t matrix[(NEEDED + PARITY) * NEEDED];
    if (work == NULL || erasure_code_init(&work->code, NEEDED, NEEDED + PARITY, 1) != OK)
        exit(EXIT_FAILURE);
    work->suite = suite_find("ed25519", "real");
    work->suite->keypair(work->suite, seed, work->public_key, work->secret_key);
    gf_gen_cauchy1_matrix(matrix, NEEDED + PARITY, NEEDED);
    ec_init_tables(NEEDED, PARITY, matrix + NEEDED * NEEDED, work->tables);
    puts("\nWrappers beside the library calls that they wrap; medians.\n\n"
         "wrapper / raw call                         KiB      wrapper us       raw us   ratio");
    for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
        resize(work, sizes[s]);
        for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
            compare_pair(&pairs[i], work);
    }
    if (work->failed) {
        fputs("bench: a primitive failed\n", stderr);
        exit(EXIT_FAILURE);
    }
    erasure_code_deinit(&work->code);
    free(work);
    print_mldsa();
}
