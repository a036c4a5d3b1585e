/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/pbft/messages.h"

#include <string.h>

#include "base/error.h"
#include "crypto/identity.h"

static const char *const domains[] = {"tierchain/change/1", "tierchain/nview./1"};
static const uint8_t value_domain[16] = "tierchain/pbft/1";

void pbft_content_digest(struct env *env, uint64_t sequence, uint64_t origin,
                         const struct digest *content, struct digest *digest) {
    uint8_t bytes[sizeof value_domain + 8 + 8 + DIGEST_BYTES];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_bytes(&writer, value_domain, sizeof value_domain);
    write_u64(&writer, sequence);
    write_u64(&writer, origin);
    write_digest(&writer, content);
    identity_hash(env, digest, bytes, sizeof bytes);
}

void pbft_value_digest(struct env *env, uint64_t sequence, const struct pbft_value *value,
                       struct digest *digest) {
    struct digest content;
    *digest = (struct digest){{0}};
    if (value->size == 0)
        return;
    identity_hash(env, &content, value->bytes, value->size);
    pbft_content_digest(env, sequence, value->origin, &content, digest);
}

void pbft_read_value(struct reader *reader, struct frame *frame, struct pbft_value *out) {
    out->origin = read_u64(reader);
    out->bytes = read_blob(reader, LIMIT_BATCH_BYTES, &out->size);
    out->frame = frame;
    if (out->size == 0 && out->origin != 0)
        reader_fail(reader, ERR_NON_CANONICAL);
}

size_t pbft_value_bytes(const struct pbft_value *value) {
    return 8 + 4 + value->size;
}

void pbft_write_value(struct writer *writer, const struct pbft_value *value) {
    write_u64(writer, value->origin);
    write_blob(writer, value->bytes, value->size);
}

int pbft_read_pre_prepare(const struct message *message, const struct certification *certification,
                          struct pbft_pre_prepare *out) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    out->view = read_u64(&reader);
    out->sequence = read_u64(&reader);
    pbft_read_value(&reader, message->frame, &out->value);
    out->signature = read_view(&reader, certification->signature_bytes);
    return reader_finish(&reader);
}

struct frame *pbft_write_pre_prepare(const struct certification *certification,
                                     const struct pbft_pre_prepare *in) {
    struct writer writer;
    struct frame *frame =
        message_new(MESSAGE_PBFT_PRE_PREPARE, certification->channel,
                    8 + 8 + 8 + 4 + in->value.size + certification->signature_bytes, &writer);
    if (frame == NULL)
        return NULL;
    write_u64(&writer, in->view);
    write_u64(&writer, in->sequence);
    pbft_write_value(&writer, &in->value);
    write_bytes(&writer, in->signature, certification->signature_bytes);
    return frame;
}

int pbft_read_vote(const struct message *message, const struct certification *certification,
                   struct pbft_vote *out) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    out->view = read_u64(&reader);
    out->sequence = read_u64(&reader);
    read_digest(&reader, &out->digest);
    out->signature = read_view(&reader, certification->signature_bytes);
    return reader_finish(&reader);
}

struct frame *pbft_write_vote(uint16_t type, const struct certification *certification,
                              const struct pbft_vote *in) {
    struct writer writer;
    struct frame *frame =
        message_new(type, certification->channel,
                    8 + 8 + DIGEST_BYTES + certification->signature_bytes, &writer);
    if (frame == NULL)
        return NULL;
    write_u64(&writer, in->view);
    write_u64(&writer, in->sequence);
    write_digest(&writer, &in->digest);
    write_bytes(&writer, in->signature, certification->signature_bytes);
    return frame;
}

int pbft_read_fetch(const struct message *message, struct pbft_fetch *out) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    out->view = read_u64(&reader);
    out->next = read_u64(&reader);
    out->stable = read_u64(&reader);
    out->lacks = read_u64(&reader);
    read_digest(&reader, &out->value);
    if (out->next == 0)
        reader_fail(&reader, ERR_INVALID);
    return reader_finish(&reader);
}

struct frame *pbft_write_fetch(const struct certification *certification,
                               const struct pbft_fetch *in) {
    struct writer writer;
    struct frame *frame =
        message_new(MESSAGE_PBFT_FETCH, certification->channel, 4 * 8 + DIGEST_BYTES, &writer);
    if (frame == NULL)
        return NULL;
    write_u64(&writer, in->view);
    write_u64(&writer, in->next);
    write_u64(&writer, in->stable);
    write_u64(&writer, in->lacks);
    write_digest(&writer, &in->value);
    return frame;
}

int pbft_read_held(const struct message *message, struct pbft_held *out) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    out->sequence = read_u64(&reader);
    pbft_read_value(&reader, message->frame, &out->value);
    return reader_finish(&reader);
}

struct frame *pbft_write_held(uint16_t channel, const struct pbft_held *in) {
    struct writer writer;
    struct frame *frame =
        message_new(MESSAGE_PBFT_VALUE, channel, 8 + pbft_value_bytes(&in->value), &writer);
    if (frame == NULL)
        return NULL;
    write_u64(&writer, in->sequence);
    pbft_write_value(&writer, &in->value);
    return frame;
}

int pbft_read_decided(const struct message *message, const struct certification *certification,
                      struct pbft_decided out[PBFT_DECIDED_MAX], uint32_t *count) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    *count = read_u16(&reader);
    if (*count == 0 || *count > PBFT_DECIDED_MAX)
        reader_fail(&reader, ERR_LIMIT);
    for (uint32_t i = 0; i < *count && reader.error == OK; i++) {
        certificate_read(&out[i].commit, &reader, certification, message->frame);
        pbft_read_value(&reader, message->frame, &out[i].value);
    }
    return reader_finish(&reader);
}

size_t pbft_decided_bytes(const struct pbft_decided *in) {
    return in->commit.size + pbft_value_bytes(&in->value);
}

struct frame *pbft_write_decided(const struct certification *certification,
                                 const struct pbft_decided *in, uint32_t count) {
    struct writer writer;
    size_t size = 2;
    for (uint32_t i = 0; i < count; i++)
        size += pbft_decided_bytes(&in[i]);
    struct frame *frame = message_new(MESSAGE_PBFT_DECIDED, certification->channel, size, &writer);
    if (frame == NULL)
        return NULL;
    write_u16(&writer, (uint16_t)count);
    for (uint32_t i = 0; i < count; i++) {
        certificate_write(&in[i].commit, &writer);
        pbft_write_value(&writer, &in[i].value);
    }
    return frame;
}

void pbft_change_entry(const struct pbft_change *change, uint32_t index, struct pbft_entry *out) {
    struct reader reader;
    reader_init(&reader, change->entries + (size_t)index * PBFT_ENTRY_BYTES, PBFT_ENTRY_BYTES);
    out->sequence = read_u64(&reader);
    out->view = read_u64(&reader);
    read_digest(&reader, &out->digest);
    out->origin = read_u64(&reader);
    read_digest(&reader, &out->content);
}

/* h < n, ascending, and of earlier views; the caller checks n <= h + L. */
static void check_entries(struct reader *reader, const struct pbft_change *change) {
    static const struct digest none;
    struct pbft_entry entry;
    uint64_t before = change->stable;
    for (uint32_t i = 0; i < change->count; i++) {
        pbft_change_entry(change, i, &entry);
        if (entry.sequence <= before)
            reader_fail(reader, ERR_NON_CANONICAL);
        if (entry.view >= change->view || entry.origin > entry.view)
            reader_fail(reader, ERR_INVALID);
        if (entry.origin == 0 && memcmp(&entry.content, &none, sizeof none) != 0)
            reader_fail(reader, ERR_NON_CANONICAL);
        before = entry.sequence;
    }
}

void pbft_read_change(struct reader *reader, const struct certification *certification,
                      struct pbft_change *out) {
    const size_t start = reader->at;
    *out = (struct pbft_change){.view = read_u64(reader)};
    out->stable = read_u64(reader);
    out->count = read_u16(reader);
    if (out->count > PBFT_ENTRIES_MAX)
        reader_fail(reader, ERR_LIMIT);
    out->entries = read_view(reader, (size_t)out->count * PBFT_ENTRY_BYTES);
    out->bytes = reader->bytes + start;
    out->size = reader->at - start;
    out->signature = read_view(reader, certification->signature_bytes);
    if (reader->error == OK)
        check_entries(reader, out);
}

int pbft_read_view_change(const struct message *message, const struct certification *certification,
                          struct pbft_view_change *out) {
    struct reader reader;
    struct certificate proof;
    struct pbft_value value;
    reader_init(&reader, message->body, message->size);
    pbft_read_change(&reader, certification, &out->change);
    out->stable = (struct certificate){0};
    if (out->change.stable > 0)
        certificate_read(&out->stable, &reader, certification, message->frame);
    out->proofs = reader;
    for (uint32_t i = 0; i < out->change.count && reader.error == OK; i++)
        certificate_read(&proof, &reader, certification, message->frame);
    out->values = reader;
    for (uint32_t i = 0; i < out->change.count && reader.error == OK; i++)
        pbft_read_value(&reader, message->frame, &value);
    return reader_finish(&reader);
}

static uint64_t read_changes(struct reader *reader, const struct certification *certification,
                             struct pbft_new_view *out) {
    uint64_t stable = 0;
    for (uint32_t i = 0; i < out->count && reader->error == OK; i++) {
        out->senders[i] = read_u16(reader);
        if (out->senders[i] >= certification->committee.count)
            reader_fail(reader, ERR_NOT_MEMBER);
        if (i > 0 && out->senders[i] <= out->senders[i - 1])
            reader_fail(reader, ERR_NON_CANONICAL);
        pbft_read_change(reader, certification, &out->changes[i]);
        if (out->changes[i].view != out->view)
            reader_fail(reader, ERR_CERTIFICATE);
        if (out->changes[i].stable > stable)
            stable = out->changes[i].stable;
    }
    return stable;
}

int pbft_read_new_view(const struct message *message, const struct certification *certification,
                       struct pbft_new_view *out) {
    struct reader reader;
    struct certificate proof;
    reader_init(&reader, message->body, message->size);
    out->view = read_u64(&reader);
    out->count = read_u16(&reader);
    if (out->count > certification->committee.count)
        reader_fail(&reader, ERR_LIMIT);
    uint64_t stable = read_changes(&reader, certification, out);
    out->stable = (struct certificate){0};
    if (stable > 0)
        certificate_read(&out->stable, &reader, certification, message->frame);
    uint32_t proofs = read_u16(&reader);
    if (proofs > PBFT_ENTRIES_MAX)
        reader_fail(&reader, ERR_LIMIT);
    out->proofs = reader;
    for (uint32_t i = 0; i < proofs && reader.error == OK; i++)
        certificate_read(&proof, &reader, certification, message->frame);
    out->proofs_end = reader.at;
    out->signature = read_view(&reader, certification->signature_bytes);
    return reader_finish(&reader);
}

/* What is signed is the hash of domain, channel and bytes' hash: never a prefix of anything else.
 */
static void preimage(struct env *env, enum pbft_domain domain, uint16_t channel, const void *bytes,
                     size_t size, uint8_t out[PBFT_DOMAIN_BYTES + 2 + DIGEST_BYTES]) {
    struct digest content;
    struct writer writer;
    identity_hash(env, &content, bytes, size);
    writer_init(&writer, out, PBFT_DOMAIN_BYTES + 2 + DIGEST_BYTES);
    write_bytes(&writer, domains[domain], PBFT_DOMAIN_BYTES);
    write_u16(&writer, channel);
    write_digest(&writer, &content);
}

void pbft_sign(struct env *env, enum pbft_domain domain, uint16_t channel, const void *bytes,
               size_t size, uint8_t *signature) {
    uint8_t signs[PBFT_DOMAIN_BYTES + 2 + DIGEST_BYTES];
    preimage(env, domain, channel, bytes, size, signs);
    identity_sign(env, signs, sizeof signs, signature);
}

bool pbft_verify(struct env *env, enum pbft_domain domain, uint16_t channel, node_id signer,
                 const void *bytes, size_t size, const uint8_t *signature) {
    uint8_t signs[PBFT_DOMAIN_BYTES + 2 + DIGEST_BYTES];
    preimage(env, domain, channel, bytes, size, signs);
    return identity_verify(env, signer, signs, sizeof signs, signature);
}
