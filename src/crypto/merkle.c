/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/merkle.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"

_Static_assert(DIGEST_BYTES == crypto_hash_sha256_BYTES, "a digest is a SHA-256 hash");

static const uint8_t leaf_prefix = 0x00;
static const uint8_t node_prefix = 0x01;

void merkle_leaf(const void *data, size_t size, struct digest *out) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, &leaf_prefix, 1);
    crypto_hash_sha256_update(&state, data, size);
    crypto_hash_sha256_final(&state, out->bytes);
}

void merkle_node(const struct digest *left, const struct digest *right, struct digest *out) {
    uint8_t input[1 + 2 * DIGEST_BYTES];
    input[0] = node_prefix;
    memcpy(input + 1, left->bytes, DIGEST_BYTES);
    memcpy(input + 1 + DIGEST_BYTES, right->bytes, DIGEST_BYTES);
    crypto_hash_sha256(out->bytes, input, sizeof input);
}

static bool equal(const struct digest *a, const struct digest *b) {
    return memcmp(a->bytes, b->bytes, DIGEST_BYTES) == 0;
}

void merkle_stream_init(struct merkle_stream *stream) {
    *stream = (struct merkle_stream){.leaves = 0};
}

void merkle_stream_add(struct merkle_stream *stream, const struct digest *leaf) {
    struct digest hash = *leaf;
    unsigned level = 0;
    /* As in a binary counter, the carry runs through the levels that are full. */
    for (; stream->leaves >> level & 1; level++)
        merkle_node(&stream->peaks[level], &hash, &hash);
    stream->peaks[level] = hash;
    stream->leaves++;
}

void merkle_stream_root(const struct merkle_stream *stream, struct digest *out) {
    if (stream->leaves == 0) {
        crypto_hash_sha256(out->bytes, NULL, 0);
        return;
    }
    unsigned level = (unsigned)__builtin_ctzll(stream->leaves);
    struct digest hash = stream->peaks[level];
    while (++level < ARRAY_LEN(stream->peaks))
        if (stream->leaves >> level & 1)
            merkle_node(&stream->peaks[level], &hash, &hash);
    *out = hash;
}

/* Node i of level l covers the leaves from i * 2^l, as many of 2^l as there are. */
static size_t next_width(size_t width) {
    return width / 2 + width % 2;
}

size_t merkle_tree_nodes(size_t leaves) {
    size_t nodes = 1;
    for (size_t width = leaves; width > 1; width = next_width(width))
        nodes += width;
    return nodes;
}

void merkle_tree_init(struct merkle_tree *tree, struct digest *nodes, size_t leaves) {
    *tree = (struct merkle_tree){.nodes = nodes, .leaves = leaves};
    if (leaves == 0)
        crypto_hash_sha256(nodes[0].bytes, NULL, 0);
    struct digest *level = nodes;
    for (size_t width = leaves; width > 1; width = next_width(width)) {
        struct digest *parents = level + width;
        for (size_t i = 0; i < width / 2; i++)
            merkle_node(&level[2 * i], &level[2 * i + 1], &parents[i]);
        if (width % 2 == 1)
            parents[width / 2] = level[width - 1];
        level = parents;
    }
}

const struct digest *merkle_tree_root(const struct merkle_tree *tree) {
    return &tree->nodes[merkle_tree_nodes(tree->leaves) - 1];
}

int merkle_prove_inclusion(const struct merkle_tree *tree, size_t index, struct digest *proof) {
    const struct digest *level = tree->nodes;
    int count = 0;
    if (index >= tree->leaves)
        return ERR_INVALID;
    for (size_t width = tree->leaves; width > 1; width = next_width(width)) {
        size_t sibling = index ^ 1;
        if (sibling < width) /* else the node moves up alone */
            proof[count++] = level[sibling];
        level += width;
        index /= 2;
    }
    return count;
}

size_t merkle_inclusion_count(uint64_t index, uint64_t size) {
    size_t count = 0;
    assert(index < size);
    for (uint64_t last = size - 1; last > 0; last /= 2) {
        count += (index ^ 1) <= last;
        index /= 2;
    }
    return count;
}

/* RFC 9162 2.1.3.2 and 2.1.4.2 walk alike: @node is the position on the level, @last the last one
 * there. Before joining with a left sibling, skip the levels on which the node moved up alone. */
struct walk {
    uint64_t node;
    uint64_t last;
};

/* True when the next digest of the proof is the left sibling. */
static bool walk_up(struct walk *walk) {
    bool left = (walk->node & 1) || walk->node == walk->last;
    while (left && !(walk->node & 1) && walk->node != 0) {
        walk->node >>= 1;
        walk->last >>= 1;
    }
    walk->node >>= 1;
    walk->last >>= 1;
    return left;
}

int merkle_verify_inclusion(const struct digest *leaf, uint64_t index, uint64_t size,
                            const struct digest *proof, size_t count, const struct digest *root) {
    if (index >= size)
        return ERR_INVALID;
    struct walk walk = {.node = index, .last = size - 1};
    struct digest hash = *leaf;
    for (size_t i = 0; i < count; i++) {
        if (walk.last == 0)
            return ERR_PROOF;
        if (walk_up(&walk))
            merkle_node(&proof[i], &hash, &hash);
        else
            merkle_node(&hash, &proof[i], &hash);
    }
    return walk.last == 0 && equal(&hash, root) ? OK : ERR_PROOF;
}

/* The hash over the leaves [from, to), a subtree: @to - @from is a power of two that divides @from,
 * or @to is the end of the tree. */
static const struct digest *subtree(const struct merkle_tree *tree, size_t from, size_t to) {
    const struct digest *level = tree->nodes;
    size_t width = tree->leaves;
    for (size_t leaves = to - from; leaves > 1; leaves = next_width(leaves)) {
        level += width;
        width = next_width(width);
        from /= 2;
    }
    return &level[from];
}

static size_t largest_power_below(size_t size) {
    size_t power = 1;
    while (power < size - power)
        power *= 2;
    return power;
}

int merkle_prove_consistency(const struct merkle_tree *tree, size_t old_size,
                             struct digest *proof) {
    size_t from = 0, to = tree->leaves;
    int count = 0;
    if (old_size == 0 || old_size > tree->leaves)
        return ERR_INVALID;
    while (to != old_size) {
        size_t middle = from + largest_power_below(to - from);
        if (old_size <= middle) {
            proof[count++] = *subtree(tree, middle, to);
            to = middle;
        } else {
            proof[count++] = *subtree(tree, from, middle);
            from = middle;
        }
    }
    if (from > 0) /* else it is the old root, which the verifier has */
        proof[count++] = *subtree(tree, from, to);
    /* The RFC's order is from the leaves up. */
    for (int i = 0; i < count / 2; i++) {
        struct digest swap = proof[i];
        proof[i] = proof[count - 1 - i];
        proof[count - 1 - i] = swap;
    }
    return count;
}

int merkle_verify_consistency(uint64_t old_size, const struct digest *old_root, uint64_t new_size,
                              const struct digest *new_root, const struct digest *proof,
                              size_t count) {
    if (old_size == 0 || old_size > new_size)
        return ERR_INVALID;
    if (old_size == new_size)
        return count == 0 && equal(old_root, new_root) ? OK : ERR_PROOF;
    bool power = (old_size & (old_size - 1)) == 0;
    if (!power && count == 0)
        return ERR_PROOF;
    /* The old tree's last complete subtree: its root is the old root itself for a power of two. */
    unsigned complete = (unsigned)__builtin_ctzll(old_size);
    struct walk walk = {.node = (old_size - 1) >> complete, .last = (new_size - 1) >> complete};
    struct digest old_hash = power ? *old_root : proof[0], new_hash = old_hash;
    for (size_t i = power ? 0 : 1; i < count; i++) {
        if (walk.last == 0)
            return ERR_PROOF;
        if (walk_up(&walk)) {
            merkle_node(&proof[i], &old_hash, &old_hash);
            merkle_node(&proof[i], &new_hash, &new_hash);
        } else {
            merkle_node(&new_hash, &proof[i], &new_hash);
        }
    }
    return walk.last == 0 && equal(&old_hash, old_root) && equal(&new_hash, new_root) ? OK
                                                                                      : ERR_PROOF;
}
