/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hold/audit.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"

static const char lot_domain[] = "tierchain audit lot";

_Static_assert(AUDIT_BLOCKS_MAX == 1 << 12, "audit_draw_blocks takes 52 bits times 12 bits");

static bool in_range(const struct audit_challenge *challenge) {
    return challenge->size > 0 && challenge->size <= LIMIT_TRANSACTION_BYTES &&
           challenge->count > 0 && challenge->count <= AUDIT_COUNT_MAX && challenge->deadline >= 0;
}

/* All that the lot covers. */
static void write_terms(struct writer *writer, const struct audit_challenge *challenge) {
    write_digest(writer, &challenge->id);
    write_digest(writer, &challenge->root);
    write_u32(writer, challenge->size);
    write_u32(writer, challenge->auditor);
    write_u32(writer, challenge->holder);
    write_u64(writer, challenge->round);
    write_u64(writer, (uint64_t)challenge->deadline);
    write_u16(writer, challenge->count);
}

void audit_challenge_write(struct writer *writer, const struct audit_challenge *challenge) {
    write_terms(writer, challenge);
    write_bytes(writer, challenge->proof, sizeof challenge->proof);
}

void audit_challenge_read(struct reader *reader, struct audit_challenge *challenge) {
    read_digest(reader, &challenge->id);
    read_digest(reader, &challenge->root);
    challenge->size = read_u32(reader);
    challenge->auditor = read_u32(reader);
    challenge->holder = read_u32(reader);
    challenge->round = read_u64(reader);
    challenge->deadline = (time_ns)read_u64(reader);
    challenge->count = read_u16(reader);
    read_bytes(reader, challenge->proof, sizeof challenge->proof);
    if (!in_range(challenge))
        reader_fail(reader, ERR_INVALID);
}

#define LOT_BYTES (sizeof lot_domain + AUDIT_CHALLENGE_BYTES - VRF_PROOF_SIZE)

static void lot_input(const struct audit_challenge *challenge, uint8_t bytes[LOT_BYTES]) {
    struct writer writer;
    writer_init(&writer, bytes, LOT_BYTES);
    write_bytes(&writer, lot_domain, sizeof lot_domain);
    write_terms(&writer, challenge);
    assert(writer.error == OK && writer.at == LOT_BYTES);
}

int audit_challenge_prove(const struct suite *suite, const uint8_t *vrf_seed,
                          const uint8_t vrf_key[VRF_KEY_SIZE], struct audit_challenge *challenge,
                          struct audit_draw *draw) {
    uint8_t input[LOT_BYTES], output[VRF_OUTPUT_SIZE];
    if (!in_range(challenge))
        return ERR_INVALID;
    lot_input(challenge, input);
    suite->vrf_prove(vrf_seed, vrf_key, input, sizeof input, challenge->proof, output);
    audit_draw_blocks(output, challenge->size, challenge->count, draw);
    return OK;
}

int audit_challenge_draw(const struct suite *suite, const uint8_t vrf_key[VRF_KEY_SIZE],
                         const struct audit_challenge *challenge, struct audit_draw *draw) {
    uint8_t input[LOT_BYTES], output[VRF_OUTPUT_SIZE];
    if (!in_range(challenge))
        return ERR_INVALID;
    lot_input(challenge, input);
    if (!suite->vrf_verify(vrf_key, input, sizeof input, challenge->proof, output))
        return ERR_PROOF;
    audit_draw_blocks(output, challenge->size, challenge->count, draw);
    return OK;
}

void audit_draw_blocks(const uint8_t output[VRF_OUTPUT_SIZE], uint32_t size, uint16_t count,
                       struct audit_draw *draw) {
    uint8_t key[randombytes_SEEDBYTES], stream[AUDIT_COUNT_MAX * 8];
    struct reader reader;
    assert(size > 0 && size <= LIMIT_TRANSACTION_BYTES && count <= AUDIT_COUNT_MAX);
    crypto_generichash(key, sizeof key, output, VRF_OUTPUT_SIZE, NULL, 0);
    randombytes_buf_deterministic(stream, sizeof stream, key);
    reader_init(&reader, stream, sizeof stream);
    *draw = (struct audit_draw){.count = count};
    for (size_t i = 0; i < count; i++)
        draw->blocks[i] = (uint16_t)((read_u64(&reader) >> 12) * audit_block_count(size) >> 52);
}

size_t audit_block_count(uint32_t size) {
    return ((size_t)size + AUDIT_BLOCK_BYTES - 1) / AUDIT_BLOCK_BYTES;
}

static size_t block_bytes(uint32_t size, size_t block) {
    return size_min(AUDIT_BLOCK_BYTES, size - block * AUDIT_BLOCK_BYTES);
}

void audit_leaves(const uint8_t *piece, uint32_t size, struct digest *leaves) {
    for (size_t i = 0; i < audit_block_count(size); i++)
        merkle_leaf(piece + i * AUDIT_BLOCK_BYTES, block_bytes(size, i), &leaves[i]);
}

void audit_root(const struct digest *leaves, size_t count, struct digest *root) {
    struct merkle_stream stream;
    merkle_stream_init(&stream);
    for (size_t i = 0; i < count; i++)
        merkle_stream_add(&stream, &leaves[i]);
    merkle_stream_root(&stream, root);
}

int audit_admit(const struct audit_challenge *challenge, node_id self, time_ns now,
                uint64_t *round) {
    if (challenge->holder != self)
        return ERR_MISMATCH;
    if (now > challenge->deadline)
        return ERR_EXPIRED;
    if (challenge->round <= *round)
        return ERR_STALE;
    *round = challenge->round;
    return OK;
}

void audit_challenge_digest(const struct audit_challenge *challenge, struct digest *out) {
    uint8_t bytes[AUDIT_CHALLENGE_BYTES];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    audit_challenge_write(&writer, challenge);
    assert(writer.error == OK && writer.at == sizeof bytes);
    crypto_generichash(out->bytes, sizeof out->bytes, bytes, sizeof bytes, NULL, 0);
}

size_t audit_response_bytes(const struct audit_challenge *challenge,
                            const struct audit_draw *draw) {
    const size_t blocks = audit_block_count(challenge->size);
    size_t bytes = DIGEST_BYTES;
    for (size_t i = 0; i < draw->count; i++)
        bytes += block_bytes(challenge->size, draw->blocks[i]) +
                 merkle_inclusion_count(draw->blocks[i], blocks) * DIGEST_BYTES;
    return bytes;
}

void audit_response_write(struct writer *writer, const struct audit_challenge *challenge,
                          const struct audit_draw *draw, const struct merkle_tree *tree,
                          const uint8_t *piece) {
    struct digest id, branch[MERKLE_PROOF_LIMIT];
    audit_challenge_digest(challenge, &id);
    write_digest(writer, &id);
    for (size_t i = 0; i < draw->count; i++) {
        const size_t block = draw->blocks[i];
        const int count = merkle_prove_inclusion(tree, block, branch);
        assert(count >= 0);
        write_bytes(writer, piece + block * AUDIT_BLOCK_BYTES, block_bytes(challenge->size, block));
        for (int at = 0; at < count; at++)
            write_digest(writer, &branch[at]);
    }
}

/* The next block of an answer. An error of the reader is found by the caller. */
static int check_block(struct reader *reader, const struct audit_challenge *challenge,
                       size_t block) {
    const size_t blocks = audit_block_count(challenge->size);
    const size_t size = block_bytes(challenge->size, block);
    const size_t count = merkle_inclusion_count(block, blocks);
    struct digest leaf, branch[MERKLE_PROOF_LIMIT];
    const uint8_t *bytes = read_view(reader, size);
    for (size_t i = 0; i < count; i++)
        read_digest(reader, &branch[i]);
    if (reader->error != OK)
        return reader->error;
    merkle_leaf(bytes, size, &leaf);
    return merkle_verify_inclusion(&leaf, block, blocks, branch, count, &challenge->root);
}

int audit_judge(struct audit *audit, time_ns now, const void *bytes, size_t size) {
    struct reader reader;
    struct digest id, answered;
    if (audit->answered)
        return ERR_DUPLICATE;
    if (now > audit->challenge.deadline)
        return ERR_EXPIRED;
    reader_init(&reader, bytes, size);
    read_digest(&reader, &answered);
    if (reader.error != OK)
        return reader.error;
    audit_challenge_digest(&audit->challenge, &id);
    if (memcmp(&id, &answered, sizeof id) != 0)
        return ERR_STALE;
    for (size_t i = 0; i < audit->draw.count; i++) {
        int error = check_block(&reader, &audit->challenge, audit->draw.blocks[i]);
        if (error != OK)
            return error;
    }
    int error = reader_finish(&reader);
    audit->answered = error == OK;
    return error;
}

uint64_t audit_miss_chance(size_t blocks, size_t lost, size_t count) {
    uint64_t chance = AUDIT_CERTAIN;
    assert(blocks > 0 && blocks <= AUDIT_BLOCKS_MAX && lost <= blocks);
    for (size_t i = 0; i < count; i++)
        chance = chance * (blocks - lost) / blocks;
    return chance;
}
