/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard/statement.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"

static const char domain[16] = "tierchain/shard1";

#define SIGNED_BYTES (sizeof domain + SHARD_STATEMENT_BYTES)

bool shard_statement_equal(const struct shard_statement *a, const struct shard_statement *b) {
    return a->word == b->word && a->epoch == b->epoch && a->speaker == b->speaker &&
           a->listener == b->listener && a->ticket == b->ticket &&
           memcmp(&a->session, &b->session, sizeof a->session) == 0;
}

void shard_statement_write(struct writer *writer, const struct shard_statement *statement) {
    write_u8(writer, (uint8_t)statement->word);
    write_u32(writer, statement->epoch);
    write_u16(writer, statement->speaker);
    write_u16(writer, statement->listener);
    write_digest(writer, &statement->session);
    write_u64(writer, statement->ticket);
}

void shard_statement_read(struct reader *reader, struct shard_statement *statement) {
    uint8_t word = read_u8(reader);
    statement->word = (enum shard_word)word;
    statement->epoch = read_u32(reader);
    statement->speaker = read_u16(reader);
    statement->listener = read_u16(reader);
    read_digest(reader, &statement->session);
    statement->ticket = read_u64(reader);
    if (word == 0 || word > SHARD_WORD_LAST || statement->speaker == statement->listener)
        reader_fail(reader, ERR_INVALID);
    if ((word == SHARD_REJECT) != (statement->ticket == 0))
        reader_fail(reader, ERR_NON_CANONICAL);
}

static void signed_bytes(const struct shard_statement *statement, uint8_t bytes[SIGNED_BYTES]) {
    struct writer writer;
    writer_init(&writer, bytes, SIGNED_BYTES);
    write_bytes(&writer, domain, sizeof domain);
    shard_statement_write(&writer, statement);
    assert(writer.error == OK && writer.at == SIGNED_BYTES);
}

void shard_statement_sign(struct env *env, const struct shard_statement *statement,
                          uint8_t *signature) {
    uint8_t bytes[SIGNED_BYTES];
    signed_bytes(statement, bytes);
    identity_sign(env, bytes, sizeof bytes, signature);
}

bool shard_statement_verify(struct env *env, node_id signer,
                            const struct shard_statement *statement, const uint8_t *signature) {
    uint8_t bytes[SIGNED_BYTES];
    signed_bytes(statement, bytes);
    return identity_verify(env, signer, bytes, sizeof bytes, signature);
}

static size_t bitmap_bytes(const struct committee *committee) {
    return (committee->count + 7) / 8;
}

static bool has_bit(const uint8_t *bitmap, size_t index) {
    return (bitmap[index / 8] >> (index % 8) & 1) != 0;
}

size_t shard_proof_bytes(const struct committee *speaker, size_t signature_bytes) {
    return SHARD_STATEMENT_BYTES + 4 + bitmap_bytes(speaker) +
           committee_validity(speaker) * signature_bytes;
}

void shard_proof_write(struct writer *writer, const struct shard_proof *proof,
                       const struct committee *speaker, size_t signature_bytes) {
    shard_statement_write(writer, &proof->statement);
    write_u32(writer, proof->attempt);
    write_bytes(writer, proof->bitmap, bitmap_bytes(speaker));
    write_bytes(writer, proof->signatures, committee_validity(speaker) * signature_bytes);
}

void shard_proof_read(struct reader *reader, struct shard_proof *proof, const struct shard_map *map,
                      size_t signature_bytes) {
    shard_statement_read(reader, &proof->statement);
    proof->attempt = read_u32(reader);
    if (proof->statement.speaker >= map->count)
        reader_fail(reader, ERR_UNKNOWN);
    if (reader->error != OK)
        return;
    const struct committee *speaker = &map->committees[proof->statement.speaker];
    uint32_t signers = 0;
    proof->bitmap = read_view(reader, bitmap_bytes(speaker));
    proof->signatures = read_view(reader, committee_validity(speaker) * signature_bytes);
    if (reader->error != OK)
        return;
    for (size_t i = 0; i < 8 * bitmap_bytes(speaker); i++) {
        signers += has_bit(proof->bitmap, i);
        if (i >= speaker->count && has_bit(proof->bitmap, i))
            reader_fail(reader, ERR_NON_CANONICAL);
    }
    if (signers != committee_validity(speaker))
        reader_fail(reader, ERR_NOT_ENOUGH);
}

int shard_proof_verify(struct env *env, const struct shard_proof *proof,
                       const struct shard_map *map) {
    const struct committee *speaker = &map->committees[proof->statement.speaker];
    size_t signature_bytes = identity_signature_bytes(env);
    const uint8_t *signature = proof->signatures;
    if (proof->statement.epoch != map->epoch)
        return ERR_STALE;
    for (uint32_t i = 0; i < speaker->count; i++) {
        if (!has_bit(proof->bitmap, i))
            continue;
        if (!shard_statement_verify(env, speaker->members[i], &proof->statement, signature))
            return ERR_SIGNATURE;
        signature += signature_bytes;
    }
    return OK;
}
