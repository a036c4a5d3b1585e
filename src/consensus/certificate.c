/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/certificate.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "crypto/identity.h"
#include "crypto/threshold/dealer.h"

#define FIXED_BYTES (1 + 8 + 8 + DIGEST_BYTES + 2) /* of a certificate, before the bitmap */

static const uint8_t domain[16] = "tierchain/vote/1";

void statement_encode(const struct statement *statement, uint8_t out[STATEMENT_BYTES]) {
    struct writer writer;
    writer_init(&writer, out, STATEMENT_BYTES);
    write_bytes(&writer, domain, sizeof domain);
    write_u8(&writer, (uint8_t)statement->kind);
    write_u16(&writer, statement->channel);
    write_u64(&writer, statement->view);
    write_u64(&writer, statement->sequence);
    write_digest(&writer, &statement->block);
    assert(writer.error == OK && writer.at == STATEMENT_BYTES);
}

bool statement_equal(const struct statement *a, const struct statement *b) {
    return a->kind == b->kind && a->channel == b->channel && a->view == b->view &&
           a->sequence == b->sequence && memcmp(&a->block, &b->block, sizeof a->block) == 0;
}

void statement_sign(struct env *env, const struct statement *statement, uint8_t *signature) {
    uint8_t bytes[STATEMENT_BYTES];
    statement_encode(statement, bytes);
    identity_sign(env, bytes, sizeof bytes, signature);
}

bool statement_verify(struct env *env, node_id signer, const struct statement *statement,
                      const uint8_t *signature) {
    uint8_t bytes[STATEMENT_BYTES];
    statement_encode(statement, bytes);
    return identity_verify(env, signer, bytes, sizeof bytes, signature);
}

static uint32_t members_of(const struct vote_set *set) {
    return set->certification->committee.count;
}

void vote_set_init(struct vote_set *set, const struct certification *certification) {
    const uint32_t members = certification->committee.count;
    assert(members >= 1 && members <= LIMIT_COMMITTEE);
    *set = (struct vote_set){
        .certification = certification,
        .blocks = memory_new(members, sizeof *set->blocks),
        .signatures = memory_new(members, certification->signature_bytes),
    };
}

void vote_set_deinit(struct vote_set *set) {
    free(set->blocks);
    free(set->signatures);
    *set = (struct vote_set){0};
}

bool vote_set_has(const struct vote_set *set, uint32_t member, const struct digest *block) {
    return bitmap_has(set->voted, member) &&
           memcmp(&set->blocks[member], block, sizeof *block) == 0;
}

int vote_set_check(const struct vote_set *set, uint32_t member, const struct digest *block) {
    assert(member < members_of(set));
    if (!bitmap_has(set->voted, member))
        return OK;
    return vote_set_has(set, member, block) ? ERR_DUPLICATE : ERR_CONFLICT;
}

void vote_set_add(struct vote_set *set, uint32_t member, const struct digest *block,
                  const uint8_t *signature) {
    assert(vote_set_check(set, member, block) == OK);
    bitmap_add(set->voted, member);
    set->blocks[member] = *block;
    const size_t size = set->certification->signature_bytes;
    memcpy(set->signatures + member * size, signature, size);
    set->count++;
}

uint32_t vote_set_count(const struct vote_set *set, const struct digest *block) {
    uint32_t count = 0;
    for (uint32_t member = 0; member < members_of(set); member++)
        count += vote_set_has(set, member, block);
    return count;
}

const uint8_t *vote_set_signature(const struct vote_set *set, uint32_t member) {
    assert(bitmap_has(set->voted, member));
    return set->signatures + member * set->certification->signature_bytes;
}

/* Of the bitmap in a certificate. */
static size_t names_bytes(const struct certification *certification) {
    return certification->scheme->names_signers ? bitmap_bytes(certification->committee.count) : 0;
}

size_t certificate_bytes(const struct certification *certification, uint32_t signers) {
    return FIXED_BYTES + names_bytes(certification) +
           certification->scheme->proof_bytes(certification, signers);
}

/* A new frame with all but the proof, for which @writer is left. */
static struct frame *begin(const struct certification *certification,
                           const struct statement *statement, const uint8_t *bitmap,
                           uint32_t signers, struct writer *writer) {
    struct frame *frame = frame_new(certificate_bytes(certification, signers));
    if (frame == NULL)
        abort(); /* LIMIT_COMMITTEE signatures are far below LIMIT_FRAME_BYTES */
    writer_init(writer, frame->bytes, frame->size);
    write_u8(writer, (uint8_t)statement->kind);
    write_u64(writer, statement->view);
    write_u64(writer, statement->sequence);
    write_digest(writer, &statement->block);
    write_u16(writer, (uint16_t)certification->committee.count);
    write_bytes(writer, bitmap, names_bytes(certification));
    return frame;
}

static void finish(const struct certification *certification, struct frame *frame,
                   const struct writer *writer, struct certificate *certificate) {
    struct reader reader;
    assert(writer->error == OK && writer->at == frame->size);
    reader_init(&reader, frame->bytes, frame->size);
    certificate_read(certificate, &reader, certification, frame);
    assert(reader_finish(&reader) == OK);
}

int vote_set_certify(const struct vote_set *set, struct env *env, const struct statement *statement,
                     uint32_t needed, struct certificate *certificate) {
    const struct certification *certification = set->certification;
    uint8_t bitmap[BITMAP_BYTES_MAX] = {0};
    struct writer writer;
    uint32_t taken = 0;
    assert(needed == 0 || certification->scheme->signing_hops == 0);
    if (vote_set_count(set, &statement->block) < needed)
        return ERR_NOT_ENOUGH;
    for (uint32_t member = 0; member < members_of(set) && taken < needed; member++) {
        if (!vote_set_has(set, member, &statement->block))
            continue;
        bitmap_add(bitmap, member);
        taken++;
    }
    struct frame *frame = begin(certification, statement, bitmap, taken, &writer);
    certification->scheme->prove(env, set, bitmap, &writer);
    finish(certification, frame, &writer, certificate);
    return OK;
}

void certificate_make(const struct certification *certification, const struct statement *statement,
                      const uint8_t *proof, struct certificate *certificate) {
    struct writer writer;
    struct frame *frame = begin(certification, statement, NULL, 0, &writer);
    write_bytes(&writer, proof, certification->scheme->proof_bytes(certification, 0));
    finish(certification, frame, &writer, certificate);
}

const uint8_t *bitmap_read(struct reader *reader, uint32_t members, uint32_t *count) {
    const uint8_t *bitmap = read_view(reader, bitmap_bytes(members));
    *count = 0;
    if (bitmap == NULL)
        return NULL;
    if (members % 8 != 0 && bitmap[members / 8] >> (members % 8) != 0)
        reader_fail(reader, ERR_NON_CANONICAL);
    for (uint32_t i = 0; i < members; i++)
        *count += bitmap_has(bitmap, i);
    return bitmap;
}

static bool is_zero(const uint8_t *bytes, size_t size) {
    uint8_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum |= bytes[i];
    return sum == 0;
}

/* Signers and proof. A group's signature stands for as many as its key needs; or for nobody. */
static void read_proof(struct certificate *certificate, struct reader *reader,
                       const struct certification *certification) {
    const struct certificate_scheme *scheme = certification->scheme;
    if (scheme->names_signers)
        certificate->bitmap =
            bitmap_read(reader, certification->committee.count, &certificate->signers);
    const size_t size = scheme->proof_bytes(certification, certificate->signers);
    certificate->proof = read_view(reader, size);
    if (!scheme->names_signers && certificate->proof != NULL && !is_zero(certificate->proof, size))
        certificate->signers = certification->group->threshold;
}

void certificate_read(struct certificate *certificate, struct reader *reader,
                      const struct certification *certification, struct frame *frame) {
    const size_t start = reader->at;
    *certificate = (struct certificate){.statement.channel = certification->channel};
    uint8_t kind = read_u8(reader);
    if (kind == 0 || kind > VOTE_KIND_LAST)
        reader_fail(reader, ERR_INVALID);
    certificate->statement.kind = (enum vote_kind)kind;
    certificate->statement.view = read_u64(reader);
    certificate->statement.sequence = read_u64(reader);
    read_digest(reader, &certificate->statement.block);
    if (read_u16(reader) != certification->committee.count)
        reader_fail(reader, ERR_MISMATCH);
    read_proof(certificate, reader, certification);
    certificate->bytes = reader->bytes + start;
    certificate->size = reader->at - start;
    certificate->frame = frame;
}

void certificate_write(const struct certificate *certificate, struct writer *writer) {
    write_bytes(writer, certificate->bytes, certificate->size);
}

void certificate_keep(struct certificate *to, const struct certificate *from) {
    struct frame *before = to->frame;
    if (from->frame != NULL)
        frame_ref(from->frame);
    *to = *from;
    frame_unref(before);
}

void certificate_drop(struct certificate *certificate) {
    frame_unref(certificate->frame);
    *certificate = (struct certificate){0};
}

static void digest_of(struct env *env, const struct certificate *certificate,
                      struct digest *digest) {
    identity_hash(env, digest, certificate->bytes, certificate->size);
}

static bool remembers(const struct certificate_memory *memory, const struct digest *digest) {
    for (uint32_t i = 0; i < memory->count; i++)
        if (memcmp(&memory->known[i], digest, sizeof *digest) == 0)
            return true;
    return false;
}

static void remember(struct certificate_memory *memory, const struct digest *digest) {
    memory->known[memory->next] = *digest;
    memory->next = (memory->next + 1) % CERTIFICATE_MEMORY;
    if (memory->count < CERTIFICATE_MEMORY)
        memory->count++;
}

void certificate_remember(struct certificate_memory *memory, struct env *env,
                          const struct certificate *certificate) {
    struct digest digest;
    digest_of(env, certificate, &digest);
    if (!remembers(memory, &digest))
        remember(memory, &digest);
}

int certificate_verify(struct certificate_memory *memory, struct env *env,
                       const struct certification *certification,
                       const struct certificate *certificate, uint32_t needed) {
    struct digest digest;
    if (certificate->signers < needed)
        return ERR_CERTIFICATE;
    digest_of(env, certificate, &digest);
    if (remembers(memory, &digest))
        return OK;
    if (!certification->scheme->verify(env, certification, certificate))
        return ERR_SIGNATURE;
    remember(memory, &digest);
    return OK;
}
