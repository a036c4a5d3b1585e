/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/adversary/forge_pbft.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

#define ROOM (1u << 18) /* of a body that is being written */

struct pbft_value forge_value(uint64_t number, uint64_t origin, uint8_t bytes[8]) {
    struct writer writer;
    writer_init(&writer, bytes, 8);
    write_u64(&writer, number);
    return (struct pbft_value){origin, bytes, 8, NULL};
}

struct digest forge_digest(const struct forger *forger, uint64_t sequence,
                           const struct pbft_value *value) {
    struct digest digest;
    struct env *env = forge_env(forger, forger->certification.committee.members[0]);
    pbft_value_digest(env, sequence, value, &digest);
    return digest;
}

struct frame *forge_pre_prepare(const struct forger *forger, node_id signer, uint64_t view,
                                uint64_t sequence, const struct pbft_value *value) {
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    const struct statement prepare = {VOTE_PBFT_PREPARE, forger->certification.channel, view,
                                      sequence, forge_digest(forger, sequence, value)};
    (void)forge_sign(forger, signer, &prepare, signature);
    const struct pbft_pre_prepare proposal = {view, sequence, *value, signature};
    return pbft_write_pre_prepare(&forger->certification, &proposal);
}

struct frame *forge_pbft_vote(const struct forger *forger, node_id signer,
                              const struct statement *statement) {
    const uint16_t type = statement->kind == VOTE_PBFT_PREPARE  ? MESSAGE_PBFT_PREPARE
                          : statement->kind == VOTE_PBFT_COMMIT ? MESSAGE_PBFT_COMMIT
                                                                : MESSAGE_PBFT_CHECKPOINT;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    (void)forge_sign(forger, signer, statement, signature);
    const struct pbft_vote vote = {statement->view, statement->sequence, statement->block,
                                   signature};
    return pbft_write_vote(type, &forger->certification, &vote);
}

static void write_certificate(const struct forger *forger, const struct forge_certificate *forged,
                              struct writer *writer) {
    struct certificate certificate = forge_certify(forger, forged);
    certificate_write(&certificate, writer);
    certificate_drop(&certificate);
}

/* The signed part and its signature. */
static void write_change(const struct forger *forger, const struct forge_change *change,
                         struct writer *writer) {
    const size_t start = writer->at;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    if (change->heard != NULL) {
        write_bytes(writer, change->heard->bytes, change->heard->size);
        write_bytes(writer, change->heard->signature, forger->certification.signature_bytes);
        return;
    }
    write_u64(writer, change->view);
    write_u64(writer, change->stable);
    write_u16(writer, change->has_entry);
    if (change->has_entry) {
        write_u64(writer, change->entry.sequence);
        write_u64(writer, change->entry.view);
        write_digest(writer, &change->entry.digest);
        write_u64(writer, change->entry.origin);
        write_digest(writer, &change->entry.content);
    }
    pbft_sign(forge_env(forger, change->signer), PBFT_SIGNS_CHANGE, forger->certification.channel,
              writer->bytes + start, writer->at - start, signature);
    write_bytes(writer, signature, forger->certification.signature_bytes);
}

static struct frame *finish(const struct forger *forger, uint16_t type, struct writer *body) {
    assert(body->error == OK);
    struct frame *frame = forge_message(forger, type, body->bytes, body->at);
    free(body->bytes);
    return frame;
}

struct frame *forge_view_change(const struct forger *forger, const struct forge_change *change) {
    static const struct pbft_value none;
    struct writer writer;
    writer_init(&writer, memory_new(1, ROOM), ROOM);
    write_change(forger, change, &writer);
    if (change->stable > 0)
        write_certificate(forger, &change->stable_proof, &writer);
    if (change->has_entry) {
        write_certificate(forger, &change->proof, &writer);
        pbft_write_value(&writer, &none);
    }
    return finish(forger, MESSAGE_PBFT_VIEW_CHANGE, &writer);
}

struct frame *forge_pbft_new_view(const struct forger *forger, const struct forge_new_view *view) {
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct writer writer;
    uint64_t stable = 0;
    writer_init(&writer, memory_new(1, ROOM), ROOM);
    write_u64(&writer, view->view);
    write_u16(&writer, (uint16_t)view->count);
    for (uint32_t i = 0; i < view->count; i++) {
        const struct forge_change *change = &view->changes[i];
        write_u16(&writer, (uint16_t)change->sender);
        write_change(forger, change, &writer);
        stable |= change->heard != NULL ? change->heard->stable : change->stable;
    }
    if (stable > 0)
        write_certificate(forger, &view->stable_proof, &writer);
    write_u16(&writer, (uint16_t)view->proof_count);
    for (uint32_t i = 0; i < view->proof_count; i++)
        write_certificate(forger, &view->proofs[i], &writer);
    pbft_sign(forge_env(forger, view->signer), PBFT_SIGNS_NEW_VIEW, forger->certification.channel,
              writer.bytes, writer.at, signature);
    write_bytes(&writer, signature, forger->certification.signature_bytes);
    return finish(forger, MESSAGE_PBFT_NEW_VIEW, &writer);
}

struct frame *forge_decided(const struct forger *forger, const struct forge_certificate *commit,
                            const struct pbft_value *value) {
    struct pbft_decided decided = {forge_certify(forger, commit), *value};
    struct frame *frame = pbft_write_decided(&forger->certification, &decided, 1);
    certificate_drop(&decided.commit);
    return frame;
}
