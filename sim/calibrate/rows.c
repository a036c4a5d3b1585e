/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "coding/erasure.h"
#include "crypto/merkle.h"
#include "crypto/mldsa.h"
#include "crypto/ntru.h"
#include "crypto/suite.h"
#include "filter/bloom.h"
#include "place/place.h"
#include "select/rendezvous.h"

enum bench_size {
    PIECES_NEEDED = 10,
    PIECES = 14,
    PIECE_BYTES = 64 * 1024,
    LEAVES = 1024,
    LEAF_BYTES = 32,
    CANDIDATES = 100,
    CANDIDATES_KEPT = 20,
    HOLDERS = 10,
    MESSAGE_BYTES = 16 * 1024,
    FILTER_ITEMS = 65536,
    FILTER_BITS = 10, /* an item */
};

struct bench {
    const struct suite *suite;
    size_t size;
    uint64_t calls;
    bool failed;
    uint8_t seed[SUITE_SEED_BYTES];
    uint8_t message[MESSAGE_BYTES];
    uint8_t public_key[MLDSA_MAX_PUBLIC_BYTES];
    uint8_t secret_key[MLDSA_MAX_SECRET_BYTES];
    uint8_t signature[MLDSA_MAX_SIGNATURE];
    uint8_t vrf_public[VRF_KEY_SIZE];
    uint8_t proof[VRF_PROOF_SIZE];
    uint8_t output[VRF_OUTPUT_SIZE];
    uint8_t sample[NTRU_SAMPLE_BYTES];
    uint8_t kem_public[NTRU_PUBLIC_BYTES];
    uint8_t kem_secret[NTRU_SECRET_BYTES];
    uint8_t ciphertext[NTRU_CIPHERTEXT_BYTES];
    uint8_t shared[NTRU_SHARED_BYTES];
    uint8_t received[NTRU_SHARED_BYTES];
    struct erasure_code code;
    uint8_t pieces[PIECES * PIECE_BYTES];
    struct digest nodes[2 * LEAVES + 64];
    struct digest digest;
    struct bloom filter;
    uint8_t *filter_bits;
    struct place_candidate candidates[CANDIDATES];
    struct place_rank best[CANDIDATES_KEPT];
    node_id ids[CANDIDATES_KEPT];
    struct rendezvous_rank holders[HOLDERS];
};

static void expect(struct bench *bench, bool good) {
    bench->failed |= !good;
}

/* Another message at every call, so that ML-DSA meets many rejections. */
static void run_sign(struct bench *bench) {
    memcpy(bench->message, &bench->calls, sizeof bench->calls);
    bench->calls++;
    bench->suite->sign(bench->suite, bench->secret_key, bench->message, bench->size,
                       bench->signature);
}

static void run_verify(struct bench *bench) {
    expect(bench, bench->suite->verify(bench->suite, bench->public_key, bench->message, bench->size,
                                       bench->signature));
}

static void run_vrf_prove(struct bench *bench) {
    bench->suite->vrf_prove(bench->seed, bench->vrf_public, bench->message, bench->size,
                            bench->proof, bench->output);
}

static void run_vrf_verify(struct bench *bench) {
    expect(bench, bench->suite->vrf_verify(bench->vrf_public, bench->message, bench->size,
                                           bench->proof, bench->output));
}

static void run_hash(struct bench *bench) {
    bench->suite->hash(&bench->digest, bench->message, bench->size);
}

static void run_encaps(struct bench *bench) {
    expect(bench, ntru_encaps(bench->kem_public, sizeof bench->kem_public, bench->sample,
                              bench->ciphertext, bench->shared) == OK);
}

static void run_decaps(struct bench *bench) {
    expect(bench, ntru_decaps(bench->kem_secret, bench->ciphertext, sizeof bench->ciphertext,
                              bench->received) == OK &&
                      memcmp(bench->received, bench->shared, sizeof bench->shared) == 0);
}

static void run_encode(struct bench *bench) {
    expect(bench,
           erasure_encode(&bench->code, bench->pieces, (size_t)PIECES_NEEDED * PIECE_BYTES) == OK);
}

/* The first pieces are lost; the others lie where they belong. */
static void run_decode(struct bench *bench) {
    struct erasure_piece pieces[PIECES_NEEDED];
    for (unsigned i = 0; i < PIECES_NEEDED; i++) {
        unsigned index = i + PIECES - PIECES_NEEDED;
        pieces[i] = (struct erasure_piece){index, bench->pieces + (size_t)index * PIECE_BYTES};
    }
    expect(bench,
           erasure_decode(&bench->code, pieces, PIECES_NEEDED, PIECE_BYTES, bench->pieces) == OK);
}

static void run_merkle(struct bench *bench) {
    struct merkle_tree tree;
    for (size_t i = 0; i < LEAVES; i++)
        merkle_leaf(bench->pieces + i * LEAF_BYTES, LEAF_BYTES, &bench->nodes[i]);
    merkle_tree_init(&tree, bench->nodes, LEAVES);
}

/* Items repeat after FILTER_ITEMS, so the filter is never fuller than it was made for. */
static void run_filter_insert(struct bench *bench) {
    uint64_t item[4] = {bench->calls++ % FILTER_ITEMS};
    bloom_add(&bench->filter, item, sizeof item);
}

static void run_filter_query(struct bench *bench) {
    uint64_t item[4] = {bench->calls++ % FILTER_ITEMS};
    bench->output[0] ^= (uint8_t)bloom_has(&bench->filter, item, sizeof item);
}

static void run_place(struct bench *bench) {
    const struct place_query query = {.area = 0, .at = bench->candidates[0].at};
    expect(bench, place_rank(&query, bench->candidates, CANDIDATES, bench->best, CANDIDATES_KEPT) ==
                      CANDIDATES_KEPT);
}

static void run_rendezvous(struct bench *bench) {
    expect(bench, rendezvous_select(bench->ids, CANDIDATES_KEPT, bench->message, bench->size,
                                    bench->holders, HOLDERS) == HOLDERS);
}

#define OWN "src of this tree"

const struct bench_row bench_rows[] = {
    {"hash", NULL, 64, 1, false, run_hash, "BLAKE2b-256 of 64 bytes; libsodium"},
    {"hash_kib", NULL, MESSAGE_BYTES, 16, false, run_hash, "BLAKE2b-256 of 16 KiB / 16; libsodium"},
    {"sign@ed25519", "ed25519", 256, 1, false, run_sign, "256 bytes; libsodium"},
    {"sign@ml-dsa-44", "ml-dsa-44", 256, 1, true, run_sign, "256 bytes; " OWN "; mean"},
    {"sign@ml-dsa-65", "ml-dsa-65", 256, 1, true, run_sign, "256 bytes; " OWN "; mean"},
    {"verify@ed25519", "ed25519", 256, 1, false, run_verify, "256 bytes; libsodium"},
    {"verify@ml-dsa-44", "ml-dsa-44", 256, 1, false, run_verify, "256 bytes; " OWN},
    {"verify@ml-dsa-65", "ml-dsa-65", 256, 1, false, run_verify, "256 bytes; " OWN},
    {"vrf_prove", NULL, 64, 1, false, run_vrf_prove, "ECVRF of the suite; 64 bytes; " OWN},
    {"vrf_verify", NULL, 64, 1, false, run_vrf_verify, "ECVRF of the suite; 64 bytes; " OWN},
    {"kem_encaps", NULL, 0, 1, false, run_encaps, "NTRU-HPS-2048-677; " OWN},
    {"kem_decaps", NULL, 0, 1, false, run_decaps, "NTRU-HPS-2048-677; " OWN},
    {"rs_encode_kib", NULL, 0, PIECES_NEEDED *PIECE_BYTES / 1024, false, run_encode,
     "ISA-L 10 + 4 pieces of 64 KiB; per KiB of data"},
    {"rs_decode_kib", NULL, 0, PIECES_NEEDED *PIECE_BYTES / 1024, false, run_decode,
     "ISA-L 10 + 4 with 4 lost; per KiB of data; the matrix from the cache"},
    {"merkle_leaf", NULL, 0, LEAVES, false, run_merkle,
     "1024 leaves of 32 bytes hashed and built; per leaf"},
    {"filter_insert", NULL, 0, 1, false, run_filter_insert,
     "blocked Bloom filter for 65536 items of 32 bytes; warm"},
    {"filter_query", NULL, 0, 1, false, run_filter_query,
     "blocked Bloom filter for 65536 items of 32 bytes; warm"},
    {"place_rank", NULL, 0, CANDIDATES, false, run_place, "20 best of 100; per candidate"},
    {"rendezvous", NULL, 32, CANDIDATES_KEPT, false, run_rendezvous,
     "10 best of 20; per candidate"},
    {"token_verify@ed25519", "ed25519", 1024, 1, false, run_verify,
     "signature over 1 KiB; the look-up is left out"},
    {"token_verify@ml-dsa-44", "ml-dsa-44", 1024, 1, false, run_verify,
     "signature over 1 KiB; the look-up is left out"},
    {"token_verify@ml-dsa-65", "ml-dsa-65", 1024, 1, false, run_verify,
     "signature over 1 KiB; the look-up is left out"},
    {0},
};

static int init(struct bench *bench) {
    static const uint8_t key[BLOOM_KEY_BYTES] = {1};
    uint32_t blocks = bloom_blocks(FILTER_ITEMS, FILTER_BITS);
    for (size_t i = 0; i < sizeof bench->pieces; i++)
        bench->pieces[i] = (uint8_t)(i * 2654435761u >> 13);
    memcpy(bench->message, bench->pieces, sizeof bench->message);
    memcpy(bench->sample, bench->pieces, sizeof bench->sample);
    for (uint32_t i = 0; i < CANDIDATES; i++)
        bench->candidates[i] =
            (struct place_candidate){i, i % 4, {(int32_t)(i * 7919 % 1000), (int32_t)(i * 31)}};
    for (uint32_t i = 0; i < CANDIDATES_KEPT; i++)
        bench->ids[i] = i * 5;
    bench->filter_bits = calloc(blocks, BLOOM_BLOCK_BYTES);
    if (bench->filter_bits == NULL)
        return ERR_NO_MEMORY;
    int error = bloom_init(&bench->filter, BLOOM_BLOCKED, bloom_hashes(FILTER_BITS), blocks, key,
                           bench->filter_bits);
    if (error == OK)
        error = erasure_code_init(&bench->code, PIECES_NEEDED, PIECES, 1);
    if (error == OK)
        error = ntru_keygen(bench->sample, bench->seed, bench->kem_public, bench->kem_secret);
    return error;
}

struct bench *bench_new(void) {
    struct bench *bench = calloc(1, sizeof *bench);
    if (bench == NULL || init(bench) == OK)
        return bench;
    bench_free(bench);
    return NULL;
}

void bench_free(struct bench *bench) {
    if (bench == NULL)
        return;
    erasure_code_deinit(&bench->code);
    free(bench->filter_bits);
    free(bench);
}

void bench_prepare(struct bench *bench, const struct bench_row *row) {
    bench->suite = suite_find(row->suite != NULL ? row->suite : "ed25519", "real");
    bench->size = row->size;
    bench->suite->keypair(bench->suite, bench->seed, bench->public_key, bench->secret_key);
    bench->suite->vrf_keypair(bench->seed, bench->vrf_public);
    run_sign(bench);
    run_vrf_prove(bench);
    run_encaps(bench);
    run_encode(bench);
}

bool bench_good(const struct bench *bench) {
    return !bench->failed;
}
