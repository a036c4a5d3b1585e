/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>

#include "base/error.h"
#include "crypto/hash_to_curve.h"
#include "crypto/keccak.h"
#include "crypto/suite.h"
#include "sim/calibrate/rows.h"

enum { MESSAGE_LIMIT = 16 * 1024 };

struct hashes {
    const struct suite *suite;
    size_t size;
    uint8_t message[MESSAGE_LIMIT];
    uint8_t sealed[MESSAGE_LIMIT + crypto_aead_xchacha20poly1305_ietf_ABYTES];
    uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    struct digest digest;
    uint8_t output[64];
};

static bool run_hash(void *state) {
    struct hashes *bench = state;
    bench->suite->hash(&bench->digest, bench->message, bench->size);
    return true;
}

static bool run_sha3_256(void *state) {
    struct hashes *bench = state;
    sha3_256(bench->output, bench->message, bench->size);
    return true;
}

static bool run_sha3_512(void *state) {
    struct hashes *bench = state;
    sha3_512(bench->output, bench->message, bench->size);
    return true;
}

/* The two SHAKEs as expanders: a short seed, a long output. */
static bool run_shake128(void *state) {
    struct hashes *bench = state;
    shake128(bench->message, bench->size, bench->key, sizeof bench->key);
    return true;
}

static bool run_shake256(void *state) {
    struct hashes *bench = state;
    shake256(bench->message, bench->size, bench->key, sizeof bench->key);
    return true;
}

static struct hash_input curve_input(const struct hashes *bench) {
    return (struct hash_input){
        .tag = "bench", .tag_size = 5, .message = bench->message, .message_size = bench->size};
}

static bool run_encode_to_curve(void *state) {
    struct hashes *bench = state;
    const struct hash_input input = curve_input(bench);
    return encode_to_curve(bench->output, &input) == OK;
}

static bool run_hash_to_curve(void *state) {
    struct hashes *bench = state;
    const struct hash_input input = curve_input(bench);
    return hash_to_curve(bench->output, &input) == OK;
}

static bool run_seal(void *state) {
    struct hashes *bench = state;
    return crypto_aead_xchacha20poly1305_ietf_encrypt(bench->sealed, NULL, bench->message,
                                                      bench->size, NULL, 0, NULL, bench->nonce,
                                                      bench->key) == 0;
}

static int prepare(void *state, const struct bench_row *row) {
    struct hashes *bench = state;
    bench->suite = suite_find("ed25519", "real");
    bench->size = row->size;
    bench_fill(bench->message, sizeof bench->message);
    return OK;
}

static const struct bench_row rows[] = {
    {.kind = "hash",
     .name = "BLAKE2b-256",
     .note = "64 bytes; libsodium",
     .size = 64,
     .units = 1,
     .bytes = 64,
     .run = run_hash},
    {.kind = "hash_kib",
     .name = "BLAKE2b-256",
     .note = "16 KiB / 16; libsodium",
     .size = 16 * 1024,
     .units = 16,
     .bytes = 1024,
     .run = run_hash},
    {.name = "SHA3-256",
     .note = "64 bytes; src",
     .size = 64,
     .units = 1,
     .bytes = 64,
     .run = run_sha3_256},
    {.name = "SHA3-256",
     .note = "16 KiB / 16; src",
     .size = 16 * 1024,
     .units = 16,
     .bytes = 1024,
     .run = run_sha3_256},
    {.name = "SHA3-512",
     .note = "16 KiB / 16; src",
     .size = 16 * 1024,
     .units = 16,
     .bytes = 1024,
     .run = run_sha3_512},
    {.name = "SHAKE128",
     .note = "16 KiB of output / 16; src",
     .size = 16 * 1024,
     .units = 16,
     .bytes = 1024,
     .run = run_shake128},
    {.name = "SHAKE256",
     .note = "16 KiB of output / 16; src",
     .size = 16 * 1024,
     .units = 16,
     .bytes = 1024,
     .run = run_shake256},
    {.name = "edwards25519 encode to curve",
     .note = "Elligator 2 NU; 64 bytes; src over libsodium",
     .size = 64,
     .units = 1,
     .run = run_encode_to_curve},
    {.name = "edwards25519 hash to curve",
     .note = "Elligator 2 RO; 64 bytes; src over libsodium",
     .size = 64,
     .units = 1,
     .run = run_hash_to_curve},
    {.kind = "seal_kib",
     .name = "XChaCha20-Poly1305",
     .note = "1 KiB sealed; libsodium",
     .size = 1024,
     .units = 1,
     .bytes = 1024,
     .run = run_seal},
};

const struct bench_family bench_hashes = {.name = "hashes and sealing",
                                          .rows = rows,
                                          .row_count = ARRAY_LEN(rows),
                                          .state_bytes = sizeof(struct hashes),
                                          .prepare = prepare};
