/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard/item.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/error.h"

static const char key_domain[16] = "tierchain/xkey/1";

static size_t item_bytes(const struct shard_item *item, const struct shard_map *map,
                         size_t signature_bytes) {
    if (item->kind == SHARD_ITEM_PREPARE)
        return 1 + transfer_bytes(&item->transfer, signature_bytes);
    if (item->kind == SHARD_ITEM_PROOF)
        return 1 +
               shard_proof_bytes(&map->committees[item->proof.statement.speaker], signature_bytes);
    return 1 + 8;
}

struct frame *shard_item_encode(const struct shard_item *item, const struct shard_map *map,
                                size_t signature_bytes) {
    struct frame *frame = frame_new(item_bytes(item, map, signature_bytes));
    struct writer writer;
    if (frame == NULL)
        abort();
    writer_init(&writer, frame->bytes, frame->size);
    write_u8(&writer, (uint8_t)item->kind);
    if (item->kind == SHARD_ITEM_PREPARE)
        transfer_write(&writer, &item->transfer, signature_bytes);
    else if (item->kind == SHARD_ITEM_PROOF)
        shard_proof_write(&writer, &item->proof, &map->committees[item->proof.statement.speaker],
                          signature_bytes);
    else
        write_u64(&writer, item->tick);
    assert(writer.error == OK && writer.at == writer.size);
    return frame;
}

int shard_item_decode(struct shard_item *item, const uint8_t *bytes, size_t size,
                      const struct shard_map *map, size_t signature_bytes) {
    struct reader reader;
    reader_init(&reader, bytes, size);
    *item = (struct shard_item){.kind = (enum shard_item_kind)read_u8(&reader)};
    if (item->kind == SHARD_ITEM_PREPARE)
        transfer_read(&reader, &item->transfer, signature_bytes);
    else if (item->kind == SHARD_ITEM_PROOF)
        shard_proof_read(&reader, &item->proof, map, signature_bytes);
    else if (item->kind == SHARD_ITEM_TICK)
        item->tick = read_u64(&reader);
    else
        reader_fail(&reader, ERR_UNKNOWN_TYPE);
    int error = reader_finish(&reader);
    if (error == OK && item->kind == SHARD_ITEM_PREPARE)
        transfer_session(&item->transfer, &item->session);
    if (error == OK && item->kind == SHARD_ITEM_PROOF)
        item->session = item->proof.statement.session;
    return error;
}

void shard_item_key(const struct shard_item *item, struct digest *key) {
    uint8_t bytes[sizeof key_domain + 1 + SHARD_STATEMENT_BYTES + 4];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_bytes(&writer, key_domain, sizeof key_domain);
    write_u8(&writer, (uint8_t)item->kind);
    if (item->kind == SHARD_ITEM_PREPARE) {
        write_digest(&writer, &item->session);
    } else if (item->kind == SHARD_ITEM_PROOF) {
        shard_statement_write(&writer, &item->proof.statement);
        write_u32(&writer, item->proof.attempt);
    } else {
        write_u64(&writer, item->tick);
    }
    assert(writer.error == OK);
    crypto_generichash(key->bytes, DIGEST_BYTES, bytes, writer.at, NULL, 0);
}

static int prepare_verify(struct env *env, const struct shard_item *item,
                          const struct shard_map *map, uint16_t shard) {
    uint16_t shards[LIMIT_TRANSFER_PARTS];
    size_t count = transfer_shards(&item->transfer, shards);
    bool touched = false;
    if (item->transfer.epoch != map->epoch)
        return ERR_STALE;
    for (size_t i = 0; i < count; i++)
        touched = touched || shards[i] == shard;
    if (!touched || shards[count - 1] >= map->count)
        return ERR_INVALID;
    return transfer_verify(env, &item->transfer, &item->session) ? OK : ERR_SIGNATURE;
}

int shard_item_verify(struct env *env, const struct shard_item *item, const struct shard_map *map,
                      uint16_t shard) {
    if (item->kind == SHARD_ITEM_PREPARE)
        return prepare_verify(env, item, map, shard);
    if (item->kind == SHARD_ITEM_TICK)
        return OK;
    if (item->proof.statement.listener != shard)
        return ERR_INVALID;
    return shard_proof_verify(env, &item->proof, map);
}
