/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proof of hold: promises and audits. */
#include <string.h>

#include "hold/audit.h"
#include "hold/promise.h"
#include "tests/property/trials.h"

static int decode_promise(const uint8_t *bytes, size_t size, struct writer *again) {
    struct promise promise;
    struct reader reader;
    reader_init(&reader, bytes, size);
    promise_read(&reader, &promise);
    const int error = reader_finish(&reader);
    if (error == OK)
        promise_write(again, &promise);
    return error;
}

static const struct promise asked = {
    .size = 1, .index = 2, .sender = 3, .holder = 4, .nonce = 5, .expiry = NS_PER_S, .stamp = 6};

void trial_promise(struct trial *out) {
    uint8_t bytes[PROMISE_BYTES];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    promise_write(&writer, &asked);
    trial_sample(out, bytes, sizeof bytes);
    out->decode = decode_promise;
}

static int decode_terms(const uint8_t *bytes, size_t size, struct writer *again) {
    struct promise promise;
    struct reader reader;
    reader_init(&reader, bytes, size);
    promise_terms_read(&reader, &promise);
    const int error = reader_finish(&reader);
    if (error == OK)
        promise_terms_write(again, &promise);
    return error;
}

void trial_promise_terms(struct trial *out) {
    uint8_t bytes[PROMISE_TERMS_BYTES];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    promise_terms_write(&writer, &asked);
    trial_sample(out, bytes, sizeof bytes);
    out->decode = decode_terms;
}

static struct {
    const struct suite *suite;
    uint8_t sender_key[KEM_PUBLIC_SIZE], sender_secret[KEM_SECRET_SIZE];
    uint8_t holder_key[LIMIT_PUBLIC_KEY_BYTES], holder_secret[LIMIT_SECRET_KEY_BYTES];
} parties;

static int verify_sealed(const uint8_t *bytes, size_t size) {
    const struct promise_opening opening = {.sender_secret = parties.sender_secret,
                                            .holder_key = parties.holder_key,
                                            .terms = &asked,
                                            .now = 7};
    struct promise promise;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    return promise_open(parties.suite, &opening, bytes, size, &promise, signature);
}

/* Opening decapsulates, decrypts, and checks the signature with promise_verify. */
void trial_promise_open(struct trial *out) {
    uint8_t seed[SUITE_SEED_BYTES] = {1}, sealed[PROMISE_SEALED_MAX];
    parties.suite = suite_find("ed25519", "real");
    parties.suite->keypair(parties.suite, seed, parties.holder_key, parties.holder_secret);
    parties.suite->kem_keypair(seed, parties.sender_key, parties.sender_secret);
    for (uint64_t i = 0; i < 2; i++) {
        trial_bytes(seed, sizeof seed, 2 + i);
        trial_require(promise_seal(parties.suite, parties.holder_secret, parties.sender_key, seed,
                                   &asked, sealed) == OK);
        trial_sample(out, sealed, promise_sealed_bytes(parties.suite));
    }
    out->verify = verify_sealed;
    out->sampled = true;
    out->random_per_mille = 940;
    out->computed = 2000; /* trial_ntru_decaps has the rest */
}

/* ---- audits ---- */

#define BLOCKS 11
#define PIECE  (BLOCKS * AUDIT_BLOCK_BYTES - 9)
#define COUNT  3
#define ROOM   (DIGEST_BYTES + COUNT * (AUDIT_BLOCK_BYTES + 4 * DIGEST_BYTES))

static struct {
    uint8_t seed[SUITE_SEED_BYTES], key[VRF_KEY_SIZE], piece[PIECE];
    struct digest nodes[2 * BLOCKS + 64];
    struct merkle_tree tree;
    struct audit audit;
} bench;

static const struct suite *suite(void) {
    return suite_find("ed25519", "real");
}

static void make_audit(uint64_t round) {
    trial_bytes(bench.piece, sizeof bench.piece, 1);
    suite()->vrf_keypair(bench.seed, bench.key);
    audit_leaves(bench.piece, PIECE, bench.nodes);
    merkle_tree_init(&bench.tree, bench.nodes, BLOCKS);
    bench.audit = (struct audit){.challenge = {.root = *merkle_tree_root(&bench.tree),
                                               .size = PIECE,
                                               .auditor = 1,
                                               .holder = 2,
                                               .round = round,
                                               .deadline = 9,
                                               .count = COUNT}};
    trial_require(audit_challenge_prove(suite(), bench.seed, bench.key, &bench.audit.challenge,
                                        &bench.audit.draw) == OK);
}

static int decode_challenge(const uint8_t *bytes, size_t size, struct writer *again) {
    struct audit_challenge challenge;
    struct reader reader;
    reader_init(&reader, bytes, size);
    audit_challenge_read(&reader, &challenge);
    const int error = reader_finish(&reader);
    if (error == OK)
        audit_challenge_write(again, &challenge);
    return error;
}

void trial_audit_challenge(struct trial *out) {
    uint8_t bytes[AUDIT_CHALLENGE_BYTES];
    struct writer writer;
    for (uint64_t round = 1; round <= 2; round++) {
        make_audit(round);
        writer_init(&writer, bytes, sizeof bytes);
        audit_challenge_write(&writer, &bench.audit.challenge);
        trial_sample(out, bytes, writer.at);
    }
    out->decode = decode_challenge;
}

static int verify_lot(const uint8_t *bytes, size_t size) {
    struct audit_challenge challenge;
    struct audit_draw draw;
    struct reader reader;
    reader_init(&reader, bytes, size);
    audit_challenge_read(&reader, &challenge);
    const int error = reader_finish(&reader);
    return error != OK ? error : audit_challenge_draw(suite(), bench.key, &challenge, &draw);
}

void trial_audit_lot(struct trial *out) {
    trial_audit_challenge(out);
    out->decode = NULL;
    out->verify = verify_lot;
    out->random_per_mille = 950;
    out->computed = 2000; /* trial_vrf has the rest */
}

static int verify_answer(const uint8_t *bytes, size_t size) {
    struct audit open = bench.audit;
    const int error = audit_judge(&open, 0, bytes, size);
    return error == OK && !open.answered ? ERR_INVALID : error;
}

void trial_audit_answer(struct trial *out) {
    uint8_t answer[ROOM];
    struct writer writer;
    make_audit(1);
    writer_init(&writer, answer, sizeof answer);
    audit_response_write(&writer, &bench.audit.challenge, &bench.audit.draw, &bench.tree,
                         bench.piece);
    trial_require(writer.error == OK);
    trial_sample(out, answer, writer.at);
    out->verify = verify_answer;
}
