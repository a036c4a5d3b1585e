/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/mldsa_sample.h"

#include <string.h>

#include "crypto/keccak.h"
#include "crypto/mldsa_pack.h"

void mldsa_sample_matrix(struct poly *out, const uint8_t seed[MLDSA_SEED_BYTES], uint8_t row,
                         uint8_t column) {
    const uint8_t position[2] = {column, row};
    uint8_t block[SHAKE128_RATE];
    struct sponge sponge;
    shake128_init(&sponge);
    sponge_absorb(&sponge, seed, MLDSA_SEED_BYTES);
    sponge_absorb(&sponge, position, sizeof position);
    for (int filled = 0; filled < MLDSA_N;) {
        sponge_squeeze(&sponge, block, sizeof block);
        for (size_t i = 0; i < sizeof block && filled < MLDSA_N; i += 3) {
            int32_t candidate = block[i] | block[i + 1] << 8 | (block[i + 2] & 0x7f) << 16;
            if (candidate < MLDSA_Q)
                out->at[filled++] = candidate;
        }
    }
}

/* What is rejected is independent of what is kept, so the branch tells nothing about the secret. */
static bool secret_from_half_byte(uint8_t eta, uint8_t half, int32_t *coefficient) {
    if (eta == 2) {
        /* half mod 5, without a division: 205 / 1024 is near enough to 1/5 up to 15. */
        int32_t remainder = half - 5 * (half * 205 >> 10);
        *coefficient = 2 - remainder;
        return half < 15;
    }
    *coefficient = 4 - half;
    return half < 9;
}

void mldsa_sample_secret(const struct mldsa_parameters *parameters, struct poly *out,
                         const uint8_t seed[MLDSA_LONG_SEED_BYTES], uint16_t index) {
    const uint8_t suffix[2] = {(uint8_t)index, (uint8_t)(index >> 8)};
    uint8_t block[SHAKE256_RATE];
    struct sponge sponge;
    shake256_init(&sponge);
    sponge_absorb(&sponge, seed, MLDSA_LONG_SEED_BYTES);
    sponge_absorb(&sponge, suffix, sizeof suffix);
    for (int filled = 0; filled < MLDSA_N;) {
        sponge_squeeze(&sponge, block, sizeof block);
        for (size_t i = 0; i < 2 * sizeof block && filled < MLDSA_N; i++) {
            uint8_t half = block[i / 2] >> 4 * (i % 2) & 15;
            int32_t coefficient;
            if (secret_from_half_byte(parameters->eta, half, &coefficient))
                out->at[filled++] = coefficient;
        }
    }
}

void mldsa_sample_mask(const struct mldsa_parameters *parameters, struct poly *out,
                       const uint8_t seed[MLDSA_LONG_SEED_BYTES], uint16_t index) {
    const uint8_t suffix[2] = {(uint8_t)index, (uint8_t)(index >> 8)};
    const unsigned bits = parameters->gamma1_bits + 1u;
    uint8_t bytes[MLDSA_MAX_POLY_BYTES];
    struct sponge sponge;
    shake256_init(&sponge);
    sponge_absorb(&sponge, seed, MLDSA_LONG_SEED_BYTES);
    sponge_absorb(&sponge, suffix, sizeof suffix);
    sponge_squeeze(&sponge, bytes, mldsa_poly_bytes(bits));
    mldsa_unpack_signed(out, bytes, bits, parameters->gamma1);
}

void mldsa_sample_challenge(const struct mldsa_parameters *parameters, struct poly *out,
                            const uint8_t *commitment) {
    uint8_t bytes[8];
    uint64_t signs = 0;
    struct sponge sponge;
    shake256_init(&sponge);
    sponge_absorb(&sponge, commitment, parameters->commitment_bytes);
    sponge_squeeze(&sponge, bytes, sizeof bytes);
    for (int i = 0; i < 8; i++)
        signs |= (uint64_t)bytes[i] << 8 * i;
    memset(out, 0, sizeof *out);
    for (int i = MLDSA_N - parameters->tau; i < MLDSA_N; i++) {
        uint8_t place;
        do
            sponge_squeeze(&sponge, &place, 1);
        while (place > i);
        out->at[i] = out->at[place];
        out->at[place] = 1 - 2 * (int32_t)(signs & 1);
        signs >>= 1;
    }
}
