/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "select/rendezvous.h"

#include <assert.h>
#include <limits.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"

__extension__ typedef unsigned __int128 uint128;

#define ID_BYTES 4

/* Public by design: it separates this use of SipHash from others, it keeps no secret. */
static const uint8_t public_key[crypto_shorthash_KEYBYTES + 1] = "tierchain-select";

/* Without a cursor: this runs once for each candidate. */
uint64_t rendezvous_hash(node_id id, const void *key, size_t size) {
    uint8_t input[ID_BYTES + RENDEZVOUS_KEY_LIMIT], output[crypto_shorthash_BYTES];
    uint64_t hash = 0;
    assert(size <= RENDEZVOUS_KEY_LIMIT);
    /* The id has a fixed size, so that no two pairs share an input. */
    for (size_t i = 0; i < ID_BYTES; i++)
        input[i] = (uint8_t)(id >> 8 * i);
    if (size > 0)
        memcpy(input + ID_BYTES, key, size);
    crypto_shorthash(output, input, ID_BYTES + size, public_key);
    for (size_t i = 0; i < sizeof output; i++)
        hash |= (uint64_t)output[i] << 8 * i;
    return hash;
}

uint64_t rendezvous_negative_log2(uint64_t hash) {
    /* 2 hash + 1 = mantissa * 2^exponent with the mantissa in [1, 2), 63 bits behind the point. The
     * half only fits below 2^63; above, dropping it changes the logarithm by less than 2^-63. */
    unsigned exponent = 64;
    uint64_t mantissa = hash;
    if (hash >> 63 == 0) {
        unsigned zeros = (unsigned)__builtin_clzll(2 * hash + 1);
        mantissa = (2 * hash + 1) << zeros;
        exponent = 63 - zeros;
    }
    /* Squaring doubles the logarithm: an overflow beyond 2 is its next binary digit. A truncation
     * in step i weighs 2^-i, so all of them together stay below 2^-62. */
    uint64_t logarithm = exponent;
    for (unsigned i = 0; i < RENDEZVOUS_FRACTION_BITS; i++) {
        uint128 square = (uint128)mantissa * mantissa;
        unsigned digit = (unsigned)(square >> 127);
        mantissa = (uint64_t)(square >> (63 + digit));
        logarithm = 2 * logarithm + digit;
    }
    return (UINT64_C(65) << RENDEZVOUS_FRACTION_BITS) - logarithm;
}

bool rendezvous_before(const struct rendezvous_rank *a, const struct rendezvous_rank *b) {
    uint128 left = (uint128)a->distance * b->weight;
    uint128 right = (uint128)b->distance * a->weight;
    return left != right ? left < right : a->id > b->id;
}

/* Keeps the @wanted best in order; returns the new count. */
static size_t insert(struct rendezvous_rank *ranks, size_t count, size_t wanted,
                     const struct rendezvous_rank *rank) {
    size_t at = count;
    while (at > 0 && rendezvous_before(rank, &ranks[at - 1]))
        at--;
    if (at == wanted)
        return count;
    size_t kept = size_min(count, wanted - 1);
    memmove(&ranks[at + 1], &ranks[at], (kept - at) * sizeof ranks[0]);
    ranks[at] = *rank;
    return kept + 1;
}

int rendezvous_select(const node_id *nodes, size_t count, const void *key, size_t size,
                      struct rendezvous_rank *out, size_t wanted) {
    size_t chosen = 0;
    if (size > RENDEZVOUS_KEY_LIMIT || wanted > INT_MAX)
        return ERR_INVALID;
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = rendezvous_hash(nodes[i], key, size);
        struct rendezvous_rank rank = {.distance = ~hash, .weight = 1, .id = nodes[i]};
        chosen = insert(out, chosen, wanted, &rank);
    }
    return (int)chosen;
}

int rendezvous_select_weighted(const struct rendezvous_node *nodes, size_t count, const void *key,
                               size_t size, struct rendezvous_rank *out, size_t wanted) {
    size_t chosen = 0;
    if (size > RENDEZVOUS_KEY_LIMIT || wanted > INT_MAX)
        return ERR_INVALID;
    for (size_t i = 0; i < count; i++) {
        if (nodes[i].weight == 0)
            continue;
        uint64_t hash = rendezvous_hash(nodes[i].id, key, size);
        struct rendezvous_rank rank = {
            .distance = rendezvous_negative_log2(hash),
            .weight = nodes[i].weight,
            .id = nodes[i].id,
        };
        chosen = insert(out, chosen, wanted, &rank);
    }
    return (int)chosen;
}

uint32_t rendezvous_w_rand(uint32_t server, uint32_t digest) {
    /* Modulo 2^31 at the end is enough: 2^31 divides 2^32. */
    uint32_t inner = UINT32_C(1103515245) * server + 12345;
    return (UINT32_C(1103515245) * (inner ^ digest) + 12345) & INT32_MAX;
}
