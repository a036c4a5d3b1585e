/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threshold cryptography: a group of three, of which two suffice. */
#include <string.h>

#include "crypto/threshold/coin.h"
#include "crypto/threshold/frost.h"
#include "crypto/threshold/tdh2.h"
#include "tests/property/trials.h"

enum { HOLDERS = 3, THRESHOLD = 2, TEXT = 16 };

static const uint8_t coefficients[THRESHOLD][SCALAR_BYTES] = {{7}, {11}};

struct group {
    const struct frost_suite *suite;
    uint8_t public_key[ELEMENT_BYTES];
    struct shamir_share keys[HOLDERS];
    uint8_t public_shares[HOLDERS][ELEMENT_BYTES];
    struct frost_nonces nonces[HOLDERS];
    struct frost_commitment commitments[HOLDERS];
    struct frost_session session;
    struct frost_share shares[HOLDERS];
};

static struct group groups[2]; /* one of each suite */

static void group_init(struct group *group, const struct frost_suite *suite) {
    *group = (struct group){.suite = suite};
    trial_require(frost_public_key(suite, group->public_key, coefficients[0]) == OK);
    for (uint32_t i = 0; i < HOLDERS; i++) {
        uint8_t random[2][FROST_RANDOMNESS_BYTES];
        trial_bytes(random, sizeof random, i);
        trial_require(shamir_share_of(&group->keys[i], i + 1, coefficients, THRESHOLD) == OK);
        trial_require(frost_public_key(suite, group->public_shares[i], group->keys[i].scalar) ==
                      OK);
        trial_require(
            frost_commit(suite, &group->nonces[i], &group->keys[i], random[0], random[1]) == OK);
        group->commitments[i] = group->nonces[i].commitment;
    }
    trial_require(frost_session_init(&group->session, suite, group->public_key, group->commitments,
                                     HOLDERS, THRESHOLD, "sixteen bytes...", TEXT) == OK);
    for (uint32_t i = 0; i < HOLDERS; i++)
        trial_require(frost_sign(&group->session, &group->keys[i], &group->nonces[i],
                                 &group->shares[i]) == OK);
}

static void make_groups(void) {
    group_init(&groups[0], &frost_ristretto255);
    group_init(&groups[1], &frost_ed25519);
}

/* ---- FROST: first byte the suite ---- */

/* suite · key · message · signature */
static int verify_frost(const uint8_t *bytes, size_t size) {
    const uint8_t *text = bytes + 1 + ELEMENT_BYTES;
    if (bytes[0] > 1)
        return ERR_NON_CANONICAL;
    return frost_verify(groups[bytes[0]].suite, bytes + 1, text, TEXT, text + TEXT);
}

void trial_frost_signature(struct trial *out) {
    make_groups();
    for (uint8_t i = 0; i < 2; i++) {
        uint8_t bytes[1 + ELEMENT_BYTES + TEXT + FROST_SIGNATURE_BYTES] = {i};
        uint8_t *text = bytes + 1 + ELEMENT_BYTES;
        uint32_t culprit;
        memcpy(bytes + 1, groups[i].public_key, ELEMENT_BYTES);
        memcpy(text, "sixteen bytes...", TEXT);
        trial_require(frost_aggregate(&groups[i].session, groups[i].shares, groups[i].public_shares,
                                      &culprit, text + TEXT) == OK);
        trial_sample(out, bytes, sizeof bytes);
    }
    out->verify = verify_frost;
    out->fixed_size = true;
    out->random_per_mille = 780;
}

/* suite · u32 holder · scalar */
static int verify_frost_share(const uint8_t *bytes, size_t size) {
    struct frost_share share;
    struct reader reader;
    reader_init(&reader, bytes + 1, size - 1);
    share.holder = read_u32(&reader);
    read_bytes(&reader, share.scalar, sizeof share.scalar);
    if (bytes[0] > 1)
        return ERR_NON_CANONICAL;
    if (share.holder == 0 || share.holder > HOLDERS)
        return ERR_NOT_MEMBER;
    const struct group *group = &groups[bytes[0]];
    return frost_share_verify(&group->session, &share, group->public_shares[share.holder - 1]);
}

void trial_frost_share(struct trial *out) {
    make_groups();
    for (uint8_t i = 0; i < 2; i++)
        for (uint8_t k = 0; k < HOLDERS; k++) {
            uint8_t bytes[1 + 4 + SCALAR_BYTES] = {i, (uint8_t)(k + 1)};
            memcpy(bytes + 5, groups[i].shares[k].scalar, SCALAR_BYTES);
            trial_sample(out, bytes, sizeof bytes);
        }
    out->verify = verify_frost_share;
    out->fixed_size = true;
    out->random_per_mille = 870;
}

/* Writes the element as the group's addition does, which is the canonical encoding. */
static void write_element(struct writer *again, const struct frost_suite *suite,
                          const uint8_t *element) {
    uint8_t sum[ELEMENT_BYTES];
    if (suite->add(sum, element, suite->identity) == 0 &&
        memcmp(element, suite->identity, ELEMENT_BYTES) != 0)
        write_bytes(again, sum, sizeof sum);
}

/* suite · three times: u32 holder · hiding · binding */
static int decode_commitments(const uint8_t *bytes, size_t size, struct writer *again) {
    struct frost_commitment list[HOLDERS];
    struct frost_session session;
    struct reader reader;
    reader_init(&reader, bytes, size);
    const uint8_t suite = read_u8(&reader);
    for (size_t i = 0; i < HOLDERS; i++) {
        list[i].holder = read_u32(&reader);
        read_bytes(&reader, list[i].hiding, ELEMENT_BYTES);
        read_bytes(&reader, list[i].binding, ELEMENT_BYTES);
    }
    if (suite > 1)
        return ERR_NON_CANONICAL;
    const struct group *group = &groups[suite];
    const int error = frost_session_init(&session, group->suite, group->public_key, list, HOLDERS,
                                         THRESHOLD, "message", 7);
    if (error != OK)
        return error;
    write_u8(again, suite);
    for (size_t i = 0; i < HOLDERS; i++) {
        write_u32(again, list[i].holder);
        write_element(again, group->suite, list[i].hiding);
        write_element(again, group->suite, list[i].binding);
    }
    return OK;
}

void trial_frost_commitments(struct trial *out) {
    make_groups();
    for (uint8_t i = 0; i < 2; i++) {
        uint8_t bytes[1 + HOLDERS * (4 + 2 * ELEMENT_BYTES)];
        struct writer writer;
        writer_init(&writer, bytes, sizeof bytes);
        write_u8(&writer, i);
        for (size_t k = 0; k < HOLDERS; k++) {
            write_u32(&writer, groups[i].commitments[k].holder);
            write_bytes(&writer, groups[i].commitments[k].hiding, ELEMENT_BYTES);
            write_bytes(&writer, groups[i].commitments[k].binding, ELEMENT_BYTES);
        }
        trial_sample(out, bytes, writer.at);
    }
    out->decode = decode_commitments;
    out->fixed_size = true;
    out->random_per_mille = 800;
    out->computed = 4000; /* three times two elements each */
}

/* ---- proofs of equal logarithms: base · key · image · challenge · response ---- */

static int verify_dleq(const uint8_t *bytes, size_t size) {
    struct dleq_proof proof;
    const struct dleq_claim claim = {.domain = "trial",
                                     .base = bytes,
                                     .key = bytes + ELEMENT_BYTES,
                                     .image = bytes + 2 * ELEMENT_BYTES,
                                     .context = "context",
                                     .context_size = 7};
    memcpy(&proof, bytes + 3 * ELEMENT_BYTES, sizeof proof);
    return dleq_verify(&proof, &claim);
}

void trial_dleq(struct trial *out) {
    for (uint8_t i = 1; i <= 2; i++) {
        uint8_t bytes[3 * ELEMENT_BYTES + sizeof(struct dleq_proof)], nonce[NONCE_BYTES] = {i};
        const uint8_t secret[SCALAR_BYTES] = {(uint8_t)(i + 4)}, exponent[SCALAR_BYTES] = {i};
        struct dleq_proof proof;
        const struct dleq_claim claim = {.domain = "trial",
                                         .base = bytes,
                                         .key = bytes + ELEMENT_BYTES,
                                         .image = bytes + 2 * ELEMENT_BYTES,
                                         .context = "context",
                                         .context_size = 7};
        trial_require(frost_ristretto255.base(bytes, exponent) == 0);
        trial_require(frost_ristretto255.base(bytes + ELEMENT_BYTES, secret) == 0);
        trial_require(frost_ristretto255.multiply(bytes + 2 * ELEMENT_BYTES, secret, bytes) == 0);
        trial_require(dleq_prove(&proof, &claim, secret, nonce) == OK);
        memcpy(bytes + 3 * ELEMENT_BYTES, &proof, sizeof proof);
        trial_sample(out, bytes, sizeof bytes);
    }
    out->verify = verify_dleq;
    out->fixed_size = true;
    out->random_per_mille = 805;
}

/* ---- shares of a coin and of a decryption: u32 holder · element · proof ---- */

static void write_share(struct trial *trial, const struct dh_share *share) {
    uint8_t bytes[4 + ELEMENT_BYTES + sizeof share->proof];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_u32(&writer, share->holder);
    write_bytes(&writer, share->element, ELEMENT_BYTES);
    write_bytes(&writer, &share->proof, sizeof share->proof);
    trial_sample(trial, bytes, writer.at);
}

/* ERR_NOT_MEMBER when nobody has that number. */
static int read_share(struct dh_share *share, const uint8_t *bytes, size_t size) {
    struct reader reader;
    reader_init(&reader, bytes, size);
    share->holder = read_u32(&reader);
    read_bytes(&reader, share->element, ELEMENT_BYTES);
    read_bytes(&reader, &share->proof, sizeof share->proof);
    if (share->holder == 0 || share->holder > HOLDERS)
        return ERR_NOT_MEMBER;
    return reader_finish(&reader);
}

static int verify_coin(const uint8_t *bytes, size_t size) {
    struct dh_share share;
    const int error = read_share(&share, bytes, size);
    return error != OK
               ? error
               : coin_share_verify(&share, groups[0].public_shares[share.holder - 1], "coin 1", 6);
}

void trial_coin_share(struct trial *out) {
    make_groups();
    for (uint8_t i = 0; i < HOLDERS; i++) {
        const uint8_t nonce[NONCE_BYTES] = {(uint8_t)(i + 1)};
        struct dh_share share;
        trial_require(coin_share_make(&share, &groups[0].keys[i], "coin 1", 6, nonce) == OK);
        write_share(out, &share);
    }
    out->verify = verify_coin;
    out->fixed_size = true;
    out->random_per_mille = 850;
}

/* ---- TDH2 ---- */

static const struct tdh2_randomness randomness = {{1}, {2}, {3}};

static int verify_tdh2(const uint8_t *bytes, size_t size) {
    struct tdh2_ciphertext ciphertext;
    return tdh2_check(&ciphertext, bytes, size, "label", 5);
}

static void encrypt(uint8_t out[TEXT + TDH2_OVERHEAD_BYTES]) {
    trial_require(tdh2_encrypt(out, groups[0].public_key, "label", 5, "sixteen bytes...", TEXT,
                               &randomness) == OK);
}

void trial_tdh2(struct trial *out) {
    uint8_t bytes[TEXT + TDH2_OVERHEAD_BYTES];
    make_groups();
    encrypt(bytes);
    trial_sample(out, bytes, sizeof bytes);
    out->verify = verify_tdh2;
    out->random_per_mille = 830;
}

static struct tdh2_ciphertext encrypted;

static int verify_tdh2_share(const uint8_t *bytes, size_t size) {
    struct dh_share share;
    const int error = read_share(&share, bytes, size);
    return error != OK
               ? error
               : tdh2_share_verify(&share, &encrypted, groups[0].public_shares[share.holder - 1]);
}

void trial_tdh2_share(struct trial *out) {
    static uint8_t bytes[TEXT + TDH2_OVERHEAD_BYTES];
    make_groups();
    encrypt(bytes);
    trial_require(tdh2_check(&encrypted, bytes, sizeof bytes, "label", 5) == OK);
    for (uint8_t i = 0; i < HOLDERS; i++) {
        const uint8_t nonce[NONCE_BYTES] = {(uint8_t)(i + 1)};
        struct dh_share share;
        trial_require(tdh2_share_make(&share, &encrypted, &groups[0].keys[i], nonce) == OK);
        write_share(out, &share);
    }
    out->verify = verify_tdh2_share;
    out->fixed_size = true;
    out->random_per_mille = 850;
}

/* ---- shares that a dealer hands out: u32 holder · scalar ---- */

static uint8_t commitments[THRESHOLD][ELEMENT_BYTES];

static int verify_dealt(const uint8_t *bytes, size_t size) {
    struct shamir_share share;
    struct reader reader;
    reader_init(&reader, bytes, size);
    share.holder = read_u32(&reader);
    read_bytes(&reader, share.scalar, sizeof share.scalar);
    return feldman_check(&share, commitments, THRESHOLD);
}

/* The coefficients are small, so the shares are: a polynomial that is nobody's guess is needed. */
void trial_feldman(struct trial *out) {
    uint8_t secret[THRESHOLD][SCALAR_BYTES];
    trial_bytes(secret, sizeof secret, 1);
    for (size_t i = 0; i < THRESHOLD; i++)
        secret[i][SCALAR_BYTES - 1] &= 0x0f; /* below L */
    trial_require(feldman_commit(commitments, secret, THRESHOLD) == OK);
    for (uint32_t holder = 1; holder <= HOLDERS; holder++) {
        uint8_t bytes[4 + SCALAR_BYTES] = {(uint8_t)holder};
        struct shamir_share share;
        trial_require(shamir_share_of(&share, holder, secret, THRESHOLD) == OK);
        memcpy(bytes + 4, share.scalar, SCALAR_BYTES);
        trial_sample(out, bytes, sizeof bytes);
    }
    out->verify = verify_dealt;
    out->fixed_size = true;
    out->random_per_mille = 890;
}
