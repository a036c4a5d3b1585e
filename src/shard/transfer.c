/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard/transfer.h"

#include <assert.h>
#include <sodium.h>

#include "base/error.h"

static const char session_domain[16] = "tierchain/xfer/1";
static const char sign_domain[16] = "tierchain/xsig/1";

size_t transfer_bytes(const struct transfer *transfer, size_t signature_bytes) {
    return TRANSFER_FIXED_BYTES + (size_t)transfer->part_count * TRANSFER_PART_BYTES +
           signature_bytes;
}

static void write_terms(struct writer *writer, const struct transfer *transfer) {
    write_u32(writer, transfer->epoch);
    write_u32(writer, transfer->origin);
    write_u64(writer, transfer->number);
    write_u8(writer, transfer->sender);
    write_u8(writer, transfer->part_count);
    for (size_t i = 0; i < transfer->part_count; i++) {
        const struct transfer_part *part = &transfer->parts[i];
        write_u16(writer, part->shard);
        write_u8(writer, part->debit);
        write_u64(writer, part->account);
        write_u64(writer, part->amount);
    }
}

void transfer_write(struct writer *writer, const struct transfer *transfer,
                    size_t signature_bytes) {
    write_terms(writer, transfer);
    write_bytes(writer, transfer->signature, signature_bytes);
}

static bool part_after(const struct transfer_part *part, const struct transfer_part *before) {
    return part->shard != before->shard ? part->shard > before->shard
                                        : part->account > before->account;
}

static void read_part(struct reader *reader, struct transfer_part *part) {
    part->shard = read_u16(reader);
    uint8_t debit = read_u8(reader);
    part->debit = debit == 1;
    part->account = read_u64(reader);
    part->amount = read_u64(reader);
    if (debit > 1)
        reader_fail(reader, ERR_NON_CANONICAL);
    if (part->amount == 0 || part->amount > TRANSFER_AMOUNT_MAX)
        reader_fail(reader, ERR_INVALID);
}

/* Value is moved, never made: what is debited is credited. */
static bool balanced(const struct transfer *transfer) {
    uint64_t debits = 0, credits = 0;
    for (size_t i = 0; i < transfer->part_count; i++)
        *(transfer->parts[i].debit ? &debits : &credits) += transfer->parts[i].amount;
    return debits == credits;
}

void transfer_read(struct reader *reader, struct transfer *transfer, size_t signature_bytes) {
    *transfer = (struct transfer){
        .epoch = read_u32(reader),
        .origin = read_u32(reader),
        .number = read_u64(reader),
        .sender = read_u8(reader),
        .part_count = read_u8(reader),
    };
    if (transfer->part_count > LIMIT_TRANSFER_PARTS) {
        reader_fail(reader, ERR_LIMIT);
        transfer->part_count = 0;
    }
    for (size_t i = 0; i < transfer->part_count && reader->error == OK; i++) {
        read_part(reader, &transfer->parts[i]);
        if (i > 0 && !part_after(&transfer->parts[i], &transfer->parts[i - 1]))
            reader_fail(reader, ERR_NON_CANONICAL);
    }
    transfer->signature = read_view(reader, signature_bytes);
    if (transfer->sender >= transfer->part_count || !transfer->parts[transfer->sender].debit ||
        !balanced(transfer) || transfer->number == 0)
        reader_fail(reader, ERR_INVALID);
}

void transfer_session(const struct transfer *transfer, struct digest *session) {
    uint8_t bytes[sizeof session_domain + TRANSFER_BYTES_MAX];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_bytes(&writer, session_domain, sizeof session_domain);
    write_terms(&writer, transfer);
    assert(writer.error == OK);
    crypto_generichash(session->bytes, DIGEST_BYTES, bytes, writer.at, NULL, 0);
}

static void signed_bytes(const struct digest *session,
                         uint8_t bytes[sizeof sign_domain + DIGEST_BYTES]) {
    struct writer writer;
    writer_init(&writer, bytes, sizeof sign_domain + DIGEST_BYTES);
    write_bytes(&writer, sign_domain, sizeof sign_domain);
    write_digest(&writer, session);
}

void transfer_sign(struct env *env, const struct digest *session, uint8_t *signature) {
    uint8_t bytes[sizeof sign_domain + DIGEST_BYTES];
    signed_bytes(session, bytes);
    identity_sign(env, bytes, sizeof bytes, signature);
}

bool transfer_verify(struct env *env, const struct transfer *transfer,
                     const struct digest *session) {
    uint8_t bytes[sizeof sign_domain + DIGEST_BYTES];
    signed_bytes(session, bytes);
    return identity_verify(env, transfer->origin, bytes, sizeof bytes, transfer->signature);
}

size_t transfer_shards(const struct transfer *transfer, uint16_t shards[LIMIT_TRANSFER_PARTS]) {
    size_t count = 0;
    for (size_t i = 0; i < transfer->part_count; i++)
        if (count == 0 || transfer->parts[i].shard != shards[count - 1])
            shards[count++] = transfer->parts[i].shard;
    return count;
}
