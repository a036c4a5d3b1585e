/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/identity.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

static void signing_seed(const struct key_directory *directory, node_id node,
                         uint8_t seed[SUITE_SEED_BYTES]) {
    struct rng rng;
    rng_init(&rng, directory->seed, node, "signing key");
    rng_fill(&rng, seed, SUITE_SEED_BYTES);
}

static void vrf_seed(const struct key_directory *directory, node_id node,
                     uint8_t seed[SUITE_SEED_BYTES]) {
    struct rng rng;
    rng_init(&rng, directory->seed, node, "vrf key");
    rng_fill(&rng, seed, SUITE_SEED_BYTES);
}

static void kem_seed(const struct key_directory *directory, node_id node,
                     uint8_t seed[SUITE_SEED_BYTES]) {
    struct rng rng;
    rng_init(&rng, directory->seed, node, "kem key");
    rng_fill(&rng, seed, SUITE_SEED_BYTES);
}

static uint8_t *public_key(const struct key_directory *directory, node_id node) {
    return directory->public_keys + (size_t)node * directory->suite->public_key_bytes;
}

static uint8_t *vrf_key(const struct key_directory *directory, node_id node) {
    return directory->vrf_keys + (size_t)node * VRF_KEY_SIZE;
}

void key_directory_init(struct key_directory *directory, const struct suite *suite, uint32_t count,
                        uint64_t seed) {
    uint8_t *secret = memory_new(1, suite->secret_key_bytes);
    *directory = (struct key_directory){
        .suite = suite,
        .seed = seed,
        .count = count,
        .public_keys = memory_new(1, (size_t)count * suite->public_key_bytes),
        .vrf_keys = memory_new(1, (size_t)count * VRF_KEY_SIZE),
        .kem_keys = memory_new(count, sizeof(struct kem_keys *)),
    };
    for (node_id node = 0; node < count; node++) {
        uint8_t key_seed[SUITE_SEED_BYTES];
        signing_seed(directory, node, key_seed);
        suite->keypair(suite, key_seed, public_key(directory, node), secret);
        vrf_seed(directory, node, key_seed);
        suite->vrf_keypair(key_seed, vrf_key(directory, node));
    }
    free(secret);
}

void key_directory_deinit(struct key_directory *directory) {
    free(directory->public_keys);
    free(directory->vrf_keys);
    for (node_id node = 0; directory->kem_keys != NULL && node < directory->count; node++)
        free(directory->kem_keys[node]);
    free(directory->kem_keys);
    *directory = (struct key_directory){0};
}

void identity_init(struct identity *identity, const struct key_directory *directory, node_id self) {
    const struct suite *suite = directory->suite;
    uint8_t key_seed[SUITE_SEED_BYTES];
    uint8_t *unused = memory_new(1, suite->public_key_bytes);
    *identity = (struct identity){.directory = directory, .self = self};
    identity->secret_key = memory_new(1, suite->secret_key_bytes);
    signing_seed(directory, self, key_seed);
    suite->keypair(suite, key_seed, unused, identity->secret_key);
    vrf_seed(directory, self, identity->vrf_seed);
    free(unused);
}

void identity_deinit(struct identity *identity) {
    free(identity->secret_key);
    *identity = (struct identity){0};
}

static const struct suite *suite_of(const struct env *env) {
    return env->identity->directory->suite;
}

size_t identity_signature_bytes(const struct env *env) {
    return suite_of(env)->signature_bytes;
}

void identity_sign(struct env *env, const void *message, size_t size, uint8_t *signature) {
    env_charge(env, WORK_SIGN, 1);
    suite_of(env)->sign(suite_of(env), env->identity->secret_key, message, size, signature);
}

bool identity_verify(struct env *env, node_id signer, const void *message, size_t size,
                     const uint8_t *signature) {
    const struct key_directory *directory = env->identity->directory;
    if (signer >= directory->count)
        return false;
    env_charge(env, WORK_VERIFY, 1);
    return directory->suite->verify(directory->suite, public_key(directory, signer), message, size,
                                    signature);
}

void identity_aggregate(struct env *env, uint8_t *sum, const uint8_t *signature) {
    env_charge(env, WORK_AGGREGATE_JOIN, 1);
    bool added = suite_of(env)->aggregate(suite_of(env), sum, signature);
    assert(added);
}

bool identity_aggregate_verify(struct env *env, const node_id *signers, size_t count,
                               const void *message, size_t size, const uint8_t *sum) {
    const struct key_directory *directory = env->identity->directory;
    const uint8_t *keys[LIMIT_COMMITTEE];
    /* Nobody's sum, zero, is a sum too: a precondition of the BLS draft is that there are signers. */
    if (directory->suite->aggregate_verify == NULL || count == 0 || count > LIMIT_COMMITTEE)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (signers[i] >= directory->count)
            return false;
        keys[i] = public_key(directory, signers[i]);
    }
    env_charge(env, WORK_AGGREGATE_JOIN, count);
    env_charge(env, WORK_AGGREGATE_VERIFY, 1);
    return directory->suite->aggregate_verify(directory->suite, keys, count, message, size, sum);
}

void identity_vrf_prove(struct env *env, const void *alpha, size_t size,
                        uint8_t proof[VRF_PROOF_SIZE], uint8_t output[VRF_OUTPUT_SIZE]) {
    const struct identity *identity = env->identity;
    env_charge(env, WORK_VRF_PROVE, 1);
    suite_of(env)->vrf_prove(identity->vrf_seed, vrf_key(identity->directory, identity->self),
                             alpha, size, proof, output);
}

bool identity_vrf_verify(struct env *env, node_id prover, const void *alpha, size_t size,
                         const uint8_t proof[VRF_PROOF_SIZE], uint8_t output[VRF_OUTPUT_SIZE]) {
    const struct key_directory *directory = env->identity->directory;
    if (prover >= directory->count)
        return false;
    env_charge(env, WORK_VRF_VERIFY, 1);
    return directory->suite->vrf_verify(vrf_key(directory, prover), alpha, size, proof, output);
}

const struct suite *identity_suite(const struct env *env) {
    return suite_of(env);
}

const uint8_t *identity_public_key(const struct env *env, node_id node) {
    const struct key_directory *directory = env->identity->directory;
    return node < directory->count ? public_key(directory, node) : NULL;
}

const uint8_t *identity_vrf_key(const struct env *env, node_id node) {
    const struct key_directory *directory = env->identity->directory;
    return node < directory->count ? vrf_key(directory, node) : NULL;
}

static const struct kem_keys *kem_keys(const struct key_directory *directory, node_id node) {
    if (directory->kem_keys[node] == NULL) {
        uint8_t seed[SUITE_SEED_BYTES];
        struct kem_keys *keys = memory_new(1, sizeof *keys);
        kem_seed(directory, node, seed);
        directory->suite->kem_keypair(seed, keys->public_key, keys->secret_key);
        directory->kem_keys[node] = keys;
    }
    return directory->kem_keys[node];
}

const uint8_t *identity_kem_key(const struct env *env, node_id node) {
    const struct key_directory *directory = env->identity->directory;
    return node < directory->count ? kem_keys(directory, node)->public_key : NULL;
}

const uint8_t *identity_kem_secret(const struct env *env) {
    return kem_keys(env->identity->directory, env->identity->self)->secret_key;
}

void identity_hash(struct env *env, struct digest *out, const void *bytes, size_t size) {
    env_charge_hash(env, size);
    suite_of(env)->hash(out, bytes, size);
}
