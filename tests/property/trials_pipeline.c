/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What travels between sender, holders, cities and the continent. */
#include <string.h>

#include "pipeline/gateway.h"
#include "pipeline/hold_messages.h"
#include "pipeline/record.h"
#include "pipeline/sender.h"
#include "tests/property/committee.h"
#include "tier/batch.h"
#include "tier/mempool.h"

#define ROOM 4096
#define ACKS 3

/* What member 0 asks of member 1. */
static struct promise terms_of(uint64_t nonce) {
    return (struct promise){.id = {{(uint8_t)nonce}},
                            .commitment = {{2}},
                            .root = {{3}},
                            .size = 50,
                            .index = 1,
                            .sender = 0,
                            .holder = 1,
                            .nonce = nonce,
                            .expiry = NS_PER_S};
}

static int verify_request(const uint8_t *bytes, size_t size) {
    struct message message = trial_message(MESSAGE_HOLD_REQUEST, bytes, size);
    struct hold_request request;
    return hold_request_open(committee_env(1), 0, &message, 0, &request);
}

void trial_hold_request(struct trial *out) {
    for (uint64_t nonce = 5; nonce < 7; nonce++) {
        const struct hold_request request = {nonce, terms_of(nonce)};
        trial_body(out, hold_request_frame(committee_env(0), 0, &request));
    }
    out->verify = verify_request;
}

static int decode_ack(const uint8_t *bytes, size_t size, struct writer *again) {
    struct message message = trial_message(MESSAGE_HOLD_ACK, bytes, size);
    struct hold_ack ack;
    const int error = hold_ack_read(committee_env(0), &message, &ack);
    if (error != OK)
        return error;
    write_u64(again, ack.number);
    write_u16(again, ack.index);
    write_bytes(again, ack.sealed, promise_sealed_bytes(identity_suite(committee_env(0))));
    return OK;
}

void trial_hold_ack(struct trial *out) {
    for (uint64_t stamp = 1; stamp <= 2; stamp++) {
        struct promise promise = terms_of(5);
        promise.stamp = stamp;
        trial_body(out, hold_ack_frame(committee_env(1), 5, &promise));
    }
    out->decode = decode_ack;
}

/* Number and index stand outside the seal, and only say which request to look up. */
static int verify_ack(const uint8_t *bytes, size_t size) {
    struct message message = trial_message(MESSAGE_HOLD_ACK, bytes, size);
    const struct promise terms = terms_of(5);
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct promise promise;
    struct hold_ack ack;
    const int error = hold_ack_read(committee_env(0), &message, &ack);
    if (error != OK)
        return error;
    if (ack.number != 5 || ack.index != terms.index)
        return ERR_UNKNOWN;
    return hold_ack_open(committee_env(0), &ack, &terms, 0, &promise, signature);
}

void trial_hold_ack_open(struct trial *out) {
    trial_hold_ack(out);
    out->decode = NULL;
    out->verify = verify_ack;
}

/* A record of @number by member 0, with promises of the other three. */
static void add_record(struct trial *trial, uint64_t number) {
    static uint8_t signatures[ACKS][LIMIT_SIGNATURE_BYTES];
    uint8_t output[VRF_OUTPUT_SIZE], bytes[ROOM];
    struct tx_record record = {.content = {{(uint8_t)number}},
                               .commitment = {{2}},
                               .number = number,
                               .expiry = NS_PER_S,
                               .size = 100,
                               .pieces = 4,
                               .needed = 2,
                               .promise_count = ACKS};
    transaction_id(&record.id, 0, number, record.expiry, &record.content);
    identity_vrf_prove(committee_env(0), record.id.bytes, sizeof record.id.bytes, record.proof,
                       output);
    for (uint32_t i = 0; i < ACKS; i++) {
        struct promise promise;
        record.promises[i] = (struct record_promise){.holder = 1 + i,
                                                     .index = (uint16_t)i,
                                                     .nonce = 20 + i,
                                                     .stamp = 30 + i,
                                                     .signature = signatures[i]};
        tx_record_promise(&record, i, &promise);
        promise_sign(identity_suite(committee_env(1 + i)),
                     committee_env(1 + i)->identity->secret_key, &promise, signatures[i]);
    }
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    tx_record_write(&writer, &record, committee_signature_bytes());
    committee_sample(trial, &writer);
}

static int decode_record(const uint8_t *bytes, size_t size, struct writer *again) {
    struct tx_record record;
    const int error = tx_record_read(bytes, size, committee_signature_bytes(), &record);
    if (error == OK)
        tx_record_write(again, &record, committee_signature_bytes());
    return error;
}

void trial_tx_record(struct trial *out) {
    add_record(out, 1);
    add_record(out, 2);
    out->decode = decode_record;
}

/* The promises sign the size of a piece, not k, n and the content's size: another such record is not
 * refused by this check, so it is not asked. */
static int verify_record(const uint8_t *bytes, size_t size) {
    uint8_t lot[VRF_OUTPUT_SIZE];
    struct tx_record record;
    const int error = tx_record_read(bytes, size, committee_signature_bytes(), &record);
    if (error != OK)
        return error;
    if (record.size != 100 || record.pieces != 4 || record.needed != 2)
        return ERR_INVALID;
    return tx_record_verify(committee_env(3), &record, ACKS, lot);
}

void trial_tx_record_verify(struct trial *out) {
    add_record(out, 1);
    add_record(out, 2);
    out->verify = verify_record;
}

/* The last message that @env sent. */
static struct frame *last_sent(const struct env *env) {
    size_t last = env->out.count - 1;
    while (env->out.list[last].type != EFFECT_SEND)
        last--;
    return env->out.list[last].frame;
}

/* What the gateway answers with is the number it read. */
static int decode_token(const uint8_t *bytes, size_t size, struct writer *again) {
    struct env *env = committee_env(0);
    struct message message = trial_message(MESSAGE_TOKEN_CHECK, bytes, size);
    const int error = gateway_token_check(env, 1, &message);
    if (error != OK)
        return error;
    const struct frame *reply = last_sent(env);
    write_bytes(again, reply->bytes + MESSAGE_HEADER_BYTES, reply->size - MESSAGE_HEADER_BYTES);
    write_bytes(again, bytes + again->at, size - again->at);
    return OK;
}

void trial_token(struct trial *out) {
    uint8_t bytes[8 + TOKEN_BYTES];
    trial_bytes(bytes, sizeof bytes, 1);
    trial_sample(out, bytes, sizeof bytes);
    out->decode = decode_token;
}

/* ---- batches ---- */

static struct batch_up *statement_of(uint32_t origins) {
    static struct batch_origin list[8];
    static struct batch_up up;
    for (uint32_t i = 0; i < origins; i++)
        list[i] = (struct batch_origin){i, 100 + i};
    up = (struct batch_up){0x1007, 5, {{6}}, origins, list};
    return &up;
}

static int decode_batch_up(const uint8_t *bytes, size_t size, struct writer *again) {
    static struct batch_origin origins[BATCH_ORIGINS_MAX];
    struct message message = trial_message(MESSAGE_BATCH_UP, bytes, size);
    const uint8_t *signature;
    struct batch_up up;
    size_t signed_bytes;
    const int error = batch_up_read(&message, committee_signature_bytes(), &up, origins, &signature,
                                    &signed_bytes);
    if (error != OK)
        return error;
    write_u16(again, up.channel);
    write_u64(again, up.height);
    write_digest(again, &up.root);
    write_u32(again, up.origin_count);
    for (uint32_t i = 0; i < up.origin_count; i++) {
        write_u32(again, up.origins[i].node);
        write_u64(again, up.origins[i].number);
    }
    if (again->at != signed_bytes)
        return OK; /* and the encodings differ */
    write_bytes(again, signature, committee_signature_bytes());
    return OK;
}

void trial_batch_up(struct trial *out) {
    for (uint32_t origins = 1; origins <= 4; origins++) {
        struct env *env = committee_env(0);
        struct digest key;
        trial_body(out, batch_up_frame(env, statement_of(origins), &key));
    }
    out->decode = decode_batch_up;
}

static int verify_batch_up(const uint8_t *bytes, size_t size) {
    static struct batch_origin origins[BATCH_ORIGINS_MAX];
    struct message message = trial_message(MESSAGE_BATCH_UP, bytes, size);
    const uint8_t *signature;
    struct batch_up up;
    size_t signed_bytes;
    const int error = batch_up_read(&message, committee_signature_bytes(), &up, origins, &signature,
                                    &signed_bytes);
    if (error != OK)
        return error;
    return batch_up_verify(committee_env(1), 0, bytes, signed_bytes, signature) ? OK
                                                                                : ERR_SIGNATURE;
}

void trial_batch_up_verify(struct trial *out) {
    trial_batch_up(out);
    out->decode = NULL;
    out->verify = verify_batch_up;
}

static int decode_batch_receipt(const uint8_t *bytes, size_t size, struct writer *again) {
    struct message message = trial_message(MESSAGE_BATCH_RECEIPT, bytes, size);
    struct batch_receipt receipt;
    const int error = batch_receipt_read(&message, &receipt);
    if (error == OK)
        trial_again(again, batch_receipt_frame(&receipt));
    return error;
}

void trial_batch_receipt(struct trial *out) {
    const struct batch_receipt receipt = {7, 5, {{6}}};
    trial_body(out, batch_receipt_frame(&receipt));
    out->decode = decode_batch_receipt;
}

static int decode_batch_ask(const uint8_t *bytes, size_t size, struct writer *again) {
    struct message message = trial_message(MESSAGE_BATCH_ASK, bytes, size);
    struct batch_ask ask;
    const int error = batch_ask_read(&message, &ask);
    if (error == OK)
        trial_again(again, batch_ask_frame(0, &ask));
    return error;
}

void trial_batch_ask(struct trial *out) {
    const struct batch_ask ask = {100, 7, 5};
    trial_body(out, batch_ask_frame(0, &ask));
    out->decode = decode_batch_ask;
}

/* A statement with the signatures of the committee's first two members. */
static struct frame *item_of(uint32_t origins) {
    struct batch_item item = {.up = *statement_of(origins), .signature_count = 2};
    uint8_t signatures[2][LIMIT_SIGNATURE_BYTES];
    struct frame *statements[2];
    const size_t signature_bytes = committee_signature_bytes();
    for (uint16_t i = 0; i < 2; i++) {
        struct digest key;
        statements[i] = batch_up_frame(committee_env(i), &item.up, &key);
        item.signed_bytes = statements[i]->size - MESSAGE_HEADER_BYTES - signature_bytes;
        memcpy(signatures[i], statements[i]->bytes + statements[i]->size - signature_bytes,
               signature_bytes);
        item.signers[i] = i;
        item.signatures[i] = signatures[i];
    }
    struct frame *frame =
        batch_item_frame(&item, statements[0]->bytes + MESSAGE_HEADER_BYTES, signature_bytes);
    frame_unref(statements[0]);
    frame_unref(statements[1]);
    return frame;
}

static int read_batch_item(const uint8_t *bytes, size_t size, struct batch_item *item) {
    static struct batch_origin origins[BATCH_ORIGINS_MAX];
    return batch_item_read(bytes, size, committee_signature_bytes(), item, origins);
}

static int decode_batch_item(const uint8_t *bytes, size_t size, struct writer *again) {
    struct batch_item item;
    const int error = read_batch_item(bytes, size, &item);
    if (error != OK)
        return error;
    struct frame *frame = batch_item_frame(&item, bytes, committee_signature_bytes());
    write_bytes(again, frame->bytes, frame->size);
    frame_unref(frame);
    return OK;
}

void trial_batch_item(struct trial *out) {
    for (uint32_t origins = 1; origins <= 4; origins++) {
        struct frame *frame = item_of(origins);
        trial_sample(out, frame->bytes, frame->size);
        frame_unref(frame);
    }
    out->decode = decode_batch_item;
}

static int verify_batch_item(const uint8_t *bytes, size_t size) {
    struct batch_item item;
    const int error = read_batch_item(bytes, size, &item);
    if (error != OK)
        return error;
    return batch_item_verify(committee_env(1), &item, bytes, &committee_certification()->committee)
               ? OK
               : ERR_SIGNATURE;
}

void trial_batch_item_verify(struct trial *out) {
    trial_batch_item(out);
    out->decode = NULL;
    out->verify = verify_batch_item;
}

static int verify_batch_ack(const uint8_t *bytes, size_t size) {
    struct message message = trial_message(MESSAGE_BATCH_ACK, bytes, size);
    struct batch_ack ack;
    const int error = batch_ack_read(&message, committee_signature_bytes(), &ack);
    if (error != OK)
        return error;
    /* The receiver's own number is not signed: it is in the middle, and says to whom it came. */
    return batch_ack_verify(committee_env(1), 0, &ack) && ack.number == 100 ? OK : ERR_SIGNATURE;
}

void trial_batch_ack(struct trial *out) {
    for (uint64_t height = 5; height < 7; height++) {
        uint8_t signature[LIMIT_SIGNATURE_BYTES];
        struct batch_ack ack = {7, height, {{6}}, ACK_DURABLE, 100, signature};
        batch_ack_sign(committee_env(0), &ack, signature);
        trial_body(out, batch_ack_frame(0, &ack, committee_signature_bytes()));
    }
    out->verify = verify_batch_ack;
}

static int decode_batch(const uint8_t *bytes, size_t size, struct writer *again) {
    struct reader reader;
    struct digest key;
    struct batch_head head;
    size_t item_size;
    const int error =
        mempool_batch_open(&reader, (struct batch){bytes, size}, LIMIT_MEMPOOL, &head);
    if (error != OK)
        return error;
    write_u64(again, (uint64_t)head.time);
    write_u32(again, (uint32_t)head.count);
    while (head.count-- > 0) {
        const uint8_t *item = mempool_batch_next(&reader, &key, &item_size);
        write_digest(again, &key);
        write_blob(again, item, item_size);
    }
    return OK;
}

void trial_mempool_batch(struct trial *out) {
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    for (uint32_t count = 1; count <= 3; count++) {
        write_u64(&writer, 1000 + count);
        write_u32(&writer, count);
        for (uint32_t i = 0; i < count; i++) {
            committee_write_digest_of(&writer, (uint8_t)i);
            write_blob(&writer, "an item", 3 * i);
        }
        committee_sample(out, &writer);
    }
    out->decode = decode_batch;
}
