/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The committee's common coin, from either provider of cryptography. *Real* is the threshold coin of
 * crypto/threshold/coin.h: nobody knows a coin before a threshold of members gave their shares.
 * *Modelled* has keyed tags of the same size for shares and computes the same coin from the secret
 * that the dealer knows, so that a run takes the same course. Both charge the same work.
 *
 * What the modelled provider gives up: anyone who knows the public shares can forge a share. */
#ifndef TIERCHAIN_AGREEMENT_COMMON_COIN_H
#define TIERCHAIN_AGREEMENT_COMMON_COIN_H

#include "crypto/threshold/coin.h"
#include "crypto/threshold/dealer.h"
#include "env/env.h"

struct common_coin {
    const struct group_keys *keys; /* over ristretto255; borrowed, outlives the coin */
    uint32_t self;                 /* the member whose share is used */
    bool modelled;
    uint8_t secret[SCALAR_BYTES]; /* modelled: the group's, which no single member would know */
};

/* @keys: of the committee, threshold f + 1. The provider is that of the env's identity; without one
 * the coin is real. */
void common_coin_init(struct common_coin *coin, const struct env *env,
                      const struct group_keys *keys, uint32_t self);
void common_coin_deinit(struct common_coin *coin);

/* The own share of coin @name. A name gives the same share again, also after a restart: the proof's
 * nonce is derived from key and name, as in RFC 6979. */
void common_coin_share(const struct common_coin *coin, struct env *env, const void *name,
                       size_t size, struct dh_share *share);

/* Checks the share of @member. 0; ERR_MISMATCH when it names another holder; ERR_NON_CANONICAL;
 * ERR_PROOF. */
int common_coin_verify(const struct common_coin *coin, struct env *env, uint32_t member,
                       const void *name, size_t size, const struct dh_share *share);

/* The coin from keys->threshold verified shares of distinct members. */
bool common_coin_toss(const struct common_coin *coin, struct env *env, const void *name,
                      size_t size, const struct dh_share *shares);

#endif
