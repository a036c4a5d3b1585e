/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/pbft_forge.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"

#define ROOM 16384

struct certification forge_certification(struct world *world) {
    return (struct certification){
        .scheme = &certificate_list,
        .committee = world_committee(world),
        .channel = WORLD_CHANNEL,
        .signature_bytes = identity_signature_bytes(world_forger(world, 0)),
    };
}

struct pbft_value forge_value(uint64_t number, uint64_t origin, uint8_t bytes[8]) {
    struct writer writer;
    writer_init(&writer, bytes, 8);
    write_u64(&writer, number);
    return (struct pbft_value){origin, bytes, 8, NULL};
}

struct digest forge_digest(struct world *world, uint64_t sequence, const struct pbft_value *value) {
    struct digest digest;
    pbft_value_digest(world_forger(world, 0), sequence, value, &digest);
    return digest;
}

struct frame *forge_pre_prepare(struct world *world, node_id signer, uint64_t view,
                                uint64_t sequence, const struct pbft_value *value) {
    const struct certification certification = forge_certification(world);
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    const struct statement prepare = {VOTE_PBFT_PREPARE, WORLD_CHANNEL, view, sequence,
                                      forge_digest(world, sequence, value)};
    statement_sign(world_forger(world, signer), &prepare, signature);
    const struct pbft_pre_prepare proposal = {view, sequence, *value, signature};
    return pbft_write_pre_prepare(&certification, &proposal);
}

struct frame *forge_vote(struct world *world, node_id signer, const struct statement *statement) {
    const struct certification certification = forge_certification(world);
    const uint16_t type = statement->kind == VOTE_PBFT_PREPARE  ? MESSAGE_PBFT_PREPARE
                          : statement->kind == VOTE_PBFT_COMMIT ? MESSAGE_PBFT_COMMIT
                                                                : MESSAGE_PBFT_CHECKPOINT;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    statement_sign(world_forger(world, signer), statement, signature);
    const struct pbft_vote vote = {statement->view, statement->sequence, statement->block,
                                   signature};
    return pbft_write_vote(type, &certification, &vote);
}

static void write_certificate(struct world *world, const struct certification *certification,
                              const struct forge_certificate *forged, struct writer *writer) {
    struct vote_set set;
    struct certificate certificate;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct statement other = forged->statement;
    uint32_t count = 0;
    other.sequence += 1000;
    vote_set_init(&set, certification);
    for (uint32_t i = 0; i < FORGE_MEMBERS; i++) {
        if ((forged->signers >> i & 1) == 0)
            continue;
        const bool truly = (forged->false_signers >> i & 1) == 0;
        struct env *env = world_forger(world, i);
        statement_sign(env, truly ? &forged->statement : &other, signature);
        vote_set_add(&set, i, &forged->statement.block, signature);
        count++;
    }
    int error =
        vote_set_certify(&set, world_forger(world, 0), &forged->statement, count, &certificate);
    assert(error == OK);
    certificate_write(&certificate, writer);
    certificate_drop(&certificate);
    vote_set_deinit(&set);
}

/* The signed part and its signature. */
static void write_change(struct world *world, const struct certification *certification,
                         const struct forge_change *change, struct writer *writer) {
    const size_t start = writer->at;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
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
    pbft_sign(world_forger(world, change->signer), PBFT_SIGNS_CHANGE, WORLD_CHANNEL,
              writer->bytes + start, writer->at - start, signature);
    write_bytes(writer, signature, certification->signature_bytes);
}

static struct frame *message_of(uint16_t type, const struct writer *body) {
    struct writer writer;
    assert(body->error == OK);
    struct frame *frame = message_new(type, WORLD_CHANNEL, body->at, &writer);
    write_bytes(&writer, body->bytes, body->at);
    return frame;
}

struct frame *forge_view_change(struct world *world, const struct forge_change *change) {
    const struct certification certification = forge_certification(world);
    static const struct pbft_value none;
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_change(world, &certification, change, &writer);
    if (change->stable > 0)
        write_certificate(world, &certification, &change->stable_proof, &writer);
    if (change->has_entry) {
        write_certificate(world, &certification, &change->proof, &writer);
        pbft_write_value(&writer, &none);
    }
    return message_of(MESSAGE_PBFT_VIEW_CHANGE, &writer);
}

struct frame *forge_new_view(struct world *world, const struct forge_new_view *view) {
    const struct certification certification = forge_certification(world);
    uint8_t bytes[ROOM], signature[LIMIT_SIGNATURE_BYTES];
    struct writer writer;
    uint64_t stable = 0;
    writer_init(&writer, bytes, sizeof bytes);
    write_u64(&writer, view->view);
    write_u16(&writer, (uint16_t)view->count);
    for (uint32_t i = 0; i < view->count; i++) {
        write_u16(&writer, (uint16_t)view->changes[i].sender);
        write_change(world, &certification, &view->changes[i], &writer);
        stable |= view->changes[i].stable;
    }
    if (stable > 0)
        write_certificate(world, &certification, &view->stable_proof, &writer);
    write_u16(&writer, (uint16_t)view->proof_count);
    for (uint32_t i = 0; i < view->proof_count; i++)
        write_certificate(world, &certification, &view->proofs[i], &writer);
    pbft_sign(world_forger(world, view->signer), PBFT_SIGNS_NEW_VIEW, WORLD_CHANNEL, writer.bytes,
              writer.at, signature);
    write_bytes(&writer, signature, certification.signature_bytes);
    return message_of(MESSAGE_PBFT_NEW_VIEW, &writer);
}
