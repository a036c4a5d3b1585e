/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "coding/fragment.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "crypto/merkle.h"

#define FIXED_BYTES (1 + 1 + 1 + 4 + DIGEST_BYTES)

_Static_assert(LIMIT_PIECES <= 1 << FRAGMENT_BRANCH_LIMIT, "a branch must reach every piece");

void fragment_commit(struct merkle_tree *tree, struct digest *nodes, const uint8_t *pieces,
                     size_t piece_size, unsigned n) {
    for (unsigned i = 0; i < n; i++)
        merkle_leaf(pieces + i * piece_size, piece_size, &nodes[i]);
    merkle_tree_init(tree, nodes, n);
}

void fragment_make(struct fragment *fragment, const struct merkle_tree *tree, const uint8_t *pieces,
                   uint32_t size, unsigned k, unsigned n, unsigned index) {
    struct digest proof[MERKLE_PROOF_LIMIT];
    int count = merkle_prove_inclusion(tree, index, proof);
    assert(count >= 0 && count <= FRAGMENT_BRANCH_LIMIT);
    *fragment = (struct fragment){
        .index = (uint8_t)index,
        .n = (uint8_t)n,
        .k = (uint8_t)k,
        .size = size,
        .root = *merkle_tree_root(tree),
        .branch_count = (uint8_t)count,
        .piece_size = erasure_piece_size(k, size),
    };
    memcpy(fragment->branch, proof, (size_t)count * sizeof *proof);
    fragment->bytes = pieces + index * fragment->piece_size;
}

size_t fragment_bytes(const struct fragment *fragment) {
    return FIXED_BYTES + (size_t)fragment->branch_count * DIGEST_BYTES + fragment->piece_size;
}

void fragment_write(struct writer *writer, const struct fragment *fragment) {
    write_u8(writer, fragment->index);
    write_u8(writer, fragment->n);
    write_u8(writer, fragment->k);
    write_u32(writer, fragment->size);
    write_digest(writer, &fragment->root);
    for (unsigned i = 0; i < fragment->branch_count; i++)
        write_digest(writer, &fragment->branch[i]);
    write_bytes(writer, fragment->bytes, fragment->piece_size);
}

int fragment_decode(struct fragment *fragment, const uint8_t *bytes, size_t size) {
    struct reader reader;
    *fragment = (struct fragment){0};
    reader_init(&reader, bytes, size);
    fragment->index = read_u8(&reader);
    fragment->n = read_u8(&reader);
    fragment->k = read_u8(&reader);
    fragment->size = read_u32(&reader);
    read_digest(&reader, &fragment->root);
    if (reader.error == OK &&
        (fragment->k == 0 || fragment->k > fragment->n || fragment->index >= fragment->n ||
         fragment->size == 0 || fragment->size > LIMIT_BATCH_BYTES))
        reader_fail(&reader, ERR_INVALID);
    if (reader.error != OK)
        return reader.error;
    fragment->branch_count = (uint8_t)merkle_inclusion_count(fragment->index, fragment->n);
    for (unsigned i = 0; i < fragment->branch_count; i++)
        read_digest(&reader, &fragment->branch[i]);
    fragment->piece_size = erasure_piece_size(fragment->k, fragment->size);
    fragment->bytes = read_view(&reader, fragment->piece_size);
    return reader_finish(&reader);
}

void fragment_commitment(const struct fragment *fragment, struct digest *out) {
    uint8_t bytes[DIGEST_BYTES + 1 + 1 + 4];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_digest(&writer, &fragment->root);
    write_u8(&writer, fragment->n);
    write_u8(&writer, fragment->k);
    write_u32(&writer, fragment->size);
    assert(writer.error == OK && writer.at == sizeof bytes);
    merkle_leaf(bytes, sizeof bytes, out);
}

int fragment_verify(const struct fragment *fragment) {
    struct digest leaf;
    merkle_leaf(fragment->bytes, fragment->piece_size, &leaf);
    int error = merkle_verify_inclusion(&leaf, fragment->index, fragment->n, fragment->branch,
                                        fragment->branch_count, &fragment->root);
    return error == OK ? OK : ERR_PROOF;
}

static bool one_message(const struct erasure_code *code, const struct fragment *fragments,
                        size_t count) {
    for (size_t i = 0; i < count; i++)
        if (fragments[i].n != code->n || fragments[i].k != code->k ||
            fragments[i].size != fragments[0].size ||
            memcmp(&fragments[i].root, &fragments[0].root, sizeof fragments[0].root) != 0)
            return false;
    return true;
}

int fragment_reconstruct(struct erasure_code *code, const struct fragment *fragments, size_t count,
                         uint8_t *out) {
    struct erasure_piece pieces[LIMIT_PIECES];
    struct digest nodes[2 * LIMIT_PIECES + 64];
    struct merkle_tree tree;
    if (count == 0)
        return ERR_NOT_ENOUGH;
    if (count > code->n)
        return ERR_DUPLICATE;
    if (!one_message(code, fragments, count))
        return ERR_MISMATCH;
    size_t piece_size = fragments[0].piece_size, size = fragments[0].size;
    for (size_t i = 0; i < count; i++)
        pieces[i] = (struct erasure_piece){fragments[i].index, fragments[i].bytes};
    int error = erasure_decode(code, pieces, count, piece_size, out);
    if (error != OK)
        return error;
    /* erasure_encode clears the padding; padding that was not zero is not a codeword of ours. */
    error = erasure_encode(code, out, size);
    if (error != OK)
        return error;
    fragment_commit(&tree, nodes, out, piece_size, code->n);
    bool same = memcmp(merkle_tree_root(&tree), &fragments[0].root, sizeof(struct digest)) == 0;
    return same ? OK : ERR_MISMATCH;
}
