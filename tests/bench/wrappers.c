/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the wrappers of ISA-L and libsodium cost beside the raw calls, on the same bytes. The two
 * take turns, and the ratio is the median of the turns' ratios, so that a change of the clock rate
 * or another process on the machine meets both. */
#include <isa-l/erasure_code.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "coding/erasure.h"
#include "crypto/merkle.h"
#include "crypto/mldsa.h"
#include "filter/bloom.h"
#include "filter/cuckoo.h"
#include "hold/promise.h"
#include "select/rendezvous.h"
#include "sim/calibrate/measure.h"
#include "sim/calibrate/rows.h"
#include "tests/bench/parts.h"

enum {
    NEEDED = 10,
    PARITY = 4,
    TURNS = 41,
    SMALL = 64 * 1024,
    LARGE = 1024 * 1024,
    KEY_BYTES = 32, /* of a rendezvous key */
};

#define TURN_NS       2e6
#define RATIO_ALLOWED 1.05

struct work {
    const struct suite *suite;
    size_t size;
    bool failed;
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
    uint8_t signature[crypto_sign_BYTES];
    struct digest digest;
    uint64_t hash;

    struct erasure_code code;
    size_t piece;
    uint8_t *rows[NEEDED + PARITY];
    uint8_t tables[32 * NEEDED * PARITY];
    uint8_t decode_tables[32 * NEEDED * PARITY];

    struct bloom bloom;
    struct cuckoo cuckoo;
    uint8_t bits[BLOOM_BLOCK_BYTES];

    struct promise promise;
    uint8_t seed[SUITE_SEED_BYTES];
    uint8_t sender_key[KEM_PUBLIC_SIZE];
    uint8_t sender_secret[KEM_SECRET_SIZE];
    uint8_t content[PROMISE_BYTES + crypto_sign_BYTES];
    uint8_t sealed[PROMISE_SEALED_MAX];

    uint8_t bytes[LARGE + (PARITY + 1) * (LARGE / NEEDED + 1)];
};

static void own_encode(struct work *work) {
    work->failed |= erasure_encode(&work->code, work->bytes, work->size) != OK;
}

static void raw_encode(struct work *work) {
    ec_encode_data((int)work->piece, NEEDED, PARITY, work->tables, work->rows, work->rows + NEEDED);
}

/* The first four pieces are lost; the others lie where they belong. */
static void own_decode(struct work *work) {
    struct erasure_piece pieces[NEEDED];
    for (unsigned i = 0; i < NEEDED; i++)
        pieces[i] = (struct erasure_piece){PARITY + i, work->rows[PARITY + i]};
    work->failed |= erasure_decode(&work->code, pieces, NEEDED, work->piece, work->bytes) != OK;
}

static void raw_decode(struct work *work) {
    ec_encode_data((int)work->piece, NEEDED, PARITY, work->decode_tables, work->rows + PARITY,
                   work->rows);
}

static void own_hash(struct work *work) {
    work->suite->hash(&work->digest, work->bytes, work->size);
}

static void raw_hash(struct work *work) {
    crypto_generichash(work->digest.bytes, DIGEST_BYTES, work->bytes, work->size, NULL, 0);
}

static void own_leaf(struct work *work) {
    merkle_leaf(work->bytes, work->size, &work->digest);
}

static void raw_leaf(struct work *work) {
    crypto_hash_sha256(work->digest.bytes, work->bytes, work->size);
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

static void own_bloom(struct work *work) {
    bloom_add(&work->bloom, work->bytes, work->size);
}

static void own_cuckoo(struct work *work) {
    work->hash ^= cuckoo_has(&work->cuckoo, work->bytes, work->size);
}

/* The same SipHash of 16 bytes serves both filters. */
static void raw_filter(struct work *work) {
    crypto_shorthash_siphashx24(work->digest.bytes, work->bytes, work->size, work->bloom.key);
}

static void own_rendezvous(struct work *work) {
    work->hash ^= rendezvous_hash(7, work->bytes, KEY_BYTES);
}

static void raw_rendezvous(struct work *work) {
    uint8_t output[crypto_shorthash_BYTES];
    crypto_shorthash(output, work->bytes, sizeof(node_id) + KEY_BYTES, work->bloom.key);
    work->hash ^= output[0];
}

static void own_seal(struct work *work) {
    work->failed |= promise_seal(work->suite, work->secret_key, work->sender_key, work->seed,
                                 &work->promise, work->sealed) != OK;
}

/* The calls that sealing a promise cannot do without. */
static void raw_seal(struct work *work) {
    static const uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    uint8_t shared[KEM_SHARED_SIZE], key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    work->failed |=
        work->suite->kem_encaps(work->sender_key, work->seed, work->sealed, shared) != OK;
    crypto_sign_detached(work->content + PROMISE_BYTES, NULL, work->content, PROMISE_BYTES,
                         work->secret_key);
    crypto_generichash(key, sizeof key, shared, sizeof shared, NULL, 0);
    crypto_aead_xchacha20poly1305_ietf_encrypt(work->sealed + KEM_CIPHERTEXT_SIZE, NULL,
                                               work->content, sizeof work->content, work->sealed,
                                               KEM_CIPHERTEXT_SIZE, NULL, nonce, key);
}

/* Verification comes after signing: it takes the signature that is there. */
static const struct pair {
    const char *name;
    void (*own)(struct work *);
    void (*raw)(struct work *);
} pairs[] = {
    {"erasure_encode 10 of 14 / ec_encode_data", own_encode, raw_encode},
    {"erasure_decode 10 of 14 / ec_encode_data", own_decode, raw_decode},
    {"suite hash / crypto_generichash", own_hash, raw_hash},
    {"merkle_leaf / crypto_hash_sha256", own_leaf, raw_leaf},
    {"Ed25519 sign / crypto_sign_detached", own_sign, raw_sign},
    {"Ed25519 verify / crypto_sign_verify_detached", own_verify, raw_verify},
    {"bloom_add / crypto_shorthash_siphashx24", own_bloom, raw_filter},
    {"cuckoo_has / crypto_shorthash_siphashx24", own_cuckoo, raw_filter},
};

/* Of a size of their own, which is small: no bound applies. */
static const struct pair small_pairs[] = {
    {"rendezvous_hash / crypto_shorthash", own_rendezvous, raw_rendezvous},
    {"promise_seal / its KEM, signature, AEAD", own_seal, raw_seal},
};

static double run(void (*call)(struct work *), struct work *work, unsigned calls) {
    double start = thread_cpu_ns();
    for (unsigned i = 0; i < calls; i++)
        call(work);
    return (thread_cpu_ns() - start) / calls;
}

/* Whoever comes first in a turn is second in the next. */
static double compare_pair(const struct pair *pair, struct work *work, double *own_ns,
                           double *raw_ns) {
    double own[TURNS], raw[TURNS], ratios[TURNS];
    unsigned calls = 1;
    while (run(pair->own, work, calls) * calls < TURN_NS)
        calls *= 2;
    run(pair->raw, work, calls);
    for (unsigned i = 0; i < TURNS; i++) {
        if (i % 2 == 0)
            own[i] = run(pair->own, work, calls);
        raw[i] = run(pair->raw, work, calls);
        if (i % 2 == 1)
            own[i] = run(pair->own, work, calls);
        ratios[i] = own[i] / raw[i];
    }
    *own_ns = median(own, TURNS);
    *raw_ns = median(raw, TURNS);
    return median(ratios, TURNS);
}

static void print_pair(const struct pair *pair, struct work *work) {
    double own_ns, raw_ns, ratio = compare_pair(pair, work, &own_ns, &raw_ns);
    char size[32] = "-";
    if (work->size > 0)
        snprintf(size, sizeof size, "%zu", work->size / 1024);
    printf("%-46s %5s %12.2f %12.2f %7.3f  %s\n", pair->name, size, own_ns / 1e3, raw_ns / 1e3,
           ratio,
           work->size == 0          ? "-"
           : ratio <= RATIO_ALLOWED ? "yes"
                                    : "NO");
    fflush(stdout);
}

static void resize(struct work *work, size_t size) {
    work->size = size;
    work->piece = erasure_piece_size(NEEDED, size);
    for (size_t i = 0; i < NEEDED + PARITY; i++)
        work->rows[i] = work->bytes + i * work->piece;
    own_encode(work);
}

static int init(struct work *work) {
    static const uint8_t seed[SUITE_SEED_BYTES] = {1}, key[BLOOM_KEY_BYTES] = {1};
    struct erasure_set survivors = {{0}};
    uint8_t matrix[(NEEDED + PARITY) * NEEDED], decode_rows[PARITY * NEEDED];
    work->suite = suite_find("ed25519", "real");
    work->suite->keypair(work->suite, seed, work->public_key, work->secret_key);
    bench_fill(work->bytes, LARGE);
    int error = erasure_code_init(&work->code, NEEDED, NEEDED + PARITY, 1);
    if (error != OK)
        return error;
    for (unsigned i = PARITY; i < NEEDED + PARITY; i++)
        erasure_set_add(&survivors, i);
    gf_gen_cauchy1_matrix(matrix, NEEDED + PARITY, NEEDED);
    ec_init_tables(NEEDED, PARITY, matrix + NEEDED * NEEDED, work->tables);
    erasure_decode_rows(&work->code, &survivors, decode_rows);
    ec_init_tables(NEEDED, PARITY, decode_rows, work->decode_tables);
    work->promise = (struct promise){.size = 1, .expiry = NS_PER_S};
    work->suite->kem_keypair(work->seed, work->sender_key, work->sender_secret);
    error = bloom_init(&work->bloom, BLOOM_BLOCKED, 7, 1, key, work->bits);
    if (error == OK)
        error = cuckoo_init(&work->cuckoo, 16, 3, key, work->bits);
    return error;
}

/* Means over signatures of many messages: the number of rejections differs. */
static void print_mldsa(void) {
    static const struct reference {
        const char *name;
        double us;
    } references[] = {
        {"pq-crystals/dilithium ref, -O3 -march=native, Zen 5", 402.8},
        {"mldsa-native, portable C, -O3", 446.0},
    };
    static const struct calibration many = {.samples = 25, .sample_ns = 20 * NS_PER_MS};
    const struct bench_family *family;
    const struct bench_row *row = bench_row_find("sign@ml-dsa-65", &family);
    double ns;
    if (row == NULL || measure_row(&many, family, row, &ns) != OK)
        exit(EXIT_FAILURE);
    printf("\nML-DSA-65 signs 256 bytes in %.0f us here, on average.\n", ns / 1e3);
    for (size_t i = 0; i < ARRAY_LEN(references); i++)
        printf("%-54s %6.1f us  ratio %5.2f  within 4: %s\n", references[i].name, references[i].us,
               ns / 1e3 / references[i].us, ns / 1e3 <= 4 * references[i].us ? "yes" : "NO");
}

void bench_wrappers(void) {
    static const size_t sizes[] = {SMALL, LARGE};
    struct work *work = calloc(1, sizeof *work);
    if (work == NULL || init(work) != OK)
        exit(EXIT_FAILURE);
    printf(
        "\nWrappers beside the library calls that they wrap, in turns: medians of %d.\n\n"
        "wrapper / raw call                               KiB   wrapper us       raw us   ratio  "
        "within %.2f\n",
        TURNS, RATIO_ALLOWED);
    for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
        resize(work, sizes[s]);
        for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
            print_pair(&pairs[i], work);
    }
    work->size = 0;
    for (size_t i = 0; i < ARRAY_LEN(small_pairs); i++)
        print_pair(&small_pairs[i], work);
    if (work->failed) {
        fputs("bench: a primitive failed\n", stderr);
        exit(EXIT_FAILURE);
    }
    erasure_code_deinit(&work->code);
    free(work);
    print_mldsa();
}
