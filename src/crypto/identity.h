/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A node's keys, and everyone's public keys. The functions charge the work that they do. */
#ifndef TIERCHAIN_CRYPTO_IDENTITY_H
#define TIERCHAIN_CRYPTO_IDENTITY_H

#include "base/limits.h"
#include "crypto/suite.h"
#include "env/env.h"

/* Public keys of all nodes, shared and read-only in a run: the outcome of registration. */
struct key_directory {
    const struct suite *suite;
    uint64_t seed;
    uint32_t count;
    uint8_t *public_keys; /* count × suite->public_key_bytes */
    uint8_t *vrf_keys;    /* count × VRF_KEY_SIZE */
    /* By node; made on first use, for real ones take milliseconds and most nodes never send. They
     * depend on the seed and the node alone, so the order of use changes nothing. */
    struct kem_keys **kem_keys;
};

struct kem_keys {
    uint8_t public_key[KEM_PUBLIC_SIZE];
    uint8_t secret_key[KEM_SECRET_SIZE];
};

struct identity {
    const struct key_directory *directory;
    node_id self;
    uint8_t vrf_seed[SUITE_SEED_BYTES];
    uint8_t *secret_key; /* suite->secret_key_bytes */
};

/* Makes the keys of @count nodes from @seed. Free with key_directory_deinit. */
void key_directory_init(struct key_directory *directory, const struct suite *suite, uint32_t count,
                        uint64_t seed);
void key_directory_deinit(struct key_directory *directory);

void identity_init(struct identity *identity, const struct key_directory *directory, node_id self);
void identity_deinit(struct identity *identity);

size_t identity_signature_bytes(const struct env *env);

/* Signs with the node's own key. @signature has identity_signature_bytes bytes. */
void identity_sign(struct env *env, const void *message, size_t size, uint8_t *signature);

/* Whether @signer signed the message; false for an unknown node. */
bool identity_verify(struct env *env, node_id signer, const void *message, size_t size,
                     const uint8_t *signature);

/* Adds a signature that was verified to @sum, which starts as all zero; only with a suite whose
 * signatures add up. */
void identity_aggregate(struct env *env, uint8_t *sum, const uint8_t *signature);

/* Whether @sum is the sum of exactly these nodes' signatures of the message; false for an unknown
 * node, for none, for more than LIMIT_COMMITTEE, and with a suite whose signatures don't add up. */
bool identity_aggregate_verify(struct env *env, const node_id *signers, size_t count,
                               const void *message, size_t size, const uint8_t *sum);

void identity_vrf_prove(struct env *env, const void *alpha, size_t size,
                        uint8_t proof[VRF_PROOF_SIZE], uint8_t output[VRF_OUTPUT_SIZE]);
bool identity_vrf_verify(struct env *env, node_id prover, const void *alpha, size_t size,
                         const uint8_t proof[VRF_PROOF_SIZE], uint8_t output[VRF_OUTPUT_SIZE]);

/* The keys as pure functions (hold/) want them; nothing is charged. NULL for an unknown node. */
const struct suite *identity_suite(const struct env *env);
const uint8_t *identity_public_key(const struct env *env, node_id node);
const uint8_t *identity_vrf_key(const struct env *env, node_id node);
const uint8_t *identity_kem_key(const struct env *env, node_id node);
const uint8_t *identity_kem_secret(const struct env *env); /* the node's own */

/* Content digest with the suite's hash. */
void identity_hash(struct env *env, struct digest *out, const void *bytes, size_t size);

#endif
