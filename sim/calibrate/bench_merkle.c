/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "crypto/merkle.h"
#include "sim/calibrate/rows.h"

enum { LEAVES = 1024, OLD_LEAVES = 700, LEAF_BYTES = 32, INDEX = 345 };

struct merkle {
    uint8_t data[LEAVES * LEAF_BYTES];
    struct digest nodes[2 * LEAVES + 64];
    struct digest old_nodes[2 * LEAVES + 64];
    struct merkle_tree tree;
    struct merkle_tree old_tree;
    struct digest inclusion[MERKLE_PROOF_LIMIT];
    struct digest consistency[MERKLE_PROOF_LIMIT];
    int inclusion_count;
    int consistency_count;
};

static void build(struct merkle_tree *tree, const uint8_t *data, struct digest *nodes,
                  size_t leaves) {
    for (size_t i = 0; i < leaves; i++)
        merkle_leaf(data + i * LEAF_BYTES, LEAF_BYTES, &nodes[i]);
    merkle_tree_init(tree, nodes, leaves);
}

static bool run_build(void *state) {
    struct merkle *bench = state;
    build(&bench->tree, bench->data, bench->nodes, LEAVES);
    return true;
}

static bool run_prove(void *state) {
    struct merkle *bench = state;
    bench->inclusion_count = merkle_prove_inclusion(&bench->tree, INDEX, bench->inclusion);
    return bench->inclusion_count > 0;
}

static bool run_verify(void *state) {
    struct merkle *bench = state;
    return merkle_verify_inclusion(&bench->nodes[INDEX], INDEX, LEAVES, bench->inclusion,
                                   (size_t)bench->inclusion_count,
                                   merkle_tree_root(&bench->tree)) == OK;
}

static bool run_prove_consistency(void *state) {
    struct merkle *bench = state;
    bench->consistency_count =
        merkle_prove_consistency(&bench->tree, OLD_LEAVES, bench->consistency);
    return bench->consistency_count > 0;
}

static bool run_verify_consistency(void *state) {
    struct merkle *bench = state;
    return merkle_verify_consistency(OLD_LEAVES, merkle_tree_root(&bench->old_tree), LEAVES,
                                     merkle_tree_root(&bench->tree), bench->consistency,
                                     (size_t)bench->consistency_count) == OK;
}

static int prepare(void *state, const struct bench_row *row) {
    struct merkle *bench = state;
    bench_fill(bench->data, sizeof bench->data);
    run_build(bench);
    build(&bench->old_tree, bench->data, bench->old_nodes, OLD_LEAVES);
    return run_prove(bench) && run_prove_consistency(bench) ? OK : ERR_INVALID;
}

static const struct bench_row rows[] = {
    {.kind = "merkle_leaf",
     .name = "Merkle tree",
     .note = "1024 leaves of 32 bytes hashed and built; per leaf; src over libsodium",
     .units = LEAVES,
     .bytes = LEAF_BYTES,
     .run = run_build},
    {.name = "Merkle inclusion prove", .note = "1024 leaves; src", .units = 1, .run = run_prove},
    {.name = "Merkle inclusion verify",
     .note = "1024 leaves; src over libsodium",
     .units = 1,
     .run = run_verify},
    {.name = "Merkle consistency prove",
     .note = "700 of 1024 leaves; src",
     .units = 1,
     .run = run_prove_consistency},
    {.name = "Merkle consistency verify",
     .note = "700 of 1024 leaves; src over libsodium",
     .units = 1,
     .run = run_verify_consistency},
};

const struct bench_family bench_merkle = {.name = "Merkle trees",
                                          .rows = rows,
                                          .row_count = ARRAY_LEN(rows),
                                          .state_bytes = sizeof(struct merkle),
                                          .prepare = prepare};
