/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: two sizes, two digests, the proof. A proof that verifies for a size must have the length
 * that a prover gives it, and every proof made here must verify. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/error.h"
#include "crypto/merkle.h"

#define LEAVES 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void verify_strange_proofs(struct reader *reader) {
    struct digest first, second, proof[MERKLE_PROOF_LIMIT + 1];
    uint64_t a = read_u64(reader), b = read_u64(reader);
    size_t count = 0;
    read_digest(reader, &first);
    read_digest(reader, &second);
    while (count < ARRAY_LEN(proof) && reader_left(reader) >= DIGEST_BYTES)
        read_digest(reader, &proof[count++]);
    if (reader->error != OK)
        return;
    if (merkle_verify_inclusion(&first, a, b, proof, count, &second) == OK &&
        count != merkle_inclusion_count(a, b))
        abort();
    if (merkle_verify_consistency(a, &first, b, &second, proof, count) == OK && a > b)
        abort();
}

static void prove_and_verify(const uint8_t *data, size_t size) {
    struct digest nodes[2 * LEAVES + 64], proof[MERKLE_PROOF_LIMIT];
    struct merkle_stream old;
    struct merkle_tree tree;
    struct digest old_root;
    size_t leaves = size_min(size, LEAVES), index = data[0] % leaves;
    merkle_stream_init(&old);
    for (size_t i = 0; i < leaves; i++) {
        merkle_leaf(data + i, size - i, &nodes[i]);
        if (i <= index)
            merkle_stream_add(&old, &nodes[i]);
    }
    merkle_stream_root(&old, &old_root);
    merkle_tree_init(&tree, nodes, leaves);
    const struct digest *root = merkle_tree_root(&tree);
    int count = merkle_prove_inclusion(&tree, index, proof);
    if (merkle_verify_inclusion(&nodes[index], index, leaves, proof, (size_t)count, root) != OK)
        abort();
    count = merkle_prove_consistency(&tree, index + 1, proof);
    if (merkle_verify_consistency(index + 1, &old_root, leaves, root, proof, (size_t)count) != OK)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct reader reader;
    if (size == 0 || sodium_init() < 0)
        return 0;
    reader_init(&reader, data, size);
    verify_strange_proofs(&reader);
    prove_and_verify(data, size);
    return 0;
}
