/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names follow FIPS 204 where it has a word: c~ is the commitment, rho the matrix seed, rho' the
 * secret seed, rho'' the mask seed, K the signing seed, tr the key hash, mu the representative. */
#include "crypto/mldsa.h"

#include <string.h>

#include "base/error.h"
#include "crypto/keccak.h"
#include "crypto/mldsa_pack.h"
#include "crypto/mldsa_sample.h"

enum {
    HASH_BYTES = 64, /* of tr and mu */
    MAX_COMMITMENT = 48,
    MAX_HIGH_BYTES = MLDSA_N / 8 * 24, /* w1: k * high_bits is 24 in both sets */
    T1_BITS = 23 - MLDSA_DROPPED,
    T1_BYTES = MLDSA_N / 8 * T1_BITS,
    T0_BYTES = MLDSA_N / 8 * MLDSA_DROPPED,
    T0_TOP = 1 << (MLDSA_DROPPED - 1),
    SECRET_VECTORS = 2 * MLDSA_SEED_BYTES + HASH_BYTES, /* where s1 starts in a secret key */
};

const struct mldsa_parameters mldsa_44 = {
    .name = "ML-DSA-44",
    .rows = 4,
    .columns = 4,
    .eta = 2,
    .eta_bits = 3,
    .tau = 39,
    .omega = 80,
    .gamma1_bits = 17,
    .high_bits = 6,
    .commitment_bytes = 32,
    .gamma1 = 1 << 17,
    .gamma2 = (MLDSA_Q - 1) / 88,
    .high_count = 44,
    .beta = 78,
    .reciprocal = 92364889,
    .public_key_bytes = 1312,
    .secret_key_bytes = 2560,
    .signature_bytes = 2420,
};

const struct mldsa_parameters mldsa_65 = {
    .name = "ML-DSA-65",
    .rows = 6,
    .columns = 5,
    .eta = 4,
    .eta_bits = 4,
    .tau = 49,
    .omega = 55,
    .gamma1_bits = 19,
    .high_bits = 4,
    .commitment_bytes = 48,
    .gamma1 = 1 << 19,
    .gamma2 = (MLDSA_Q - 1) / 32,
    .high_count = 16,
    .beta = 196,
    .reciprocal = 33587233,
    .public_key_bytes = 1952,
    .secret_key_bytes = 4032,
    .signature_bytes = 3309,
};

/* ---- keys ---- */

void mldsa_keygen_internal(const struct mldsa_parameters *parameters,
                           const uint8_t seed[MLDSA_SEED_BYTES], uint8_t *public_key,
                           uint8_t *secret_key) {
    const uint8_t sizes[2] = {parameters->rows, parameters->columns};
    const size_t secret_bytes = mldsa_poly_bytes(parameters->eta_bits);
    uint8_t *s1_at = secret_key + SECRET_VECTORS;
    uint8_t *s2_at = s1_at + parameters->columns * secret_bytes;
    uint8_t *t0_at = s2_at + parameters->rows * secret_bytes;
    uint8_t seeds[MLDSA_SEED_BYTES + MLDSA_LONG_SEED_BYTES + MLDSA_SEED_BYTES]; /* rho, rho', K */
    const uint8_t *secret_seed = seeds + MLDSA_SEED_BYTES;
    struct poly s1[MLDSA_MAX_COLUMNS];
    struct sponge sponge;
    shake256_init(&sponge);
    sponge_absorb(&sponge, seed, MLDSA_SEED_BYTES);
    sponge_absorb(&sponge, sizes, sizeof sizes);
    sponge_squeeze(&sponge, seeds, sizeof seeds);
    memcpy(public_key, seeds, MLDSA_SEED_BYTES);
    memcpy(secret_key, seeds, MLDSA_SEED_BYTES);
    memcpy(secret_key + MLDSA_SEED_BYTES, secret_seed + MLDSA_LONG_SEED_BYTES, MLDSA_SEED_BYTES);

    for (uint8_t j = 0; j < parameters->columns; j++) {
        mldsa_sample_secret(parameters, &s1[j], secret_seed, j);
        mldsa_pack_signed(s1_at + j * secret_bytes, &s1[j], parameters->eta_bits, parameters->eta);
        poly_ntt(&s1[j]);
    }
    for (uint8_t i = 0; i < parameters->rows; i++) {
        struct poly_sum sum = {0};
        struct poly entry, t, s2;
        for (uint8_t j = 0; j < parameters->columns; j++) {
            mldsa_sample_matrix(&entry, seeds, i, j);
            poly_sum_add(&sum, &entry, &s1[j]);
        }
        poly_sum_inverse_ntt(&t, &sum);
        poly_freeze(&t);
        mldsa_sample_secret(parameters, &s2, secret_seed, (uint16_t)(parameters->columns + i));
        mldsa_pack_signed(s2_at + i * secret_bytes, &s2, parameters->eta_bits, parameters->eta);
        poly_add(&t, &t, &s2);
        poly_freeze(&t);
        for (int n = 0; n < MLDSA_N; n++)
            t.at[n] = mldsa_power2_round(t.at[n], &s2.at[n]); /* s2 now holds t0 */
        mldsa_pack(public_key + MLDSA_SEED_BYTES + i * T1_BYTES, &t, T1_BITS);
        mldsa_pack_signed(t0_at + i * T0_BYTES, &s2, MLDSA_DROPPED, T0_TOP);
    }
    shake256(secret_key + 2 * MLDSA_SEED_BYTES, HASH_BYTES, public_key,
             parameters->public_key_bytes);
}

/* ---- signing ---- */

/* What all passes through the rejection loop share; polynomials are transformed. */
struct signer {
    const struct mldsa_parameters *parameters;
    uint8_t representative[HASH_BYTES];
    uint8_t mask_seed[MLDSA_LONG_SEED_BYTES];
    struct poly matrix[MLDSA_MAX_ROWS][MLDSA_MAX_COLUMNS];
    struct poly s1[MLDSA_MAX_COLUMNS];
    struct poly s2[MLDSA_MAX_ROWS];
    struct poly t0[MLDSA_MAX_ROWS];
};

/* Reads and transforms @count polynomials; refuses coefficients beyond [-limit, limit]. */
static int read_vector(struct poly *out, const uint8_t **at, unsigned count, unsigned bits,
                       int32_t top, int32_t limit) {
    for (unsigned i = 0; i < count; i++) {
        mldsa_unpack_signed(&out[i], *at, bits, top);
        *at += mldsa_poly_bytes(bits);
        if (!poly_is_below(&out[i], limit + 1))
            return ERR_NON_CANONICAL;
        poly_ntt(&out[i]);
    }
    return OK;
}

static int signer_init(struct signer *signer, const struct mldsa_parameters *parameters,
                       const uint8_t *secret_key) {
    const uint8_t *at = secret_key + SECRET_VECTORS;
    const uint8_t eta = parameters->eta;
    signer->parameters = parameters;
    int error = read_vector(signer->s1, &at, parameters->columns, parameters->eta_bits, eta, eta);
    if (error == OK)
        error = read_vector(signer->s2, &at, parameters->rows, parameters->eta_bits, eta, eta);
    if (error == OK)
        error = read_vector(signer->t0, &at, parameters->rows, MLDSA_DROPPED, T0_TOP, T0_TOP);
    if (error != OK)
        return error;
    for (uint8_t i = 0; i < parameters->rows; i++)
        for (uint8_t j = 0; j < parameters->columns; j++)
            mldsa_sample_matrix(&signer->matrix[i][j], secret_key, i, j);
    return OK;
}

/* c~ = H(mu || w1). */
static void commit(const struct mldsa_parameters *parameters,
                   const uint8_t representative[HASH_BYTES], const uint8_t *high,
                   uint8_t *commitment) {
    struct sponge sponge;
    shake256_init(&sponge);
    sponge_absorb(&sponge, representative, HASH_BYTES);
    sponge_absorb(&sponge, high, parameters->rows * mldsa_poly_bytes(parameters->high_bits));
    sponge_squeeze(&sponge, commitment, parameters->commitment_bytes);
}

/* w = A y, frozen, and its high parts as bytes. */
static void commit_mask(const struct signer *signer, const struct poly *mask, struct poly *w,
                        uint8_t high[MAX_HIGH_BYTES]) {
    const struct mldsa_parameters *parameters = signer->parameters;
    struct poly turned[MLDSA_MAX_COLUMNS];
    memcpy(turned, mask, parameters->columns * sizeof *mask);
    for (unsigned j = 0; j < parameters->columns; j++)
        poly_ntt(&turned[j]);
    for (unsigned i = 0; i < parameters->rows; i++) {
        struct poly_sum sum = {0};
        struct poly part;
        for (unsigned j = 0; j < parameters->columns; j++)
            poly_sum_add(&sum, &signer->matrix[i][j], &turned[j]);
        poly_sum_inverse_ntt(&w[i], &sum);
        poly_freeze(&w[i]);
        for (int n = 0; n < MLDSA_N; n++) {
            int32_t low;
            part.at[n] = mldsa_decompose(parameters, w[i].at[n], &low);
        }
        mldsa_pack(high + i * mldsa_poly_bytes(parameters->high_bits), &part,
                   parameters->high_bits);
    }
}

/* One row of the hint, from w: false when a check of algorithm 7 line 23 or 28 fails. */
static bool hint_row(const struct signer *signer, const struct poly *challenge, unsigned row,
                     struct poly *w, bool hints[MLDSA_N]) {
    const struct mldsa_parameters *parameters = signer->parameters;
    struct poly product, low;
    int32_t high[MLDSA_N], unused;
    poly_multiply(&product, challenge, &signer->s2[row]);
    poly_centre(&product);
    poly_subtract(w, w, &product);
    poly_freeze(w);
    for (int n = 0; n < MLDSA_N; n++)
        high[n] = mldsa_decompose(parameters, w->at[n], &low.at[n]);
    if (!poly_is_below(&low, parameters->gamma2 - parameters->beta))
        return false;
    poly_multiply(&product, challenge, &signer->t0[row]);
    poly_centre(&product);
    if (!poly_is_below(&product, parameters->gamma2))
        return false;
    poly_add(w, w, &product);
    poly_freeze(w);
    for (int n = 0; n < MLDSA_N; n++)
        hints[n] = mldsa_decompose(parameters, w->at[n], &unused) != high[n];
    return true;
}

/* One pass through the rejection loop of algorithm 7; true when @signature is one. */
static bool attempt(const struct signer *signer, uint16_t kappa, uint8_t *signature) {
    const struct mldsa_parameters *parameters = signer->parameters;
    const unsigned z_bits = parameters->gamma1_bits + 1u;
    uint8_t *z_at = signature + parameters->commitment_bytes;
    uint8_t *hints_at = z_at + parameters->columns * mldsa_poly_bytes(z_bits);
    struct poly mask[MLDSA_MAX_COLUMNS], w[MLDSA_MAX_ROWS], challenge, product;
    uint8_t high[MAX_HIGH_BYTES];
    unsigned hint_count = 0;
    for (unsigned j = 0; j < parameters->columns; j++)
        mldsa_sample_mask(parameters, &mask[j], signer->mask_seed, (uint16_t)(kappa + j));
    commit_mask(signer, mask, w, high);
    commit(parameters, signer->representative, high, signature);
    mldsa_sample_challenge(parameters, &challenge, signature);
    poly_ntt(&challenge);
    for (unsigned j = 0; j < parameters->columns; j++) {
        poly_multiply(&product, &challenge, &signer->s1[j]);
        poly_centre(&product);
        poly_add(&mask[j], &mask[j], &product); /* now z */
        if (!poly_is_below(&mask[j], parameters->gamma1 - parameters->beta))
            return false;
        mldsa_pack_signed(z_at + j * mldsa_poly_bytes(z_bits), &mask[j], z_bits,
                          parameters->gamma1);
    }
    memset(hints_at, 0, parameters->omega + parameters->rows);
    for (unsigned i = 0; i < parameters->rows; i++) {
        bool hints[MLDSA_N];
        if (!hint_row(signer, &challenge, i, &w[i], hints) ||
            !mldsa_pack_hints(parameters, hints_at, i, hints, &hint_count))
            return false;
    }
    return true;
}

/* M' in two pieces, so that nobody has to join them. */
static void represent(uint8_t out[HASH_BYTES], const uint8_t key_hash[HASH_BYTES],
                      struct mldsa_bytes prefix, struct mldsa_bytes message) {
    struct sponge sponge;
    shake256_init(&sponge);
    sponge_absorb(&sponge, key_hash, HASH_BYTES);
    sponge_absorb(&sponge, prefix.at, prefix.size);
    sponge_absorb(&sponge, message.at, message.size);
    sponge_squeeze(&sponge, out, HASH_BYTES);
}

static int sign(const struct mldsa_parameters *parameters, const uint8_t *secret_key,
                struct mldsa_bytes prefix, struct mldsa_bytes message,
                const uint8_t random[MLDSA_RANDOM_BYTES], uint8_t *signature,
                uint32_t *iterations) {
    struct signer signer;
    struct sponge sponge;
    int error = signer_init(&signer, parameters, secret_key);
    if (error == OK) {
        represent(signer.representative, secret_key + 2 * MLDSA_SEED_BYTES, prefix, message);
        shake256_init(&sponge);
        sponge_absorb(&sponge, secret_key + MLDSA_SEED_BYTES, MLDSA_SEED_BYTES);
        sponge_absorb(&sponge, random, MLDSA_RANDOM_BYTES);
        sponge_absorb(&sponge, signer.representative, HASH_BYTES);
        sponge_squeeze(&sponge, signer.mask_seed, sizeof signer.mask_seed);
        for (uint32_t pass = 0; pass < MLDSA_MAX_ITERATIONS; pass++) {
            if (!attempt(&signer, (uint16_t)(pass * parameters->columns), signature))
                continue;
            if (iterations != NULL)
                *iterations = pass + 1;
            return OK;
        }
        error = ERR_LIMIT;
    }
    memset(signature, 0, parameters->signature_bytes);
    return error;
}

/* ---- verification ---- */

static int expect_size(struct mldsa_bytes bytes, size_t size) {
    if (bytes.size < size)
        return ERR_TRUNCATED;
    return bytes.size > size ? ERR_TRAILING : OK;
}

/* The high parts of A z - c t1 2^d after the hints, as bytes: algorithm 8 lines 9 to 10. */
static void recover_high(const struct mldsa_parameters *parameters, const uint8_t *public_key,
                         const struct poly *z, const struct poly *challenge,
                         const struct mldsa_hints *hints, uint8_t high[MAX_HIGH_BYTES]) {
    for (uint8_t i = 0; i < parameters->rows; i++) {
        struct poly_sum sum = {0};
        struct poly part;
        for (uint8_t j = 0; j < parameters->columns; j++) {
            mldsa_sample_matrix(&part, public_key, i, j);
            poly_sum_add(&sum, &part, &z[j]);
        }
        mldsa_unpack(&part, public_key + MLDSA_SEED_BYTES + i * T1_BYTES, T1_BITS);
        for (int n = 0; n < MLDSA_N; n++)
            part.at[n] <<= MLDSA_DROPPED; /* up to 2^23 - 2^13 = q - 1 */
        poly_ntt(&part);
        poly_sum_subtract(&sum, &part, challenge);
        poly_sum_inverse_ntt(&part, &sum);
        poly_freeze(&part);
        for (int n = 0; n < MLDSA_N; n++)
            part.at[n] = mldsa_use_hint(parameters, hints->at[i][n], part.at[n]);
        mldsa_pack(high + i * mldsa_poly_bytes(parameters->high_bits), &part,
                   parameters->high_bits);
    }
}

static int verify(const struct mldsa_parameters *parameters, struct mldsa_bytes public_key,
                  struct mldsa_bytes prefix, struct mldsa_bytes message,
                  struct mldsa_bytes signature) {
    const unsigned z_bits = parameters->gamma1_bits + 1u;
    const uint8_t *commitment = signature.at, *z_at;
    uint8_t representative[HASH_BYTES], high[MAX_HIGH_BYTES], recomputed[MAX_COMMITMENT];
    struct poly z[MLDSA_MAX_COLUMNS], challenge;
    struct mldsa_hints hints;
    int error = expect_size(public_key, parameters->public_key_bytes);
    if (error == OK)
        error = expect_size(signature, parameters->signature_bytes);
    if (error != OK)
        return error;
    z_at = commitment + parameters->commitment_bytes;
    error = mldsa_unpack_hints(parameters, &hints,
                               z_at + parameters->columns * mldsa_poly_bytes(z_bits));
    if (error != OK)
        return error;
    for (unsigned j = 0; j < parameters->columns; j++) {
        mldsa_unpack_signed(&z[j], z_at + j * mldsa_poly_bytes(z_bits), z_bits, parameters->gamma1);
        if (!poly_is_below(&z[j], parameters->gamma1 - parameters->beta))
            return ERR_SIGNATURE;
        poly_ntt(&z[j]);
    }
    shake256(representative, HASH_BYTES, public_key.at, public_key.size);
    represent(representative, representative, prefix, message);
    mldsa_sample_challenge(parameters, &challenge, commitment);
    poly_ntt(&challenge);
    recover_high(parameters, public_key.at, z, &challenge, &hints, high);
    commit(parameters, representative, high, recomputed);
    return memcmp(commitment, recomputed, parameters->commitment_bytes) == 0 ? OK : ERR_SIGNATURE;
}

/* ---- the four entrances ---- */

/* The domain byte of pure ML-DSA, the length of the context, the context (algorithm 2 line 10). */
static int make_prefix(uint8_t bytes[2 + MLDSA_MAX_CONTEXT], struct mldsa_bytes context,
                       struct mldsa_bytes *prefix) {
    if (context.size > MLDSA_MAX_CONTEXT)
        return ERR_INVALID;
    bytes[0] = 0;
    bytes[1] = (uint8_t)context.size;
    if (context.size > 0)
        memcpy(bytes + 2, context.at, context.size);
    *prefix = (struct mldsa_bytes){bytes, 2 + context.size};
    return OK;
}

int mldsa_sign_internal(const struct mldsa_parameters *parameters, const uint8_t *secret_key,
                        struct mldsa_bytes message, const uint8_t random[MLDSA_RANDOM_BYTES],
                        uint8_t *signature, uint32_t *iterations) {
    return sign(parameters, secret_key, (struct mldsa_bytes){0}, message, random, signature,
                iterations);
}

int mldsa_sign(const struct mldsa_parameters *parameters, const uint8_t *secret_key,
               struct mldsa_bytes context, struct mldsa_bytes message,
               const uint8_t random[MLDSA_RANDOM_BYTES], uint8_t *signature, uint32_t *iterations) {
    uint8_t bytes[2 + MLDSA_MAX_CONTEXT];
    struct mldsa_bytes prefix;
    int error = make_prefix(bytes, context, &prefix);
    if (error == OK)
        return sign(parameters, secret_key, prefix, message, random, signature, iterations);
    memset(signature, 0, parameters->signature_bytes);
    return error;
}

int mldsa_verify_internal(const struct mldsa_parameters *parameters, struct mldsa_bytes public_key,
                          struct mldsa_bytes message, struct mldsa_bytes signature) {
    return verify(parameters, public_key, (struct mldsa_bytes){0}, message, signature);
}

int mldsa_verify(const struct mldsa_parameters *parameters, struct mldsa_bytes public_key,
                 struct mldsa_bytes context, struct mldsa_bytes message,
                 struct mldsa_bytes signature) {
    uint8_t bytes[2 + MLDSA_MAX_CONTEXT];
    struct mldsa_bytes prefix;
    int error = make_prefix(bytes, context, &prefix);
    return error == OK ? verify(parameters, public_key, prefix, message, signature) : error;
}
