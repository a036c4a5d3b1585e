/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/record.h"

#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "coding/erasure.h"

#define FIXED_BYTES   (3 * DIGEST_BYTES + 4 + 8 + 8 + 4 + 1 + 1 + VRF_PROOF_SIZE + 1)
#define PROMISE_FIXED (4 + 2 + 8 + 8 + DIGEST_BYTES)
#define ID_BYTES      (4 + 8 + 8 + DIGEST_BYTES)

size_t tx_record_bytes(const struct tx_record *record, size_t signature_bytes) {
    return FIXED_BYTES + record->promise_count * (PROMISE_FIXED + signature_bytes);
}

void tx_record_write(struct writer *writer, const struct tx_record *record,
                     size_t signature_bytes) {
    write_digest(writer, &record->id);
    write_digest(writer, &record->content);
    write_digest(writer, &record->commitment);
    write_u32(writer, record->origin);
    write_u64(writer, record->number);
    write_u64(writer, (uint64_t)record->expiry);
    write_u32(writer, record->size);
    write_u8(writer, record->pieces);
    write_u8(writer, record->needed);
    write_bytes(writer, record->proof, sizeof record->proof);
    write_u8(writer, record->promise_count);
    for (size_t i = 0; i < record->promise_count; i++) {
        const struct record_promise *promise = &record->promises[i];
        write_u32(writer, promise->holder);
        write_u16(writer, promise->index);
        write_u64(writer, promise->nonce);
        write_u64(writer, promise->stamp);
        write_digest(writer, &promise->root);
        write_bytes(writer, promise->signature, signature_bytes);
    }
}

static void read_promise(struct reader *reader, size_t signature_bytes,
                         struct record_promise *promise) {
    promise->holder = read_u32(reader);
    promise->index = read_u16(reader);
    promise->nonce = read_u64(reader);
    promise->stamp = read_u64(reader);
    read_digest(reader, &promise->root);
    promise->signature = read_view(reader, signature_bytes);
}

static bool in_range(const struct tx_record *record) {
    return record->expiry > 0 && record->size > 0 && record->size <= LIMIT_TRANSACTION_BYTES &&
           record->needed > 0 && record->needed <= record->pieces;
}

int tx_record_read(const uint8_t *bytes, size_t size, size_t signature_bytes,
                   struct tx_record *record) {
    struct reader reader;
    reader_init(&reader, bytes, size);
    read_digest(&reader, &record->id);
    read_digest(&reader, &record->content);
    read_digest(&reader, &record->commitment);
    record->origin = read_u32(&reader);
    record->number = read_u64(&reader);
    record->expiry = (time_ns)read_u64(&reader);
    record->size = read_u32(&reader);
    record->pieces = read_u8(&reader);
    record->needed = read_u8(&reader);
    if (!in_range(record))
        reader_fail(&reader, ERR_INVALID);
    read_bytes(&reader, record->proof, sizeof record->proof);
    record->promise_count = read_u8(&reader);
    if (record->promise_count > LIMIT_CANDIDATES)
        reader_fail(&reader, ERR_LIMIT);
    for (size_t i = 0; i < record->promise_count && reader.error == OK; i++)
        read_promise(&reader, signature_bytes, &record->promises[i]);
    return reader_finish(&reader);
}

void tx_record_promise(const struct tx_record *record, size_t at, struct promise *promise) {
    const struct record_promise *given = &record->promises[at];
    *promise = (struct promise){
        .id = record->id,
        .commitment = record->commitment,
        .root = given->root,
        .size = (uint32_t)erasure_piece_size(record->needed, record->size),
        .index = given->index,
        .sender = record->origin,
        .holder = given->holder,
        .nonce = given->nonce,
        .expiry = record->expiry,
        .stamp = given->stamp,
    };
}

static int verify_promise(struct env *env, const struct tx_record *record, size_t at) {
    const struct record_promise *given = &record->promises[at];
    const uint8_t *holder_key = identity_public_key(env, given->holder);
    struct promise promise;
    for (size_t i = 0; i < at; i++)
        if (record->promises[i].holder == given->holder ||
            record->promises[i].index == given->index)
            return ERR_DUPLICATE;
    if (given->index >= record->pieces)
        return ERR_INVALID;
    if (holder_key == NULL)
        return ERR_SIGNATURE;
    tx_record_promise(record, at, &promise);
    env_charge(env, WORK_VERIFY, 1);
    return promise_verify(identity_suite(env), holder_key, &promise, given->signature);
}

static bool has_its_id(struct env *env, const struct tx_record *record) {
    struct digest id;
    env_charge_hash(env, ID_BYTES);
    transaction_id(&id, record->origin, record->number, record->expiry, &record->content);
    return memcmp(&id, &record->id, sizeof id) == 0;
}

int tx_record_verify(struct env *env, const struct tx_record *record, uint32_t acks,
                     uint8_t lot[VRF_OUTPUT_SIZE]) {
    if (!has_its_id(env, record))
        return ERR_MISMATCH;
    if (record->promise_count < acks || record->promise_count < record->needed)
        return ERR_NOT_ENOUGH;
    if (!identity_vrf_verify(env, record->origin, record->id.bytes, sizeof record->id.bytes,
                             record->proof, lot))
        return ERR_PROOF;
    for (size_t i = 0; i < record->promise_count; i++) {
        int error = verify_promise(env, record, i);
        if (error != OK)
            return error;
    }
    return OK;
}

void transaction_content(struct digest *digest, const void *content, size_t size) {
    crypto_generichash(digest->bytes, sizeof digest->bytes, content, size, NULL, 0);
}

void transaction_id(struct digest *id, node_id origin, uint64_t number, time_ns expiry,
                    const struct digest *content) {
    uint8_t bytes[ID_BYTES];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_u32(&writer, origin);
    write_u64(&writer, number);
    write_u64(&writer, (uint64_t)expiry);
    write_digest(&writer, content);
    crypto_generichash(id->bytes, sizeof id->bytes, bytes, sizeof bytes, NULL, 0);
}
