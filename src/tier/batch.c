/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tier/batch.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "tier/chain.h"

static const char up_domain[] = "tierchain batch up";
static const char ack_domain[] = "tierchain batch ack";

/* What is signed: a domain tag and a digest of the body. */
static void statement(struct env *env, const char *domain, size_t domain_size, const void *body,
                      size_t size, uint8_t out[64]) {
    struct digest digest;
    struct writer writer;
    identity_hash(env, &digest, body, size);
    writer_init(&writer, out, 64);
    write_bytes(&writer, domain, domain_size);
    write_digest(&writer, &digest);
    while (writer.at < 64)
        write_u8(&writer, 0);
    assert(writer.error == OK);
}

#define UP_FIXED_BYTES (2 + 8 + DIGEST_BYTES + 4)
#define ORIGIN_BYTES   (4 + 8)

static void write_up(struct writer *writer, const struct batch_up *up) {
    write_u16(writer, up->channel);
    write_u64(writer, up->height);
    write_digest(writer, &up->root);
    write_u32(writer, up->origin_count);
    for (uint32_t i = 0; i < up->origin_count; i++) {
        write_u32(writer, up->origins[i].node);
        write_u64(writer, up->origins[i].number);
    }
}

static void read_up(struct reader *reader, struct batch_up *up, struct batch_origin *origins) {
    up->channel = read_u16(reader);
    up->height = read_u64(reader);
    read_digest(reader, &up->root);
    up->origin_count = read_u32(reader);
    up->origins = origins;
    if (up->origin_count == 0 || up->origin_count > BATCH_ORIGINS_MAX)
        reader_fail(reader, ERR_LIMIT);
    for (uint32_t i = 0; i < up->origin_count && reader->error == OK; i++)
        origins[i] = (struct batch_origin){read_u32(reader), read_u64(reader)};
}

struct frame *batch_up_frame(struct env *env, const struct batch_up *up, struct digest *key) {
    size_t signature_bytes = identity_signature_bytes(env);
    size_t signed_bytes = UP_FIXED_BYTES + (size_t)up->origin_count * ORIGIN_BYTES;
    uint8_t bytes[64], signature[LIMIT_SIGNATURE_BYTES];
    struct writer writer;
    struct frame *frame = message_new(MESSAGE_BATCH_UP, tier_channel(TIER_CHAIN_CONTINENT, 0),
                                      signed_bytes + signature_bytes, &writer);
    write_up(&writer, up);
    identity_hash(env, key, writer.bytes, signed_bytes);
    statement(env, up_domain, sizeof up_domain, writer.bytes, signed_bytes, bytes);
    identity_sign(env, bytes, sizeof bytes, signature);
    write_bytes(&writer, signature, signature_bytes);
    assert(writer.error == OK);
    return frame;
}

int batch_up_read(const struct message *message, size_t signature_bytes, struct batch_up *up,
                  struct batch_origin *origins, const uint8_t **signature, size_t *signed_bytes) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    read_up(&reader, up, origins);
    *signed_bytes = reader.at;
    *signature = read_view(&reader, signature_bytes);
    return reader_finish(&reader);
}

bool batch_up_verify(struct env *env, node_id from, const uint8_t *body, size_t signed_bytes,
                     const uint8_t *signature) {
    uint8_t bytes[64];
    statement(env, up_domain, sizeof up_domain, body, signed_bytes, bytes);
    return identity_verify(env, from, bytes, sizeof bytes, signature);
}

#define RECEIPT_BYTES (2 + 8 + DIGEST_BYTES)

struct frame *batch_receipt_frame(const struct batch_receipt *receipt) {
    struct writer writer;
    struct frame *frame =
        message_new(MESSAGE_BATCH_RECEIPT, receipt->channel, RECEIPT_BYTES, &writer);
    write_u16(&writer, receipt->channel);
    write_u64(&writer, receipt->height);
    write_digest(&writer, &receipt->key);
    assert(writer.error == OK);
    return frame;
}

int batch_receipt_read(const struct message *message, struct batch_receipt *receipt) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    receipt->channel = read_u16(&reader);
    receipt->height = read_u64(&reader);
    read_digest(&reader, &receipt->key);
    return reader_finish(&reader);
}

struct frame *batch_item_frame(const struct batch_item *item, const uint8_t *statement_bytes,
                               size_t signature_bytes) {
    struct writer writer;
    struct frame *frame =
        frame_new(item->signed_bytes + 2 + item->signature_count * (2 + signature_bytes));
    if (frame == NULL)
        abort(); /* a statement fits into a message, and its signatures are few */
    writer_init(&writer, frame->bytes, frame->size);
    write_bytes(&writer, statement_bytes, item->signed_bytes);
    write_u16(&writer, (uint16_t)item->signature_count);
    for (uint32_t i = 0; i < item->signature_count; i++) {
        write_u16(&writer, item->signers[i]);
        write_bytes(&writer, item->signatures[i], signature_bytes);
    }
    assert(writer.error == OK && writer.at == writer.size);
    return frame;
}

int batch_item_read(const uint8_t *bytes, size_t size, size_t signature_bytes,
                    struct batch_item *item, struct batch_origin *origins) {
    struct reader reader;
    reader_init(&reader, bytes, size);
    read_up(&reader, &item->up, origins);
    item->signed_bytes = reader.at;
    item->signature_count = read_u16(&reader);
    if (item->signature_count > LIMIT_COMMITTEE)
        reader_fail(&reader, ERR_LIMIT);
    for (uint32_t i = 0; i < item->signature_count && reader.error == OK; i++) {
        item->signers[i] = read_u16(&reader);
        item->signatures[i] = read_view(&reader, signature_bytes);
        if (i > 0 && item->signers[i] <= item->signers[i - 1])
            reader_fail(&reader, ERR_NON_CANONICAL);
    }
    return reader_finish(&reader);
}

bool batch_item_verify(struct env *env, const struct batch_item *item, const uint8_t *bytes,
                       const struct committee *city) {
    if (item->signature_count < committee_validity(city))
        return false;
    for (uint32_t i = 0; i < item->signature_count; i++)
        if (item->signers[i] >= city->count ||
            !batch_up_verify(env, city->members[item->signers[i]], bytes, item->signed_bytes,
                             item->signatures[i]))
            return false;
    return true;
}

#define ACK_SIGNED_BYTES (2 + 8 + DIGEST_BYTES + 1)

static void write_ack_head(struct writer *writer, const struct batch_ack *ack) {
    write_u16(writer, ack->channel);
    write_u64(writer, ack->height);
    write_digest(writer, &ack->root);
    write_u8(writer, (uint8_t)ack->level);
}

/* The signed part names the batch, not the receiver. */
static void ack_statement(struct env *env, const struct batch_ack *ack, uint8_t out[64]) {
    uint8_t head[ACK_SIGNED_BYTES];
    struct writer writer;
    writer_init(&writer, head, sizeof head);
    write_ack_head(&writer, ack);
    statement(env, ack_domain, sizeof ack_domain, head, sizeof head, out);
}

void batch_ack_sign(struct env *env, const struct batch_ack *ack, uint8_t *signature) {
    uint8_t bytes[64];
    ack_statement(env, ack, bytes);
    identity_sign(env, bytes, sizeof bytes, signature);
}

struct frame *batch_ack_frame(uint16_t channel, const struct batch_ack *ack,
                              size_t signature_bytes) {
    struct writer writer;
    struct frame *frame =
        message_new(MESSAGE_BATCH_ACK, channel, ACK_SIGNED_BYTES + 8 + signature_bytes, &writer);
    write_ack_head(&writer, ack);
    write_u64(&writer, ack->number);
    write_bytes(&writer, ack->signature, signature_bytes);
    assert(writer.error == OK);
    return frame;
}

int batch_ack_read(const struct message *message, size_t signature_bytes, struct batch_ack *ack) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    ack->channel = read_u16(&reader);
    ack->height = read_u64(&reader);
    read_digest(&reader, &ack->root);
    ack->level = read_u8(&reader);
    if (ack->level >= ACK_LEVELS)
        reader_fail(&reader, ERR_INVALID);
    ack->number = read_u64(&reader);
    ack->signature = read_view(&reader, signature_bytes);
    return reader_finish(&reader);
}

bool batch_ack_verify(struct env *env, node_id from, const struct batch_ack *ack) {
    uint8_t bytes[64];
    ack_statement(env, ack, bytes);
    return identity_verify(env, from, bytes, sizeof bytes, ack->signature);
}

#define ASK_BYTES (8 + 2 + 8)

struct frame *batch_ask_frame(uint16_t channel, const struct batch_ask *ask) {
    struct writer writer;
    struct frame *frame = message_new(MESSAGE_BATCH_ASK, channel, ASK_BYTES, &writer);
    write_u64(&writer, ask->number);
    write_u16(&writer, ask->channel);
    write_u64(&writer, ask->height);
    assert(writer.error == OK);
    return frame;
}

int batch_ask_read(const struct message *message, struct batch_ask *ask) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    ask->number = read_u64(&reader);
    ask->channel = read_u16(&reader);
    ask->height = read_u64(&reader);
    return reader_finish(&reader);
}
