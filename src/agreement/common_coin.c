/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agreement/common_coin.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "crypto/identity.h"

void common_coin_init(struct common_coin *coin, const struct env *env,
                      const struct group_keys *keys, uint32_t self) {
    assert(self < keys->members);
    *coin = (struct common_coin){.keys = keys, .self = self};
    if (env->identity != NULL)
        coin->modelled = strcmp(env->identity->directory->suite->provider, "modelled") == 0;
    if (coin->modelled) {
        int error = shamir_combine(coin->secret, keys->shares, keys->threshold);
        assert(error == OK);
    }
}

void common_coin_deinit(struct common_coin *coin) {
    sodium_memzero(coin->secret, sizeof coin->secret);
}

static void nonce_of(uint8_t nonce[NONCE_BYTES], const struct shamir_share *key, const void *name,
                     size_t size) {
    static const char domain[] = "tierchain/coin nonce/1";
    crypto_hash_sha512_state state;
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, (const uint8_t *)domain, sizeof domain);
    crypto_hash_sha512_update(&state, key->scalar, sizeof key->scalar);
    crypto_hash_sha512_update(&state, name, size);
    crypto_hash_sha512_final(&state, nonce);
}

/* A share of the modelled provider: a tag, padded with zeros. */
static void tag_share(const struct common_coin *coin, uint32_t member, const void *name,
                      size_t size, struct dh_share *share) {
    *share = (struct dh_share){.holder = member + 1};
    crypto_shorthash_siphashx24(share->element, name, size, coin->keys->public_shares[member]);
}

void common_coin_share(const struct common_coin *coin, struct env *env, const void *name,
                       size_t size, struct dh_share *share) {
    const struct shamir_share *key = &coin->keys->shares[coin->self];
    uint8_t nonce[NONCE_BYTES];
    env_charge(env, WORK_COIN_SHARE, 1);
    if (coin->modelled) {
        tag_share(coin, coin->self, name, size, share);
        return;
    }
    nonce_of(nonce, key, name, size);
    int error = coin_share_make(share, key, name, size, nonce);
    assert(error == OK); /* a key or a nonce of zero has no chance */
    sodium_memzero(nonce, sizeof nonce);
}

int common_coin_verify(const struct common_coin *coin, struct env *env, uint32_t member,
                       const void *name, size_t size, const struct dh_share *share) {
    struct dh_share expected;
    if (share->holder != member + 1)
        return ERR_MISMATCH;
    env_charge(env, WORK_COIN_VERIFY, 1);
    if (!coin->modelled)
        return coin_share_verify(share, coin->keys->public_shares[member], name, size);
    tag_share(coin, member, name, size, &expected);
    bool same = memcmp(share->element, expected.element, sizeof share->element) == 0 &&
                memcmp(&share->proof, &expected.proof, sizeof share->proof) == 0;
    return same ? OK : ERR_PROOF;
}

bool common_coin_toss(const struct common_coin *coin, struct env *env, const void *name,
                      size_t size, const struct dh_share *shares) {
    const uint32_t threshold = coin->keys->threshold;
    uint8_t value[COIN_VALUE_BYTES];
    int error;
    env_charge(env, WORK_SHARE_COMBINE, threshold);
    if (coin->modelled)
        error = coin_reveal(value, coin->secret, name, size);
    else
        error = coin_combine(value, shares, threshold, threshold, name, size);
    assert(error == OK); /* the shares were verified */
    return (value[0] & 1) != 0;
}
