/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signatures, verifiable random functions and key encapsulation. Most inputs are random bytes,
 * which cost little; the others run to the last equation. */
#include <string.h>

#include "base/limits.h"
#include "crypto/identity.h"
#include "crypto/mldsa.h"
#include "crypto/mldsa_pack.h"
#include "crypto/ntru.h"
#include "crypto/ntru_poly.h"
#include "crypto/suite.h"
#include "crypto/vrf.h"
#include "tests/lib/company.h"
#include "tests/lib/steps.h"
#include "tests/property/committee.h"

#define TEXT 16 /* bytes of each message */

/* ---- Ed25519 as the suite has it: key · message · signature ---- */

static const struct suite *ed25519(void) {
    return suite_find("ed25519", "real");
}

static int verify_ed25519(const uint8_t *bytes, size_t size) {
    const uint8_t *text = bytes + ed25519()->public_key_bytes;
    return ed25519()->verify(ed25519(), bytes, text, TEXT, text + TEXT) ? OK : ERR_SIGNATURE;
}

void trial_ed25519(struct trial *out) {
    for (uint8_t i = 0; i < 3; i++) {
        const uint8_t seed[SUITE_SEED_BYTES] = {(uint8_t)(i / 2)};
        uint8_t bytes[32 + TEXT + 64], secret[LIMIT_SECRET_KEY_BYTES];
        trial_bytes(bytes, sizeof bytes, i);
        ed25519()->keypair(ed25519(), seed, bytes, secret);
        ed25519()->sign(ed25519(), secret, bytes + 32, TEXT, bytes + 32 + TEXT);
        trial_sample(out, bytes, sizeof bytes);
    }
    out->verify = verify_ed25519;
    out->fixed_size = true;
    out->random_per_mille = 800;
}

/* u32 signer · message · signature */
static int verify_identity(const uint8_t *bytes, size_t size) {
    struct reader reader;
    reader_init(&reader, bytes, size);
    const node_id signer = read_u32(&reader);
    return identity_verify(committee_env(0), signer, bytes + 4, TEXT, bytes + 4 + TEXT)
               ? OK
               : ERR_SIGNATURE;
}

void trial_identity(struct trial *out) {
    for (node_id signer = 0; signer < COMMITTEE_MEMBERS; signer++) {
        uint8_t bytes[4 + TEXT + 64] = {(uint8_t)signer};
        identity_sign(committee_env(signer), bytes + 4, TEXT, bytes + 4 + TEXT);
        trial_sample(out, bytes, sizeof bytes);
    }
    out->verify = verify_identity;
    out->fixed_size = true;
}

/* u32 prover · alpha · proof */
static int verify_identity_vrf(const uint8_t *bytes, size_t size) {
    uint8_t output[VRF_OUTPUT_SIZE];
    struct reader reader;
    reader_init(&reader, bytes, size);
    const node_id prover = read_u32(&reader);
    return identity_vrf_verify(committee_env(0), prover, bytes + 4, TEXT, bytes + 4 + TEXT, output)
               ? OK
               : ERR_PROOF;
}

void trial_identity_vrf(struct trial *out) {
    for (node_id prover = 0; prover < COMMITTEE_MEMBERS; prover++) {
        uint8_t bytes[4 + TEXT + VRF_PROOF_SIZE] = {(uint8_t)prover}, output[VRF_OUTPUT_SIZE];
        identity_vrf_prove(committee_env(prover), bytes + 4, TEXT, bytes + 4 + TEXT, output);
        trial_sample(out, bytes, sizeof bytes);
    }
    out->verify = verify_identity_vrf;
    out->fixed_size = true;
}

/* ---- BLS12-381, modelled: u8 bits of the signers · message · sum of their signatures ---- */

static struct company signers;

static int verify_aggregate(const uint8_t *bytes, size_t size) {
    node_id list[8];
    size_t count = 0;
    for (node_id node = 0; node < 8; node++)
        if (bytes[0] >> node & 1)
            list[count++] = node;
    struct env *env = &signers.envs[0];
    steps_drain(env);
    return identity_aggregate_verify(env, list, count, bytes + 1, TEXT, bytes + 1 + TEXT)
               ? OK
               : ERR_SIGNATURE;
}

void trial_aggregate(struct trial *out) {
    company_init(&signers, COMMITTEE_MEMBERS, "bls12-381", "modelled");
    for (uint8_t mask = 7; mask <= 15; mask += 4) {
        uint8_t bytes[256] = {mask}, signature[LIMIT_SIGNATURE_BYTES];
        for (node_id node = 0; node < COMMITTEE_MEMBERS; node++) {
            struct env *env = &signers.envs[node];
            identity_sign(env, bytes + 1, TEXT, signature);
            if (mask >> node & 1)
                identity_aggregate(env, bytes + 1 + TEXT, signature);
            steps_drain(env);
        }
        trial_sample(out, bytes, 1 + TEXT + identity_signature_bytes(&signers.envs[0]));
    }
    out->verify = verify_aggregate;
    out->fixed_size = true;
}

/* ---- ML-DSA-44: key · message · signature ---- */

static int verify_mldsa(const uint8_t *bytes, size_t size) {
    const struct mldsa_parameters *parameters = &mldsa_44;
    const size_t front = parameters->public_key_bytes + TEXT;
    if (size < front)
        return ERR_TRUNCATED;
    return mldsa_verify(parameters, (struct mldsa_bytes){bytes, parameters->public_key_bytes},
                        (struct mldsa_bytes){"context", 7},
                        (struct mldsa_bytes){bytes + parameters->public_key_bytes, TEXT},
                        (struct mldsa_bytes){bytes + front, size - front});
}

void trial_mldsa(struct trial *out) {
    const struct mldsa_parameters *parameters = &mldsa_44;
    for (uint64_t i = 0; i < 2; i++) {
        uint8_t bytes[MLDSA_MAX_PUBLIC_BYTES + TEXT + MLDSA_MAX_SIGNATURE];
        uint8_t secret[MLDSA_MAX_SECRET_BYTES], seed[MLDSA_SEED_BYTES], random[MLDSA_RANDOM_BYTES];
        uint8_t *text = bytes + parameters->public_key_bytes;
        trial_bytes(seed, sizeof seed, i);
        trial_bytes(random, sizeof random, i);
        trial_bytes(text, TEXT, i);
        mldsa_keygen_internal(parameters, seed, bytes, secret);
        trial_require(mldsa_sign(parameters, secret, (struct mldsa_bytes){"context", 7},
                                 (struct mldsa_bytes){text, TEXT}, random, text + TEXT,
                                 NULL) == OK);
        trial_sample(out, bytes, parameters->public_key_bytes + TEXT + parameters->signature_bytes);
    }
    out->verify = verify_mldsa;
    out->random_per_mille = 600;
}

static int decode_hints(const uint8_t *bytes, size_t size, struct writer *again) {
    static struct mldsa_hints hints;
    uint8_t packed[128] = {0};
    unsigned count = 0;
    const int error = mldsa_unpack_hints(&mldsa_44, &hints, bytes);
    if (error != OK)
        return error;
    for (unsigned row = 0; row < mldsa_44.rows; row++)
        if (!mldsa_pack_hints(&mldsa_44, packed, row, hints.at[row], &count))
            return OK; /* and nothing is written: broken */
    write_bytes(again, packed, (size_t)mldsa_44.omega + mldsa_44.rows);
    return OK;
}

/* Rows with 0, 2, 1 and 3 hints; and with none. */
void trial_mldsa_hints(struct trial *out) {
    uint8_t bytes[84] = {7, 200, 5, 1, 2, 255}; /* omega + k */
    trial_require(sizeof bytes == (size_t)mldsa_44.omega + mldsa_44.rows);
    memcpy(bytes + mldsa_44.omega, "\0\2\3\6", 4);
    trial_sample(out, bytes, sizeof bytes);
    memset(bytes, 0, sizeof bytes);
    trial_sample(out, bytes, sizeof bytes);
    out->decode = decode_hints;
    out->fixed_size = true;
    out->computed = 5000;
}

/* ---- ECVRF: suite · key · alpha · proof ---- */

static int verify_vrf(const uint8_t *bytes, size_t size) {
    const uint8_t *alpha = bytes + 1 + VRF_PUBLIC_BYTES;
    uint8_t output[VRF_OUTPUT_BYTES], again[VRF_OUTPUT_BYTES];
    const struct vrf_suite *suite = bytes[0] == 0 ? &vrf_tai : &vrf_ell2;
    if (bytes[0] > 1)
        return ERR_NON_CANONICAL;
    const int error = vrf_verify(suite, bytes + 1, alpha, TEXT, alpha + TEXT, output);
    if (error != OK)
        return error;
    return vrf_proof_to_output(suite, alpha + TEXT, again) == OK &&
                   memcmp(output, again, sizeof output) == 0
               ? OK
               : ERR_CONFLICT;
}

void trial_vrf(struct trial *out) {
    for (uint8_t i = 0; i < 4; i++) {
        uint8_t bytes[1 + VRF_PUBLIC_BYTES + TEXT + VRF_PROOF_BYTES];
        const uint8_t seed[VRF_SEED_BYTES] = {i};
        struct vrf_key key;
        trial_bytes(bytes, sizeof bytes, i);
        bytes[0] = i % 2;
        vrf_key_from_seed(&key, i % 2 == 0 ? &vrf_tai : &vrf_ell2, seed);
        memcpy(bytes + 1, key.public_key, sizeof key.public_key);
        uint8_t *alpha = bytes + 1 + VRF_PUBLIC_BYTES;
        trial_require(vrf_prove(&key, alpha, TEXT, alpha + TEXT) == OK);
        trial_sample(out, bytes, sizeof bytes);
    }
    out->verify = verify_vrf;
    out->fixed_size = true;
    out->random_per_mille = 845;
}

/* ---- NTRU ---- */

static struct {
    uint8_t secret[NTRU_SECRET_BYTES];
    uint8_t shared[2][NTRU_SHARED_BYTES];
} kem;

/* Every ciphertext of the right size gives a secret; only genuine ones give those that were sent. */
static int verify_ciphertext(const uint8_t *bytes, size_t size) {
    uint8_t shared[NTRU_SHARED_BYTES];
    const int error = ntru_decaps(kem.secret, bytes, size, shared);
    if (error != OK)
        return error;
    return memcmp(shared, kem.shared[0], sizeof shared) == 0 ||
                   memcmp(shared, kem.shared[1], sizeof shared) == 0
               ? OK
               : ERR_MISMATCH;
}

void trial_ntru_decaps(struct trial *out) {
    uint8_t sample[NTRU_SAMPLE_BYTES], key[NTRU_PUBLIC_BYTES], ciphertext[NTRU_CIPHERTEXT_BYTES];
    const uint8_t rejection[NTRU_REJECTION_BYTES] = {1};
    trial_bytes(sample, sizeof sample, 1);
    trial_require(ntru_keygen(sample, rejection, key, kem.secret) == OK);
    for (uint64_t i = 0; i < 2; i++) {
        trial_bytes(sample, sizeof sample, 2 + i);
        trial_require(ntru_encaps(key, sizeof key, sample, ciphertext, kem.shared[i]) == OK);
        trial_sample(out, ciphertext, sizeof ciphertext);
    }
    out->verify = verify_ciphertext;
    out->sampled = true;
    out->random_per_mille = 770;
}

/* The same of the modelled one. */
static int verify_modelled(const uint8_t *bytes, size_t size) {
    uint8_t shared[KEM_SHARED_SIZE];
    const int error = suite_find("ed25519", "modelled")->kem_decaps(kem.secret, bytes, shared);
    if (error != OK)
        return error;
    return memcmp(shared, kem.shared[0], sizeof shared) == 0 ? OK : ERR_MISMATCH;
}

void trial_kem_modelled(struct trial *out) {
    const struct suite *modelled = suite_find("ed25519", "modelled");
    uint8_t key[KEM_PUBLIC_SIZE], ciphertext[KEM_CIPHERTEXT_SIZE], seed[SUITE_SEED_BYTES] = {1};
    modelled->kem_keypair(seed, key, kem.secret);
    trial_require(modelled->kem_encaps(key, seed, ciphertext, kem.shared[0]) == OK);
    trial_sample(out, ciphertext, sizeof ciphertext);
    out->verify = verify_modelled;
    out->fixed_size = true;
}

static int decode_ternary(const uint8_t *bytes, size_t size, struct writer *again) {
    uint8_t packed[NTRU_TERNARY_BYTES];
    struct ntru_poly poly;
    const int error = ntru_unpack_ternary(&poly, bytes);
    ntru_pack_ternary(packed, &poly);
    if (error == OK)
        write_bytes(again, packed, sizeof packed);
    return error;
}

void trial_ntru_ternary(struct trial *out) {
    uint8_t random[NTRU_IID_BYTES], bytes[NTRU_TERNARY_BYTES];
    struct ntru_poly poly;
    for (uint64_t i = 0; i < 2; i++) {
        trial_bytes(random, sizeof random, i);
        ntru_sample_iid(&poly, random);
        ntru_pack_ternary(bytes, &poly);
        trial_sample(out, bytes, sizeof bytes);
    }
    out->decode = decode_ternary;
    out->fixed_size = true;
}

/* Both readers: they differ in the last coefficient only. */
static int decode_packed(const uint8_t *bytes, size_t size, struct writer *again) {
    uint8_t packed[NTRU_PACKED_BYTES];
    struct ntru_poly poly, sum_zero;
    uint32_t sum = 0;
    const int error = ntru_unpack_q(&poly, bytes);
    if (ntru_unpack_sum_zero(&sum_zero, bytes) != error || poly.at[NTRU_N - 1] != 0)
        return OK; /* and nothing is written: broken */
    for (size_t i = 0; i < NTRU_N; i++)
        sum += sum_zero.at[i];
    if (sum % NTRU_Q != 0 || memcmp(&poly, &sum_zero, (NTRU_N - 1) * sizeof *poly.at) != 0)
        return OK;
    ntru_pack_q(packed, &poly);
    if (error == OK)
        write_bytes(again, packed, sizeof packed);
    return error;
}

void trial_ntru_packed(struct trial *out) {
    uint8_t bytes[NTRU_PACKED_BYTES];
    for (uint64_t i = 0; i < 2; i++) {
        trial_bytes(bytes, sizeof bytes, i);
        bytes[NTRU_PACKED_BYTES - 1] &= 0x0f; /* 676 * 11 = 929 * 8 + 4 bits */
        trial_sample(out, bytes, sizeof bytes);
    }
    out->decode = decode_packed;
    out->fixed_size = true;
}
