/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A trusted dealer (RFC 9591 appendix C): the keys of a committee's group, made in one place as the
 * outcome of a registration that is not modelled. A distributed key generation would replace it
 * without changing what it hands out.
 *
 * Holder i + 1 is the committee's member i. Shared read-only by a committee in a run: each member
 * uses its own share only. Serves the coin and TDH2 (frost_ristretto255, threshold f + 1) and FROST
 * (either group, threshold q). */
#ifndef TIERCHAIN_CRYPTO_THRESHOLD_DEALER_H
#define TIERCHAIN_CRYPTO_THRESHOLD_DEALER_H

#include "base/limits.h"
#include "crypto/threshold/frost.h"

struct group_keys {
    uint32_t members;
    uint32_t threshold;
    uint8_t public_key[ELEMENT_BYTES];
    uint8_t (*public_shares)[ELEMENT_BYTES]; /* per member */
    struct shamir_share *shares;             /* per member: its secret */
};

/* Deals a fresh secret, determined by (seed, channel, purpose); other purposes give independent
 * keys. 0, or ERR_INVALID for a threshold outside 1 … members or members above LIMIT_COMMITTEE;
 * nothing is allocated then. Free with group_keys_deinit. */
int group_keys_deal(struct group_keys *keys, const struct frost_suite *group, uint32_t members,
                    uint32_t threshold, uint64_t seed, uint16_t channel, const char *purpose);

/* Wipes the secrets and frees. */
void group_keys_deinit(struct group_keys *keys);

#endif
