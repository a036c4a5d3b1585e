/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Merkle trees of RFC 9162 2.1 over SHA-256: leaf = H(0x00 || data), node = H(0x01 || left ||
 * right), split at the largest power of two below the size, empty tree = H(""). The last node of a
 * level is never duplicated (CVE-2012-2459), it moves up as it is.
 *
 * A verifier trusts the tree size that it passes: a proof alone does not bind it. */
#ifndef TIERCHAIN_CRYPTO_MERKLE_H
#define TIERCHAIN_CRYPTO_MERKLE_H

#include "base/types.h"

#define MERKLE_PROOF_LIMIT 65 /* digests of any proof for a tree of fewer than 2^64 leaves */

void merkle_leaf(const void *data, size_t size, struct digest *out);

/* @out may be one of the children. */
void merkle_node(const struct digest *left, const struct digest *right, struct digest *out);

/* A tree that grows leaf by leaf and keeps only its roots of complete subtrees. */
struct merkle_stream {
    struct digest peaks[64]; /* peaks[i] is valid when bit i of @leaves is set: 2^i leaves */
    uint64_t leaves;
};

void merkle_stream_init(struct merkle_stream *stream);
void merkle_stream_add(struct merkle_stream *stream, const struct digest *leaf);

/* The root over all leaves so far; more may follow. */
void merkle_stream_root(const struct merkle_stream *stream, struct digest *out);

/* A whole tree in the caller's buffer, level after level from the leaves: it makes proofs. */
struct merkle_tree {
    struct digest *nodes;
    size_t leaves;
};

/* How many digests the tree's buffer holds, at most 2 * leaves + 64. */
size_t merkle_tree_nodes(size_t leaves);

/* @nodes has room for merkle_tree_nodes(leaves) digests and outlives the tree; the first @leaves of
 * them hold the leaf hashes, the others are written here. */
void merkle_tree_init(struct merkle_tree *tree, struct digest *nodes, size_t leaves);

const struct digest *merkle_tree_root(const struct merkle_tree *tree);

/* The proof that leaf @index belongs to the tree (RFC 9162 2.1.3.1), into @proof with room for
 * MERKLE_PROOF_LIMIT digests. Returns their number, or ERR_INVALID for an index out of range. */
int merkle_prove_inclusion(const struct merkle_tree *tree, size_t index, struct digest *proof);

/* The number of digests in the proof of leaf @index, 0 <= @index < @size. */
size_t merkle_inclusion_count(uint64_t index, uint64_t size);

/* RFC 9162 2.1.3.2. 0; ERR_INVALID when @index >= @size; ERR_PROOF. */
int merkle_verify_inclusion(const struct digest *leaf, uint64_t index, uint64_t size,
                            const struct digest *proof, size_t count, const struct digest *root);

/* The proof that the tree of the first @old_size leaves is a prefix of this one (RFC 9162 2.1.4.1),
 * into @proof as above. Returns the number of digests, or ERR_INVALID unless
 * 0 < @old_size <= leaves: that anything extends the empty tree proves nothing. */
int merkle_prove_consistency(const struct merkle_tree *tree, size_t old_size, struct digest *proof);

/* RFC 9162 2.1.4.2; equal sizes need equal roots and an empty proof. 0; ERR_INVALID unless
 * 0 < @old_size <= @new_size; ERR_PROOF. */
int merkle_verify_consistency(uint64_t old_size, const struct digest *old_root, uint64_t new_size,
                              const struct digest *new_root, const struct digest *proof,
                              size_t count);

#endif
