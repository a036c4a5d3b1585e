/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/hold_messages.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"

static const char request_domain[] = "tierchain hold request";

#define REQUEST_BYTES (8 + PROMISE_TERMS_BYTES)
#define SIGNED_BYTES  (sizeof request_domain + REQUEST_BYTES)
#define ACK_BYTES     (8 + 2)

static void signed_bytes(const struct hold_request *request, uint8_t bytes[SIGNED_BYTES]) {
    struct writer writer;
    writer_init(&writer, bytes, SIGNED_BYTES);
    write_bytes(&writer, request_domain, sizeof request_domain);
    write_u64(&writer, request->number);
    promise_terms_write(&writer, &request->terms);
    assert(writer.error == OK && writer.at == SIGNED_BYTES);
}

bool hold_request_equal(const struct hold_request *a, const struct hold_request *b) {
    uint8_t left[SIGNED_BYTES], right[SIGNED_BYTES];
    signed_bytes(a, left);
    signed_bytes(b, right);
    return memcmp(left, right, sizeof left) == 0;
}

struct frame *hold_request_frame(struct env *env, uint16_t channel,
                                 const struct hold_request *request) {
    uint8_t bytes[SIGNED_BYTES], signature[LIMIT_SIGNATURE_BYTES];
    size_t signature_bytes = identity_signature_bytes(env);
    struct writer writer;
    struct frame *frame =
        message_new(MESSAGE_HOLD_REQUEST, channel, REQUEST_BYTES + signature_bytes, &writer);
    signed_bytes(request, bytes);
    identity_sign(env, bytes, sizeof bytes, signature);
    write_u64(&writer, request->number);
    promise_terms_write(&writer, &request->terms);
    write_bytes(&writer, signature, signature_bytes);
    assert(writer.error == OK && writer.at == writer.size);
    return frame;
}

int hold_request_open(struct env *env, node_id from, const struct message *message, time_ns now,
                      struct hold_request *request) {
    uint8_t bytes[SIGNED_BYTES];
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    request->number = read_u64(&reader);
    promise_terms_read(&reader, &request->terms);
    const uint8_t *signature = read_view(&reader, identity_signature_bytes(env));
    int error = reader_finish(&reader);
    if (error != OK)
        return error;
    if (request->terms.sender != from)
        return ERR_NOT_MEMBER;
    if (request->terms.holder != env->self)
        return ERR_MISMATCH;
    if (request->terms.expiry <= now)
        return ERR_EXPIRED;
    signed_bytes(request, bytes);
    return identity_verify(env, from, bytes, sizeof bytes, signature) ? OK : ERR_SIGNATURE;
}

/* What the AEAD of a sealed promise works through. */
static void charge_seal(struct env *env) {
    size_t bytes = promise_sealed_bytes(identity_suite(env)) - KEM_CIPHERTEXT_SIZE;
    env_charge(env, WORK_SEAL_KIB, (bytes + 1023) / 1024);
}

/* Fresh randomness, with the promise mixed in: the stream of a node that restarts begins anew, and
 * two promises must not share a secret even then. */
static void make_seed(struct env *env, const struct promise *promise,
                      uint8_t seed[SUITE_SEED_BYTES]) {
    uint8_t random[SUITE_SEED_BYTES], bytes[PROMISE_BYTES];
    struct writer writer;
    rng_fill(&env->rng, random, sizeof random);
    writer_init(&writer, bytes, sizeof bytes);
    promise_write(&writer, promise);
    crypto_generichash(seed, SUITE_SEED_BYTES, bytes, sizeof bytes, random, sizeof random);
}

struct frame *hold_ack_frame(struct env *env, uint64_t number, const struct promise *promise) {
    const struct suite *suite = identity_suite(env);
    const uint8_t *sender_key = identity_kem_key(env, promise->sender);
    uint8_t sealed[PROMISE_SEALED_MAX], seed[SUITE_SEED_BYTES];
    struct writer writer;
    if (sender_key == NULL)
        return NULL;
    env_charge(env, WORK_SIGN, 1);
    env_charge(env, WORK_KEM_ENCAPS, 1);
    charge_seal(env);
    make_seed(env, promise, seed);
    if (promise_seal(suite, env->identity->secret_key, sender_key, seed, promise, sealed) != OK)
        return NULL;
    struct frame *frame =
        message_new(MESSAGE_HOLD_ACK, 0, ACK_BYTES + promise_sealed_bytes(suite), &writer);
    write_u64(&writer, number);
    write_u16(&writer, promise->index);
    write_bytes(&writer, sealed, promise_sealed_bytes(suite));
    assert(writer.error == OK && writer.at == writer.size);
    return frame;
}

int hold_ack_read(const struct env *env, const struct message *message, struct hold_ack *ack) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    ack->number = read_u64(&reader);
    ack->index = read_u16(&reader);
    ack->sealed = read_view(&reader, promise_sealed_bytes(identity_suite(env)));
    return reader_finish(&reader);
}

int hold_ack_open(struct env *env, const struct hold_ack *ack, const struct promise *terms,
                  time_ns now, struct promise *promise, uint8_t *signature) {
    const struct suite *suite = identity_suite(env);
    const struct promise_opening opening = {
        .sender_secret = identity_kem_secret(env),
        .holder_key = identity_public_key(env, terms->holder),
        .terms = terms,
        .now = now,
    };
    if (opening.holder_key == NULL)
        return ERR_UNKNOWN;
    env_charge(env, WORK_KEM_DECAPS, 1);
    charge_seal(env);
    int error =
        promise_open(suite, &opening, ack->sealed, promise_sealed_bytes(suite), promise, signature);
    if (error == OK || error == ERR_SIGNATURE) /* everything else is found before */
        env_charge(env, WORK_VERIFY, 1);
    return error;
}
