/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/threshold/dealer.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"

/* The polynomial: its value at 0 is the secret. 512 bits reduced are uniform but for 2^-259. */
static void draw(uint8_t coefficients[][SCALAR_BYTES], uint32_t threshold, uint64_t seed,
                 uint16_t channel, const char *purpose) {
    struct rng rng;
    rng_init(&rng, seed, channel, purpose);
    for (uint32_t i = 0; i < threshold; i++) {
        uint8_t wide[64];
        rng_fill(&rng, wide, sizeof wide);
        crypto_core_ristretto255_scalar_reduce(coefficients[i], wide);
    }
}

/* Fails only for a scalar of zero, which no draw gives. */
static void publish(const struct frost_suite *group, uint8_t element[ELEMENT_BYTES],
                    const uint8_t scalar[SCALAR_BYTES]) {
    int error = frost_public_key(group, element, scalar);
    assert(error == OK);
}

int group_keys_deal(struct group_keys *keys, const struct frost_suite *group, uint32_t members,
                    uint32_t threshold, uint64_t seed, uint16_t channel, const char *purpose) {
    uint8_t coefficients[LIMIT_COMMITTEE][SCALAR_BYTES];
    *keys = (struct group_keys){0};
    if (members > LIMIT_COMMITTEE || threshold == 0 || threshold > members)
        return ERR_INVALID;
    *keys = (struct group_keys){
        .members = members,
        .threshold = threshold,
        .public_shares = memory_new(members, ELEMENT_BYTES),
        .shares = memory_new(members, sizeof *keys->shares),
    };
    draw(coefficients, threshold, seed, channel, purpose);
    publish(group, keys->public_key, coefficients[0]);
    for (uint32_t i = 0; i < members; i++) {
        int error = shamir_share_of(&keys->shares[i], i + 1,
                                    (const uint8_t(*)[SCALAR_BYTES])coefficients, threshold);
        assert(error == OK);
        publish(group, keys->public_shares[i], keys->shares[i].scalar);
    }
    sodium_memzero(coefficients, sizeof coefficients);
    return OK;
}

void group_keys_deinit(struct group_keys *keys) {
    if (keys->shares != NULL)
        sodium_memzero(keys->shares, keys->members * sizeof *keys->shares);
    free(keys->shares);
    free(keys->public_shares);
    *keys = (struct group_keys){0};
}
