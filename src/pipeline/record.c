/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/record.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"

static const char request_domain[] = "tierchain hold request";
static const char ack_domain[] = "tierchain hold ack";

void hold_request_write(struct writer *writer, const struct hold_request *request) {
    write_digest(writer, &request->id);
    write_digest(writer, &request->root);
    write_u64(writer, request->number);
    write_u64(writer, request->nonce);
    write_u64(writer, (uint64_t)request->expiry);
    write_u16(writer, request->index);
}

void hold_request_read(struct reader *reader, struct hold_request *request) {
    read_digest(reader, &request->id);
    read_digest(reader, &request->root);
    request->number = read_u64(reader);
    request->nonce = read_u64(reader);
    request->expiry = (time_ns)read_u64(reader);
    request->index = read_u16(reader);
}

void hold_ack_write(struct writer *writer, const struct hold_ack *ack) {
    write_digest(writer, &ack->id);
    write_digest(writer, &ack->root);
    write_u64(writer, ack->number);
    write_u64(writer, ack->nonce);
    write_u64(writer, ack->stamp);
    write_u64(writer, (uint64_t)ack->expiry);
    write_u16(writer, ack->index);
}

void hold_ack_read(struct reader *reader, struct hold_ack *ack) {
    read_digest(reader, &ack->id);
    read_digest(reader, &ack->root);
    ack->number = read_u64(reader);
    ack->nonce = read_u64(reader);
    ack->stamp = read_u64(reader);
    ack->expiry = (time_ns)read_u64(reader);
    ack->index = read_u16(reader);
}

size_t hold_request_signed(const struct hold_request *request, uint8_t bytes[HOLD_SIGNED_BYTES]) {
    struct writer writer;
    writer_init(&writer, bytes, HOLD_SIGNED_BYTES);
    write_bytes(&writer, request_domain, sizeof request_domain);
    hold_request_write(&writer, request);
    assert(writer.error == OK);
    return writer.at;
}

size_t hold_ack_signed(const struct hold_ack *ack, uint8_t bytes[HOLD_SIGNED_BYTES]) {
    struct writer writer;
    writer_init(&writer, bytes, HOLD_SIGNED_BYTES);
    write_bytes(&writer, ack_domain, sizeof ack_domain);
    hold_ack_write(&writer, ack);
    assert(writer.error == OK);
    return writer.at;
}

#define RECORD_FIXED_BYTES (2 * DIGEST_BYTES + 4 + 8 + 8 + 4 + 1 + 1 + VRF_PROOF_SIZE + 1)
#define RECORD_ACK_BYTES   (4 + 2 + 8 + 8)

size_t tx_record_bytes(const struct tx_record *record, size_t signature_bytes) {
    return RECORD_FIXED_BYTES + record->ack_count * (RECORD_ACK_BYTES + signature_bytes);
}

void tx_record_write(struct writer *writer, const struct tx_record *record,
                     size_t signature_bytes) {
    write_digest(writer, &record->id);
    write_digest(writer, &record->root);
    write_u32(writer, record->origin);
    write_u64(writer, record->number);
    write_u64(writer, (uint64_t)record->expiry);
    write_u32(writer, record->size);
    write_u8(writer, record->pieces);
    write_u8(writer, record->needed);
    write_bytes(writer, record->proof, sizeof record->proof);
    write_u8(writer, record->ack_count);
    for (size_t i = 0; i < record->ack_count; i++) {
        const struct record_ack *ack = &record->acks[i];
        write_u32(writer, ack->holder);
        write_u16(writer, ack->index);
        write_u64(writer, ack->nonce);
        write_u64(writer, ack->stamp);
        write_bytes(writer, ack->signature, signature_bytes);
    }
}

int tx_record_read(const uint8_t *bytes, size_t size, size_t signature_bytes,
                   struct tx_record *record) {
    struct reader reader;
    reader_init(&reader, bytes, size);
    read_digest(&reader, &record->id);
    read_digest(&reader, &record->root);
    record->origin = read_u32(&reader);
    record->number = read_u64(&reader);
    record->expiry = (time_ns)read_u64(&reader);
    record->size = read_u32(&reader);
    record->pieces = read_u8(&reader);
    record->needed = read_u8(&reader);
    read_bytes(&reader, record->proof, sizeof record->proof);
    record->ack_count = read_u8(&reader);
    if (record->ack_count > LIMIT_CANDIDATES)
        reader_fail(&reader, ERR_LIMIT);
    for (size_t i = 0; i < record->ack_count && reader.error == OK; i++) {
        struct record_ack *ack = &record->acks[i];
        ack->holder = read_u32(&reader);
        ack->index = read_u16(&reader);
        ack->nonce = read_u64(&reader);
        ack->stamp = read_u64(&reader);
        ack->signature = read_view(&reader, signature_bytes);
    }
    return reader_finish(&reader);
}

static int verify_ack(struct env *env, const struct tx_record *record, size_t at) {
    const struct record_ack *ack = &record->acks[at];
    for (size_t i = 0; i < at; i++)
        if (record->acks[i].holder == ack->holder || record->acks[i].index == ack->index)
            return ERR_DUPLICATE;
    struct hold_ack promise = {
        .id = record->id,
        .root = record->root,
        .number = record->number,
        .nonce = ack->nonce,
        .stamp = ack->stamp,
        .expiry = record->expiry,
        .index = ack->index,
    };
    uint8_t bytes[HOLD_SIGNED_BYTES];
    size_t size = hold_ack_signed(&promise, bytes);
    return identity_verify(env, ack->holder, bytes, size, ack->signature) ? OK : ERR_SIGNATURE;
}

int tx_record_verify(struct env *env, const struct tx_record *record, uint32_t acks) {
    uint8_t output[VRF_OUTPUT_SIZE];
    if (record->ack_count < acks || record->ack_count < record->needed)
        return ERR_NOT_ENOUGH;
    if (!identity_vrf_verify(env, record->origin, record->id.bytes, sizeof record->id.bytes,
                             record->proof, output))
        return ERR_PROOF;
    for (size_t i = 0; i < record->ack_count; i++) {
        int error = verify_ack(env, record, i);
        if (error != OK)
            return error;
    }
    return OK;
}

void transaction_id(struct digest *id, node_id origin, uint64_t number, const void *content,
                    size_t size) {
    uint8_t head[12];
    struct writer writer;
    crypto_generichash_state state;
    writer_init(&writer, head, sizeof head);
    write_u32(&writer, origin);
    write_u64(&writer, number);
    crypto_generichash_init(&state, NULL, 0, sizeof id->bytes);
    crypto_generichash_update(&state, head, sizeof head);
    crypto_generichash_update(&state, content, size);
    crypto_generichash_final(&state, id->bytes, sizeof id->bytes);
}
