/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/hotstuff/messages.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "crypto/identity.h"

#define BLOCK_FIXED_BYTES (8 + 8 + DIGEST_BYTES + 4)
#define BLOCK_ID_BYTES    (16 + 2 + 8 + 8 + DIGEST_BYTES + DIGEST_BYTES)

static const uint8_t domain[16] = "tierchain/block1";

size_t block_content_bytes(const struct block_content *block) {
    return BLOCK_FIXED_BYTES + block->payload.size;
}

void block_content_write(const struct block_content *block, struct writer *writer) {
    write_u64(writer, block->view);
    write_u64(writer, block->parent_view);
    write_digest(writer, &block->parent);
    write_blob(writer, block->payload.bytes, block->payload.size);
}

void block_content_read(struct block_content *block, struct reader *reader) {
    block->view = read_u64(reader);
    block->parent_view = read_u64(reader);
    read_digest(reader, &block->parent);
    block->payload.bytes = read_blob(reader, LIMIT_BATCH_BYTES, &block->payload.size);
    if (block->view >= HOTSTUFF_VIEW_LIMIT || block->parent_view >= block->view)
        reader_fail(reader, ERR_INVALID);
}

void block_content_id(struct env *env, uint16_t channel, const struct block_content *block,
                      struct digest *id) {
    uint8_t bytes[BLOCK_ID_BYTES];
    struct digest payload;
    struct writer writer;
    identity_hash(env, &payload, block->payload.bytes, block->payload.size);
    writer_init(&writer, bytes, sizeof bytes);
    write_bytes(&writer, domain, sizeof domain);
    write_u16(&writer, channel);
    write_u64(&writer, block->view);
    write_u64(&writer, block->parent_view);
    write_digest(&writer, &block->parent);
    write_digest(&writer, &payload);
    assert(writer.error == OK && writer.at == sizeof bytes);
    identity_hash(env, id, bytes, sizeof bytes);
}

static void read_certificate(struct certificate *certificate, struct reader *reader,
                             const struct certification *certification,
                             const struct message *message, enum vote_kind kind) {
    static const struct digest none;
    struct certification votes = certification_without_round(certification);
    certificate_read(certificate, reader, kind == VOTE_HOTSTUFF ? certification : &votes,
                     message->frame);
    const struct statement *statement = &certificate->statement;
    bool about_view = memcmp(&statement->block, &none, sizeof none) == 0;
    if (statement->kind != kind || statement->sequence != 0 ||
        statement->view >= HOTSTUFF_VIEW_LIMIT || (kind == VOTE_HOTSTUFF_TIMEOUT && !about_view))
        reader_fail(reader, ERR_INVALID);
}

static void read_optional(struct certificate *timeout, struct reader *reader,
                          const struct certification *certification, const struct message *message,
                          const struct certificate *before) {
    *timeout = (struct certificate){0};
    uint8_t present = read_u8(reader);
    if (present > 1)
        reader_fail(reader, ERR_NON_CANONICAL);
    if (present != 1)
        return;
    read_certificate(timeout, reader, certification, message, VOTE_HOTSTUFF_TIMEOUT);
    if (timeout->statement.view <= before->statement.view)
        reader_fail(reader, ERR_NON_CANONICAL);
}

static size_t optional_bytes(const struct certificate *timeout) {
    return timeout->frame == NULL ? 1 : 1 + timeout->size;
}

static void write_optional(const struct certificate *timeout, struct writer *writer) {
    write_u8(writer, timeout->frame != NULL);
    if (timeout->frame != NULL)
        certificate_write(timeout, writer);
}

static uint64_t read_view_number(struct reader *reader) {
    uint64_t view = read_u64(reader);
    if (view >= HOTSTUFF_VIEW_LIMIT)
        reader_fail(reader, ERR_INVALID);
    return view;
}

static struct frame *begin(uint16_t type, const struct certification *certification, size_t size,
                           struct writer *writer) {
    struct frame *frame = message_new(type, certification->channel, size, writer);
    if (frame == NULL)
        abort(); /* the limits of payload, count and committee keep every message below */
    return frame;
}

static struct frame *finish(struct frame *frame, const struct writer *writer) {
    assert(writer->error == OK && writer->at == writer->size);
    return frame;
}

int proposal_decode(struct proposal *out, const struct certification *certification,
                    const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    block_content_read(&out->block, &reader);
    read_certificate(&out->justify, &reader, certification, message, VOTE_HOTSTUFF);
    if (out->justify.statement.view != out->block.parent_view ||
        memcmp(&out->justify.statement.block, &out->block.parent, DIGEST_BYTES) != 0)
        reader_fail(&reader, ERR_MISMATCH);
    out->timeout = (struct certificate){0};
    if (out->block.parent_view + 1 != out->block.view) {
        read_certificate(&out->timeout, &reader, certification, message, VOTE_HOTSTUFF_TIMEOUT);
        if (out->timeout.statement.view + 1 != out->block.view)
            reader_fail(&reader, ERR_MISMATCH);
    }
    return reader_finish(&reader);
}

struct frame *proposal_encode(const struct proposal *proposal,
                              const struct certification *certification) {
    struct writer writer;
    const bool timed_out = proposal->block.parent_view + 1 != proposal->block.view;
    assert(timed_out == (proposal->timeout.frame != NULL));
    size_t size = block_content_bytes(&proposal->block) + proposal->justify.size +
                  (timed_out ? proposal->timeout.size : 0);
    struct frame *frame = begin(MESSAGE_HOTSTUFF_PROPOSAL, certification, size, &writer);
    block_content_write(&proposal->block, &writer);
    certificate_write(&proposal->justify, &writer);
    if (timed_out)
        certificate_write(&proposal->timeout, &writer);
    return finish(frame, &writer);
}

int vote_decode(struct vote *out, const struct certification *certification,
                const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    out->view = read_view_number(&reader);
    read_digest(&reader, &out->block);
    out->signature = read_view(&reader, certification->signature_bytes);
    out->commitment = NULL;
    if (certification->scheme->signing_hops > 0)
        out->commitment = read_view(&reader, HOTSTUFF_COMMITMENT_BYTES);
    return reader_finish(&reader);
}

struct frame *vote_encode(const struct vote *vote, const struct certification *certification) {
    struct writer writer;
    const size_t committed = vote->commitment == NULL ? 0 : HOTSTUFF_COMMITMENT_BYTES;
    struct frame *frame =
        begin(MESSAGE_HOTSTUFF_VOTE, certification,
              8 + DIGEST_BYTES + certification->signature_bytes + committed, &writer);
    write_u64(&writer, vote->view);
    write_digest(&writer, &vote->block);
    write_bytes(&writer, vote->signature, certification->signature_bytes);
    write_bytes(&writer, vote->commitment, committed);
    return finish(frame, &writer);
}

int sign_decode(struct sign_request *out, const struct certification *certification,
                const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    out->view = read_view_number(&reader);
    read_digest(&reader, &out->block);
    out->attempt = read_u16(&reader);
    out->signers = bitmap_read(&reader, certification->committee.count, &out->count);
    if (out->count != committee_quorum(&certification->committee))
        reader_fail(&reader, ERR_INVALID);
    out->commitments = read_view(&reader, (size_t)out->count * HOTSTUFF_COMMITMENT_BYTES);
    return reader_finish(&reader);
}

struct frame *sign_encode(const struct sign_request *request,
                          const struct certification *certification) {
    struct writer writer;
    const size_t bits = bitmap_bytes(certification->committee.count);
    const size_t list = (size_t)request->count * HOTSTUFF_COMMITMENT_BYTES;
    struct frame *frame =
        begin(MESSAGE_HOTSTUFF_SIGN, certification, 8 + DIGEST_BYTES + 2 + bits + list, &writer);
    write_u64(&writer, request->view);
    write_digest(&writer, &request->block);
    write_u16(&writer, (uint16_t)request->attempt);
    write_bytes(&writer, request->signers, bits);
    write_bytes(&writer, request->commitments, list);
    return finish(frame, &writer);
}

int share_decode(struct sign_share *out, const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    out->view = read_view_number(&reader);
    out->attempt = read_u16(&reader);
    out->scalar = read_view(&reader, SCALAR_BYTES);
    out->commitment = read_view(&reader, HOTSTUFF_COMMITMENT_BYTES);
    return reader_finish(&reader);
}

struct frame *share_encode(const struct sign_share *share,
                           const struct certification *certification) {
    struct writer writer;
    struct frame *frame = begin(MESSAGE_HOTSTUFF_SHARE, certification,
                                8 + 2 + SCALAR_BYTES + HOTSTUFF_COMMITMENT_BYTES, &writer);
    write_u64(&writer, share->view);
    write_u16(&writer, (uint16_t)share->attempt);
    write_bytes(&writer, share->scalar, SCALAR_BYTES);
    write_bytes(&writer, share->commitment, HOTSTUFF_COMMITMENT_BYTES);
    return finish(frame, &writer);
}

int new_view_decode(struct new_view *out, const struct certification *certification,
                    const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    out->view = read_view_number(&reader);
    out->signature = read_view(&reader, certification->signature_bytes);
    read_certificate(&out->high, &reader, certification, message, VOTE_HOTSTUFF);
    read_optional(&out->timeout, &reader, certification, message, &out->high);
    /* Who leaves a view can't know that it succeeded, nor that it failed. */
    if (out->high.statement.view >= out->view ||
        (out->timeout.frame != NULL && out->timeout.statement.view >= out->view))
        reader_fail(&reader, ERR_INVALID);
    return reader_finish(&reader);
}

struct frame *new_view_encode(const struct new_view *new_view,
                              const struct certification *certification) {
    struct writer writer;
    size_t size = 8 + certification->signature_bytes + new_view->high.size +
                  optional_bytes(&new_view->timeout);
    struct frame *frame = begin(MESSAGE_HOTSTUFF_NEW_VIEW, certification, size, &writer);
    write_u64(&writer, new_view->view);
    write_bytes(&writer, new_view->signature, certification->signature_bytes);
    certificate_write(&new_view->high, &writer);
    write_optional(&new_view->timeout, &writer);
    return finish(frame, &writer);
}

int fetch_decode(struct fetch *out, const struct certification *certification,
                 const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    out->view = read_view_number(&reader);
    read_digest(&reader, &out->block);
    read_certificate(&out->high, &reader, certification, message, VOTE_HOTSTUFF);
    return reader_finish(&reader);
}

struct frame *fetch_encode(const struct fetch *fetch, const struct certification *certification) {
    struct writer writer;
    size_t size = 8 + DIGEST_BYTES + fetch->high.size;
    struct frame *frame = begin(MESSAGE_HOTSTUFF_FETCH, certification, size, &writer);
    write_u64(&writer, fetch->view);
    write_digest(&writer, &fetch->block);
    certificate_write(&fetch->high, &writer);
    return finish(frame, &writer);
}

int blocks_decode(struct blocks *out, const struct certification *certification,
                  const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    out->count = read_u16(&reader);
    if (out->count > HOTSTUFF_BLOCKS_COUNT)
        reader_fail(&reader, ERR_LIMIT);
    for (uint32_t i = 0; i < out->count && reader.error == OK; i++) {
        block_content_read(&out->list[i], &reader);
        if (i > 0 && out->list[i].parent_view != out->list[i - 1].view)
            reader_fail(&reader, ERR_MISMATCH);
    }
    read_certificate(&out->certificate, &reader, certification, message, VOTE_HOTSTUFF);
    if (reader.error == OK && out->count > 0 &&
        out->certificate.statement.view != out->list[out->count - 1].view)
        reader_fail(&reader, ERR_MISMATCH);
    read_optional(&out->timeout, &reader, certification, message, &out->certificate);
    return reader_finish(&reader);
}

struct frame *blocks_encode(const struct blocks *blocks,
                            const struct certification *certification) {
    struct writer writer;
    size_t size = 2 + blocks->certificate.size + optional_bytes(&blocks->timeout);
    for (uint32_t i = 0; i < blocks->count; i++)
        size += block_content_bytes(&blocks->list[i]);
    struct frame *frame = begin(MESSAGE_HOTSTUFF_BLOCKS, certification, size, &writer);
    write_u16(&writer, (uint16_t)blocks->count);
    for (uint32_t i = 0; i < blocks->count; i++)
        block_content_write(&blocks->list[i], &writer);
    certificate_write(&blocks->certificate, &writer);
    write_optional(&blocks->timeout, &writer);
    return finish(frame, &writer);
}
