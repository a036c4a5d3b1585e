/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A fragment: one erasure-coded piece with the proof that it belongs to its message. The Merkle
 * root over all n pieces is the message's commitment (Cachin, Tessaro 2005, AVID).
 *
 *   u8 index · u8 n · u8 k · u32 message size · root 32 · branch 32 · ceil(log2 n) … · piece
 *
 * The branch's length and the piece's size follow from the other fields, so there is one encoding.
 *
 * The root alone commits to the pieces, not to k and the message's size: "ab" and "ab\0" can have
 * the same pieces. What is signed is therefore fragment_commitment. */
#ifndef TIERCHAIN_CODING_FRAGMENT_H
#define TIERCHAIN_CODING_FRAGMENT_H

#include "base/cursor.h"
#include "coding/erasure.h"

#define FRAGMENT_BRANCH_LIMIT 8 /* digests: ceil(log2 LIMIT_PIECES) */

struct fragment {
    uint8_t index;
    uint8_t n;
    uint8_t k;
    uint32_t size; /* of the message, bytes; 1 … LIMIT_BATCH_BYTES */
    struct digest root;
    struct digest branch[FRAGMENT_BRANCH_LIMIT];
    uint8_t branch_count;
    const uint8_t *bytes; /* the piece; borrowed */
    size_t piece_size;
};

/* The Merkle tree over the n pieces that erasure_encode left in @pieces. @nodes has room for
 * merkle_tree_nodes(n) digests. Writes the root. */
struct merkle_tree;
void fragment_commit(struct merkle_tree *tree, struct digest *nodes, const uint8_t *pieces,
                     size_t piece_size, unsigned n);

/* Fragment @index of a committed message; its bytes point into @pieces. */
void fragment_make(struct fragment *fragment, const struct merkle_tree *tree, const uint8_t *pieces,
                   uint32_t size, unsigned k, unsigned n, unsigned index);

/* What a sender commits to: the root together with n, k and the message's size. Receivers that
 * agree on it rebuild the same message; agreeing on the root alone is not enough. */
void fragment_commitment(const struct fragment *fragment, struct digest *out);

size_t fragment_bytes(const struct fragment *fragment);
void fragment_write(struct writer *writer, const struct fragment *fragment);

/* Reads a fragment in place. Errors: as of the cursor; ERR_INVALID for impossible n, k, index or
 * size. */
int fragment_decode(struct fragment *fragment, const uint8_t *bytes, size_t size);

/* 0 when the piece lies under the root at its index, otherwise ERR_PROOF. */
int fragment_verify(const struct fragment *fragment);

/* Rebuilds a message from @count verified fragments of one root into @out, which has room for
 * n * erasure_piece_size(k, size) bytes; the message is its first size bytes. All n pieces are
 * coded again and must give the root, or a sender could hand out pieces of no message at all.
 * 0; ERR_MISMATCH when they don't, or when the fragments disagree; as erasure_decode. */
int fragment_reconstruct(struct erasure_code *code, const struct fragment *fragments, size_t count,
                         uint8_t *out);

#endif
