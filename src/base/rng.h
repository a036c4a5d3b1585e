/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Seeded random streams. Every stream is derived from (seed, owner, purpose), so that adding a
 * node, a model or a draw never shifts another stream (common random numbers).
 *
 * Generator: xoshiro256** (Blackman, Vigna 2018), seeded through SplitMix64. Not for keys. */
#ifndef TIERCHAIN_BASE_RNG_H
#define TIERCHAIN_BASE_RNG_H

#include "base/types.h"

struct rng {
    uint64_t state[4];
};

/* One step of the SplitMix64 mixing function: a bijection on 64 bits with good avalanche. */
uint64_t mix64(uint64_t value);

/* Mixes @value into @hash; order matters. For seeds and trace hashes, not against an adversary. */
uint64_t hash_combine(uint64_t hash, uint64_t value);

/* 64-bit FNV-1a hash of a name, finished with mix64; for stream purposes. */
uint64_t hash_name(const char *name);

/* Starts the stream of @owner (a node id, a path number …) for @purpose (a fixed, short name). */
void rng_init(struct rng *rng, uint64_t seed, uint64_t owner, const char *purpose);

/* A uniform 64-bit value. */
uint64_t rng_next(struct rng *rng);

/* A uniform value in [0, bound), without modulo bias. @bound > 0. */
uint64_t rng_below(struct rng *rng, uint64_t bound);

/* True with probability numerator/denominator. */
bool rng_chance(struct rng *rng, uint64_t numerator, uint64_t denominator);

/* Fills @size bytes. */
void rng_fill(struct rng *rng, void *out, size_t size);

/* Shuffles @count items of @size bytes (Fisher–Yates). @size <= 64. */
void rng_shuffle(struct rng *rng, void *items, size_t count, size_t size);

#endif
