/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/keccak.h"

#include <assert.h>
#include <string.h>

enum { ROUNDS = 24, SIDE = 5, SUFFIX_SHA3 = 0x06, SUFFIX_SHAKE = 0x1f };

/* The outputs of the LFSR of FIPS 202 3.2.5, one lane a round. */
static const uint64_t round_constants[ROUNDS] = {
    UINT64_C(0x0000000000000001), UINT64_C(0x0000000000008082), UINT64_C(0x800000000000808a),
    UINT64_C(0x8000000080008000), UINT64_C(0x000000000000808b), UINT64_C(0x0000000080000001),
    UINT64_C(0x8000000080008081), UINT64_C(0x8000000000008009), UINT64_C(0x000000000000008a),
    UINT64_C(0x0000000000000088), UINT64_C(0x0000000080008009), UINT64_C(0x000000008000000a),
    UINT64_C(0x000000008000808b), UINT64_C(0x800000000000008b), UINT64_C(0x8000000000008089),
    UINT64_C(0x8000000000008003), UINT64_C(0x8000000000008002), UINT64_C(0x8000000000000080),
    UINT64_C(0x000000000000800a), UINT64_C(0x800000008000000a), UINT64_C(0x8000000080008081),
    UINT64_C(0x8000000000008080), UINT64_C(0x0000000080000001), UINT64_C(0x8000000080008008),
};

static inline uint64_t rotate(uint64_t lane, unsigned bits) {
    return lane << bits | lane >> (64 - bits);
}

/* FIPS 202 3.2.1: every bit is added the parities of two neighbouring columns. */
static inline void theta(uint64_t *lanes) {
    uint64_t parity[SIDE];
    for (int x = 0; x < SIDE; x++)
        parity[x] = lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20];
    for (int x = 0; x < SIDE; x++) {
        uint64_t change = parity[(x + 4) % SIDE] ^ rotate(parity[(x + 1) % SIDE], 1);
        for (int y = 0; y < SIDE; y++)
            lanes[x + SIDE * y] ^= change;
    }
}

/* FIPS 202 3.2.2 and 3.2.3 in one: each lane turned by its offset and moved to its new place.
 * Written out, so that the lanes stay in registers. */
static inline void rho_pi(uint64_t *to, const uint64_t *from) {
    to[0] = from[0];
    to[1] = rotate(from[6], 44);
    to[2] = rotate(from[12], 43);
    to[3] = rotate(from[18], 21);
    to[4] = rotate(from[24], 14);
    to[5] = rotate(from[3], 28);
    to[6] = rotate(from[9], 20);
    to[7] = rotate(from[10], 3);
    to[8] = rotate(from[16], 45);
    to[9] = rotate(from[22], 61);
    to[10] = rotate(from[1], 1);
    to[11] = rotate(from[7], 6);
    to[12] = rotate(from[13], 25);
    to[13] = rotate(from[19], 8);
    to[14] = rotate(from[20], 18);
    to[15] = rotate(from[4], 27);
    to[16] = rotate(from[5], 36);
    to[17] = rotate(from[11], 10);
    to[18] = rotate(from[17], 15);
    to[19] = rotate(from[23], 56);
    to[20] = rotate(from[2], 62);
    to[21] = rotate(from[8], 55);
    to[22] = rotate(from[14], 39);
    to[23] = rotate(from[15], 41);
    to[24] = rotate(from[21], 2);
}

/* FIPS 202 3.2.4: the only non-linear step. */
static inline void chi(uint64_t *to, const uint64_t *from) {
    for (int y = 0; y < KECCAK_LANES; y += SIDE) {
        to[y] = from[y] ^ (~from[y + 1] & from[y + 2]);
        to[y + 1] = from[y + 1] ^ (~from[y + 2] & from[y + 3]);
        to[y + 2] = from[y + 2] ^ (~from[y + 3] & from[y + 4]);
        to[y + 3] = from[y + 3] ^ (~from[y + 4] & from[y]);
        to[y + 4] = from[y + 4] ^ (~from[y] & from[y + 1]);
    }
}

static void permute(uint64_t lanes[KECCAK_LANES]) {
    uint64_t moved[KECCAK_LANES];
    for (int round = 0; round < ROUNDS; round++) {
        theta(lanes);
        rho_pi(moved, lanes);
        chi(lanes, moved);
        lanes[0] ^= round_constants[round];
    }
}

static void sponge_init(struct sponge *sponge, uint32_t rate, uint8_t suffix) {
    *sponge = (struct sponge){.rate = rate, .suffix = suffix};
}

/* Bytes and lanes meet in little-endian order (FIPS 202 3.1.2). */
static inline void xor_byte(struct sponge *sponge, uint32_t at, uint8_t byte) {
    sponge->lanes[at / 8] ^= (uint64_t)byte << 8 * (at % 8);
}

static inline uint64_t load_lane(const uint8_t *bytes) {
    uint64_t lane = 0;
    for (int i = 0; i < 8; i++)
        lane |= (uint64_t)bytes[i] << 8 * i;
    return lane;
}

static inline void store_lane(uint8_t *bytes, uint64_t lane) {
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(lane >> 8 * i);
}

void sponge_absorb(struct sponge *sponge, const void *bytes, size_t size) {
    const uint8_t *in = bytes;
    assert(!sponge->squeezing);
    while (size > 0) {
        if (sponge->at % 8 == 0 && size >= 8) { /* the rate is a multiple of a lane */
            sponge->lanes[sponge->at / 8] ^= load_lane(in);
            sponge->at += 8, in += 8, size -= 8;
        } else {
            xor_byte(sponge, sponge->at, *in);
            sponge->at++, in++, size--;
        }
        if (sponge->at == sponge->rate) {
            permute(sponge->lanes);
            sponge->at = 0;
        }
    }
}

void sponge_squeeze(struct sponge *sponge, void *out, size_t size) {
    uint8_t *to = out;
    if (!sponge->squeezing) {
        xor_byte(sponge, sponge->at, sponge->suffix);
        xor_byte(sponge, sponge->rate - 1, 0x80);
        sponge->squeezing = true;
        sponge->at = sponge->rate;
    }
    while (size > 0) {
        if (sponge->at == sponge->rate) {
            permute(sponge->lanes);
            sponge->at = 0;
        }
        if (sponge->at % 8 == 0 && size >= 8) {
            store_lane(to, sponge->lanes[sponge->at / 8]);
            sponge->at += 8, to += 8, size -= 8;
        } else {
            *to = (uint8_t)(sponge->lanes[sponge->at / 8] >> 8 * (sponge->at % 8));
            sponge->at++, to++, size--;
        }
    }
}

void shake128_init(struct sponge *sponge) {
    sponge_init(sponge, SHAKE128_RATE, SUFFIX_SHAKE);
}

void shake256_init(struct sponge *sponge) {
    sponge_init(sponge, SHAKE256_RATE, SUFFIX_SHAKE);
}

/* SHA3-d has a capacity of 2d bits (FIPS 202 6.1). */
static void sha3(uint8_t *out, uint32_t out_size, const void *bytes, size_t size) {
    struct sponge sponge;
    sponge_init(&sponge, 8 * KECCAK_LANES - 2 * out_size, SUFFIX_SHA3);
    sponge_absorb(&sponge, bytes, size);
    sponge_squeeze(&sponge, out, out_size);
}

void sha3_256(uint8_t out[SHA3_256_BYTES], const void *bytes, size_t size) {
    sha3(out, SHA3_256_BYTES, bytes, size);
}

void sha3_512(uint8_t out[SHA3_512_BYTES], const void *bytes, size_t size) {
    sha3(out, SHA3_512_BYTES, bytes, size);
}

void shake128(void *out, size_t out_size, const void *bytes, size_t size) {
    struct sponge sponge;
    shake128_init(&sponge);
    sponge_absorb(&sponge, bytes, size);
    sponge_squeeze(&sponge, out, out_size);
}

void shake256(void *out, size_t out_size, const void *bytes, size_t size) {
    struct sponge sponge;
    shake256_init(&sponge);
    sponge_absorb(&sponge, bytes, size);
    sponge_squeeze(&sponge, out, out_size);
}
