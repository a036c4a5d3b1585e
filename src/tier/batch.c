/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tier/batch.h"

#include <assert.h>

#include "base/error.h"

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

void batch_up_send(struct env *env, const struct committee *to, const struct batch_up *up) {
    size_t signature_bytes = identity_signature_bytes(env);
    size_t signed_bytes = UP_FIXED_BYTES + (size_t)up->origin_count * ORIGIN_BYTES;
    uint8_t bytes[64], signature[LIMIT_SIGNATURE_BYTES];
    struct writer writer;
    struct frame *frame = message_new(MESSAGE_BATCH_UP, tier_channel(TIER_CHAIN_CONTINENT, 0),
                                      signed_bytes + signature_bytes, &writer);
    write_u16(&writer, up->channel);
    write_u64(&writer, up->height);
    write_digest(&writer, &up->root);
    write_u32(&writer, up->origin_count);
    for (uint32_t i = 0; i < up->origin_count; i++) {
        write_u32(&writer, up->origins[i].node);
        write_u64(&writer, up->origins[i].number);
    }
    statement(env, up_domain, sizeof up_domain, writer.bytes, signed_bytes, bytes);
    identity_sign(env, bytes, sizeof bytes, signature);
    write_bytes(&writer, signature, signature_bytes);
    assert(writer.error == OK);
    env_broadcast(env, to->members, to->count, frame);
}

int batch_up_read(const struct message *message, size_t signature_bytes, struct batch_up *up,
                  struct batch_origin *origins, const uint8_t **signature, size_t *signed_bytes) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    up->channel = read_u16(&reader);
    up->height = read_u64(&reader);
    read_digest(&reader, &up->root);
    up->origin_count = read_u32(&reader);
    up->origins = origins;
    if (up->origin_count == 0 || up->origin_count > BATCH_ORIGINS_MAX)
        reader_fail(&reader, ERR_LIMIT);
    for (uint32_t i = 0; i < up->origin_count && reader.error == OK; i++)
        origins[i] = (struct batch_origin){read_u32(&reader), read_u64(&reader)};
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

/* The signed part names the batch, not the receiver, so that one signature serves all. */
#define ACK_SIGNED_BYTES (2 + 8 + DIGEST_BYTES)

void batch_ack_send(struct env *env, uint16_t channel, const struct batch_up *up) {
    size_t signature_bytes = identity_signature_bytes(env);
    uint8_t bytes[64], signature[LIMIT_SIGNATURE_BYTES], head[ACK_SIGNED_BYTES];
    struct writer writer;
    writer_init(&writer, head, sizeof head);
    write_u16(&writer, up->channel);
    write_u64(&writer, up->height);
    write_digest(&writer, &up->root);
    statement(env, ack_domain, sizeof ack_domain, head, sizeof head, bytes);
    identity_sign(env, bytes, sizeof bytes, signature);
    for (uint32_t i = 0; i < up->origin_count; i++) {
        struct frame *frame =
            message_new(MESSAGE_BATCH_ACK, channel, sizeof head + 8 + signature_bytes, &writer);
        write_bytes(&writer, head, sizeof head);
        write_u64(&writer, up->origins[i].number);
        write_bytes(&writer, signature, signature_bytes);
        assert(writer.error == OK);
        env_send(env, up->origins[i].node, frame);
    }
}

int batch_ack_read(struct env *env, node_id from, const struct message *message, uint64_t *number) {
    struct reader reader;
    uint8_t bytes[64];
    reader_init(&reader, message->body, message->size);
    const uint8_t *head = read_view(&reader, ACK_SIGNED_BYTES);
    *number = read_u64(&reader);
    const uint8_t *signature = read_view(&reader, identity_signature_bytes(env));
    int error = reader_finish(&reader);
    if (error != OK)
        return error;
    statement(env, ack_domain, sizeof ack_domain, head, ACK_SIGNED_BYTES, bytes);
    return identity_verify(env, from, bytes, sizeof bytes, signature) ? OK : ERR_SIGNATURE;
}
