/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "crypto/merkle.h"
#include "crypto/suite.h"
#include "sim/calibrate/rows.h"

enum { LEAVES = 1024, LEAF_BYTES = 32, MESSAGE_LIMIT = 32 * 1024 };

struct hashes {
    const struct suite *suite;
    size_t size;
    uint8_t message[MESSAGE_LIMIT];
    uint8_t sealed[MESSAGE_LIMIT + crypto_aead_xchacha20poly1305_ietf_ABYTES];
    uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    struct digest nodes[2 * LEAVES + 64];
    struct digest digest;
};

static bool run_hash(void *state) {
    struct hashes *bench = state;
    bench->suite->hash(&bench->digest, bench->message, bench->size);
    return true;
}

static bool run_seal(void *state) {
    struct hashes *bench = state;
    return crypto_aead_xchacha20poly1305_ietf_encrypt(bench->sealed, NULL, bench->message,
                                                      bench->size, NULL, 0, NULL, bench->nonce,
                                                      bench->key) == 0;
}

static bool run_merkle(void *state) {
    struct hashes *bench = state;
    struct merkle_tree tree;
    for (size_t i = 0; i < LEAVES; i++)
        merkle_leaf(bench->message + i * LEAF_BYTES, LEAF_BYTES, &bench->nodes[i]);
    merkle_tree_init(&tree, bench->nodes, LEAVES);
    return true;
}

static int prepare(void *state, const struct bench_row *row) {
    struct hashes *bench = state;
    bench->suite = suite_find("ed25519", "real");
    bench->size = row->size;
    for (size_t i = 0; i < sizeof bench->message; i++)
        bench->message[i] = (uint8_t)(i * 2654435761u >> 13);
    return OK;
}

static const struct bench_row rows[] = {
    {"hash", "BLAKE2b-256", "64 bytes; libsodium", NULL, 64, 1, 64, false, run_hash},
    {"hash_kib", "BLAKE2b-256", "16 KiB / 16; libsodium", NULL, 16 * 1024, 16, 1024, false,
     run_hash},
    {"seal_kib", "XChaCha20-Poly1305", "1 KiB sealed; libsodium", NULL, 1024, 1, 1024, false,
     run_seal},
    {"merkle_leaf", "Merkle tree", "1024 leaves of 32 bytes hashed and built; per leaf; src", NULL,
     0, LEAVES, LEAF_BYTES, false, run_merkle},
};

const struct bench_family bench_hashes = {rows, ARRAY_LEN(rows), sizeof(struct hashes), prepare,
                                          NULL};
