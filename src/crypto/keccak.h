/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SHA3-256, SHA3-512, SHAKE128 and SHAKE256 (FIPS 202), whole bytes only. Input of any length is
 * taken in pieces of any size, output of the two SHAKEs is given in pieces of any size. Time
 * depends on lengths alone. */
#ifndef TIERCHAIN_CRYPTO_KECCAK_H
#define TIERCHAIN_CRYPTO_KECCAK_H

#include "base/types.h"

#define SHA3_256_BYTES 32
#define SHA3_512_BYTES 64
#define SHAKE128_RATE  168 /* bytes for each permutation: squeeze whole blocks to be quick */
#define SHAKE256_RATE  136
#define KECCAK_LANES   25

/* A sponge: absorb any number of times, then squeeze any number of times. It may be copied. */
struct sponge {
    uint64_t lanes[KECCAK_LANES];
    uint32_t rate;  /* bytes of the state that face outwards */
    uint32_t at;    /* bytes of the current block already used */
    uint8_t suffix; /* domain bits and the first padding bit (FIPS 202 B.2) */
    bool squeezing;
};

void shake128_init(struct sponge *sponge);
void shake256_init(struct sponge *sponge);

/* Not after the first squeeze (asserted). @bytes may be NULL when @size is 0. */
void sponge_absorb(struct sponge *sponge, const void *bytes, size_t size);

/* The next @size bytes of output. */
void sponge_squeeze(struct sponge *sponge, void *out, size_t size);

void sha3_256(uint8_t out[SHA3_256_BYTES], const void *bytes, size_t size);
void sha3_512(uint8_t out[SHA3_512_BYTES], const void *bytes, size_t size);
void shake128(void *out, size_t out_size, const void *bytes, size_t size);
void shake256(void *out, size_t out_size, const void *bytes, size_t size);

#endif
