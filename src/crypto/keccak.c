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

static inline uint64_t parity(const uint64_t *lanes, int x) {
    return lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20];
}

/* FIPS 202 3.2.1: every bit is added the parities of two neighbouring columns. What to add to the
 * lanes of each column. Written out here and below, so that nothing is indexed at run time. */
static inline void theta(uint64_t *change, const uint64_t *lanes) {
    const uint64_t a = parity(lanes, 0), b = parity(lanes, 1), c = parity(lanes, 2),
                   d = parity(lanes, 3), e = parity(lanes, 4);
    change[0] = e ^ rotate(b, 1);
    change[1] = a ^ rotate(c, 1);
    change[2] = b ^ rotate(d, 1);
    change[3] = c ^ rotate(e, 1);
    change[4] = d ^ rotate(a, 1);
}

/* FIPS 202 3.2.2 and 3.2.3 in one: each lane, with theta's change, turned by its offset and moved
 * to its new place. */
static inline void rho_pi(uint64_t *to, const uint64_t *from, const uint64_t *change) {
    to[0] = from[0] ^ change[0];
    to[1] = rotate(from[6] ^ change[1], 44);
    to[2] = rotate(from[12] ^ change[2], 43);
    to[3] = rotate(from[18] ^ change[3], 21);
    to[4] = rotate(from[24] ^ change[4], 14);
    to[5] = rotate(from[3] ^ change[3], 28);
    to[6] = rotate(from[9] ^ change[4], 20);
    to[7] = rotate(from[10] ^ change[0], 3);
    to[8] = rotate(from[16] ^ change[1], 45);
    to[9] = rotate(from[22] ^ change[2], 61);
    to[10] = rotate(from[1] ^ change[1], 1);
    to[11] = rotate(from[7] ^ change[2], 6);
    to[12] = rotate(from[13] ^ change[3], 25);
    to[13] = rotate(from[19] ^ change[4], 8);
    to[14] = rotate(from[20] ^ change[0], 18);
    to[15] = rotate(from[4] ^ change[4], 27);
    to[16] = rotate(from[5] ^ change[0], 36);
    to[17] = rotate(from[11] ^ change[1], 10);
    to[18] = rotate(from[17] ^ change[2], 15);
    to[19] = rotate(from[23] ^ change[3], 56);
    to[20] = rotate(from[2] ^ change[2], 62);
    to[21] = rotate(from[8] ^ change[3], 55);
    to[22] = rotate(from[14] ^ change[4], 39);
    to[23] = rotate(from[15] ^ change[0], 41);
    to[24] = rotate(from[21] ^ change[1], 2);
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
    uint64_t moved[KECCAK_LANES], change[SIDE];
    for (int round = 0; round < ROUNDS; round++) {
        theta(change, lanes);
        rho_pi(moved, lanes, change);
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
