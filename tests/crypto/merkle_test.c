/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Trees against the recursive definition of RFC 9162 2.1.1, every proof of small trees, damaged
 * proofs, and every record of vectors/merkle_rfc6962_rfc9162.txt. */
#include "crypto/merkle.h"

#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "tests/lib/hex.h"
#include "tests/lib/vectors.h"

#define LEAVES 66

static struct digest nodes[2 * LEAVES + 64];

static void assert_digest(const struct digest *digest, const char *hex) {
    struct digest expected;
    hex_decode(hex, expected.bytes, DIGEST_BYTES);
    ck_assert_mem_eq(digest->bytes, expected.bytes, DIGEST_BYTES);
}

/* Leaf i holds i as one byte. */
static struct merkle_tree make_tree(size_t leaves) {
    struct merkle_tree tree;
    for (size_t i = 0; i < leaves; i++)
        merkle_leaf(&(uint8_t){(uint8_t)i}, 1, &nodes[i]);
    ck_assert_uint_le(merkle_tree_nodes(leaves), ARRAY_LEN(nodes));
    merkle_tree_init(&tree, nodes, leaves);
    return tree;
}

/* MTH of RFC 9162 2.1.1, as it is written there. */
static struct digest definition(const struct digest *leaves, size_t count) {
    struct digest left, right;
    size_t half = 1;
    if (count == 1)
        return leaves[0];
    while (2 * half < count)
        half *= 2;
    left = definition(leaves, half);
    right = definition(leaves + half, count - half);
    merkle_node(&left, &right, &left);
    return left;
}

/* The classic inputs of certificate transparency; roots of their first 0 … 8. */
static const struct {
    const char *leaf, *root;
} classic[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"00", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {"10", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
    {"2021", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
    {"3031", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
    {"40414243", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
    {"5051525354555657", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
    {"606162636465666768696a6b6c6d6e6f",
     "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
    {NULL, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

START_TEST(classic_roots) {
    struct merkle_stream stream;
    struct digest root;
    merkle_stream_init(&stream);
    for (size_t size = 0; size < ARRAY_LEN(classic); size++) {
        struct merkle_tree tree;
        struct digest copy[2 * ARRAY_LEN(classic) + 64];
        merkle_stream_root(&stream, &root);
        assert_digest(&root, classic[size].root);
        memcpy(copy, nodes, sizeof nodes[0] * size);
        merkle_tree_init(&tree, copy, size);
        ck_assert_mem_eq(merkle_tree_root(&tree), &root, sizeof root);
        if (classic[size].leaf == NULL)
            break;
        size_t bytes;
        uint8_t *leaf = hex_decode_new(classic[size].leaf, &bytes);
        merkle_leaf(leaf, bytes, &nodes[size]);
        merkle_stream_add(&stream, &nodes[size]);
        free(leaf);
    }
}
END_TEST

START_TEST(stream_and_tree_follow_the_definition) {
    struct merkle_stream stream;
    merkle_stream_init(&stream);
    for (size_t leaves = 1; leaves <= LEAVES; leaves++) {
        struct merkle_tree tree = make_tree(leaves);
        struct digest root, expected = definition(nodes, leaves);
        merkle_stream_add(&stream, &nodes[leaves - 1]);
        merkle_stream_root(&stream, &root);
        ck_assert_mem_eq(&root, &expected, sizeof root);
        ck_assert_mem_eq(merkle_tree_root(&tree), &expected, sizeof root);
    }
}
END_TEST

START_TEST(every_inclusion_proof_fits_its_leaf_only) {
    for (size_t leaves = 1; leaves <= LEAVES; leaves++) {
        struct merkle_tree tree = make_tree(leaves);
        const struct digest *root = merkle_tree_root(&tree);
        struct digest proof[MERKLE_PROOF_LIMIT];
        for (size_t index = 0; index < leaves; index++) {
            int count = merkle_prove_inclusion(&tree, index, proof);
            ck_assert_uint_eq((size_t)count, merkle_inclusion_count(index, leaves));
            for (size_t other = 0; other <= leaves; other++) {
                int result = merkle_verify_inclusion(&nodes[index], other, leaves, proof,
                                                     (size_t)count, root);
                int refused = other < leaves ? ERR_PROOF : ERR_INVALID;
                ck_assert_int_eq(result, other == index ? OK : refused);
            }
        }
        ck_assert_int_eq(merkle_prove_inclusion(&tree, leaves, proof), ERR_INVALID);
    }
}
END_TEST

START_TEST(every_consistency_proof) {
    for (size_t leaves = 1; leaves <= LEAVES; leaves++) {
        struct merkle_tree tree = make_tree(leaves);
        const struct digest *root = merkle_tree_root(&tree);
        struct digest proof[MERKLE_PROOF_LIMIT];
        for (size_t old = 1; old <= leaves; old++) {
            struct digest old_root = definition(nodes, old);
            int count = merkle_prove_consistency(&tree, old, proof);
            ck_assert_int_ge(count, 0);
            ck_assert_int_eq(
                merkle_verify_consistency(old, &old_root, leaves, root, proof, (size_t)count), OK);
            old_root.bytes[0] ^= 1;
            ck_assert_int_eq(
                merkle_verify_consistency(old, &old_root, leaves, root, proof, (size_t)count),
                ERR_PROOF);
        }
        ck_assert_int_eq(merkle_prove_consistency(&tree, 0, proof), ERR_INVALID);
        ck_assert_int_eq(merkle_prove_consistency(&tree, leaves + 1, proof), ERR_INVALID);
    }
}
END_TEST

/* A bit flipped, or a digest cut off, added or doubled. Returns the new count. */
static size_t damage(struct rng *rng, struct digest *proof, size_t count) {
    size_t at = count > 0 ? (size_t)rng_below(rng, count) : 0;
    switch (count > 0 ? rng_below(rng, 3) : 2) {
    case 0:
        proof[at].bytes[rng_below(rng, DIGEST_BYTES)] ^= (uint8_t)(1 << rng_below(rng, 8));
        return count;
    case 1:
        memmove(&proof[at], &proof[at + 1], (count - at - 1) * sizeof proof[0]);
        return count - 1;
    default:
        memmove(&proof[at + 1], &proof[at], (count - at) * sizeof proof[0]);
        rng_fill(rng, &proof[at], sizeof proof[at]);
        return count + 1;
    }
}

START_TEST(damaged_proofs_are_refused) {
    struct merkle_tree tree = make_tree(LEAVES);
    const struct digest *root = merkle_tree_root(&tree);
    struct rng rng;
    rng_init(&rng, 3, 0, "damage");
    struct digest roots[LEAVES]; /* of the first 1 … LEAVES leaves */
    for (size_t i = 0; i < LEAVES; i++)
        roots[i] = definition(nodes, i + 1);
    for (size_t round = 0; round < 50000; round++) {
        struct digest proof[MERKLE_PROOF_LIMIT + 1];
        size_t index = (size_t)rng_below(&rng, LEAVES);
        size_t count = (size_t)merkle_prove_inclusion(&tree, index, proof);
        count = damage(&rng, proof, count);
        ck_assert_int_eq(merkle_verify_inclusion(&nodes[index], index, LEAVES, proof, count, root),
                         ERR_PROOF);

        count = (size_t)merkle_prove_consistency(&tree, index + 1, proof);
        count = damage(&rng, proof, count);
        ck_assert_int_eq(
            merkle_verify_consistency(index + 1, &roots[index], LEAVES, root, proof, count),
            ERR_PROOF);
    }
}
END_TEST

START_TEST(random_proofs_are_refused) {
    struct rng rng;
    rng_init(&rng, 4, 0, "random");
    for (size_t round = 0; round < 100000; round++) {
        struct digest random[MERKLE_PROOF_LIMIT + 4];
        size_t count = (size_t)rng_below(&rng, 6);
        uint64_t a = rng_next(&rng) >> rng_below(&rng, 64),
                 b = rng_next(&rng) >> rng_below(&rng, 64);
        rng_fill(&rng, random, (count + 2) * sizeof random[0]);
        ck_assert_int_ne(merkle_verify_inclusion(&random[0], a, b, random + 2, count, &random[1]),
                         OK);
        ck_assert_int_ne(merkle_verify_consistency(a, &random[0], b, &random[1], random + 2, count),
                         OK);
    }
}
END_TEST

/* Digests of a comma-separated list; -1 when one is no digest at all. Some records compare roots of
 * a few letters: they are filled up with zeros, which keeps equal equal and different different. */
static int parse_digests(const char *text, struct digest *out, size_t limit) {
    size_t count = 0;
    while (*text != '\0') {
        char hex[2 * DIGEST_BYTES + 1];
        size_t length = strcspn(text, ",");
        if (length < 2 || length > 2 * DIGEST_BYTES || count == limit)
            return -1;
        memset(hex, '0', sizeof hex);
        memcpy(hex, text, length);
        hex[2 * DIGEST_BYTES] = '\0';
        hex_decode(hex, out[count++].bytes, DIGEST_BYTES);
        text += length + (text[length] == ',');
    }
    return (int)count;
}

static void check_hash(const struct vectors *vectors) {
    const char *what = vectors_text(vectors, "desc"), *value = vectors_text(vectors, "value");
    size_t size = 0;
    uint8_t *input = NULL;
    struct digest digest;
    if (vectors_find(vectors, "input", 0) != NULL)
        input = vectors_bytes_new(vectors, "input", &size);
    if (strcmp(what, "empty tree") == 0) {
        struct merkle_stream stream;
        merkle_stream_init(&stream);
        merkle_stream_root(&stream, &digest);
    } else if (strstr(what, "node") != NULL) {
        /* Its children are no digests: the record shows the prefix, which merkle_node must share.
         */
        uint8_t prefixed[1 + 2 * DIGEST_BYTES] = {0x01};
        struct digest own;
        ck_assert_uint_lt(size, sizeof prefixed);
        merkle_node(&(struct digest){{0}}, &(struct digest){{0}}, &own);
        crypto_hash_sha256(digest.bytes, prefixed, sizeof prefixed);
        ck_assert_mem_eq(own.bytes, digest.bytes, DIGEST_BYTES);
        memcpy(prefixed + 1, input, size);
        crypto_hash_sha256(digest.bytes, prefixed, 1 + size);
    } else {
        merkle_leaf(input, size, &digest);
    }
    assert_digest(&digest, value);
    free(input);
}

static void check_root(const struct vectors *vectors) {
    const char *text = vectors_text(vectors, "leaves");
    struct merkle_stream stream;
    struct digest root;
    merkle_stream_init(&stream);
    while (*text != '\0') {
        char hex[64] = "";
        size_t length = strcspn(text, ","), size;
        ck_assert_uint_lt(length, sizeof hex);
        if (text[0] != '-')
            memcpy(hex, text, length);
        uint8_t *leaf = hex_decode_new(hex, &size);
        merkle_leaf(leaf, size, &root);
        merkle_stream_add(&stream, &root);
        free(leaf);
        text += length + (text[length] == ',');
    }
    ck_assert_uint_eq(stream.leaves, vectors_number(vectors, "size"));
    merkle_stream_root(&stream, &root);
    assert_digest(&root, vectors_text(vectors, "root"));
}

/* What has no bytes or too many can't even be passed to the verifier: refused. */
static bool read_probe(const struct vectors *vectors, const char *first, const char *second,
                       struct digest *left, struct digest *right,
                       struct digest proof[MERKLE_PROOF_LIMIT], int *count) {
    *count = parse_digests(vectors_text(vectors, "proof"), proof, MERKLE_PROOF_LIMIT);
    const int lefts = parse_digests(vectors_text(vectors, first), left, 1);
    const int rights = parse_digests(vectors_text(vectors, second), right, 1);
    return *count >= 0 && lefts == 1 && rights == 1;
}

static bool inclusion_verifies(const struct vectors *vectors) {
    struct digest leaf, root, proof[MERKLE_PROOF_LIMIT];
    const uint64_t index = vectors_number(vectors, "leaf_index");
    const uint64_t size = vectors_number(vectors, "size");
    int count;
    return read_probe(vectors, "leaf_hash", "root", &leaf, &root, proof, &count) &&
           merkle_verify_inclusion(&leaf, index, size, proof, (size_t)count, &root) == OK;
}

static bool consistency_verifies(const struct vectors *vectors) {
    struct digest old_root, new_root, proof[MERKLE_PROOF_LIMIT];
    const uint64_t old_size = vectors_number(vectors, "size1");
    const uint64_t new_size = vectors_number(vectors, "size2");
    int count;
    return read_probe(vectors, "root1", "root2", &old_root, &new_root, proof, &count) &&
           merkle_verify_consistency(old_size, &old_root, new_size, &new_root, proof,
                                     (size_t)count) == OK;
}

START_TEST(vector_file) {
    struct vectors vectors;
    size_t checked = 0, accepted = 0;
    if (!vectors_open(&vectors, "merkle_rfc6962_rfc9162.txt"))
        return;
    for (; vectors_next(&vectors); checked++) {
        const char *type = vectors_text(&vectors, "type");
        if (strcmp(type, "hash") == 0) {
            check_hash(&vectors);
        } else if (strcmp(type, "root") == 0) {
            check_root(&vectors);
        } else {
            bool inclusion = strcmp(type, "inclusion") == 0;
            ck_assert(inclusion || strcmp(type, "consistency") == 0);
            bool ok = inclusion ? inclusion_verifies(&vectors) : consistency_verifies(&vectors);
            ck_assert_msg(ok == (vectors_number(&vectors, "ok") == 1), "record %zu",
                          vectors.record);
            accepted += ok;
        }
    }
    ck_assert_uint_gt(accepted, 72); /* at least every proof of the trees of up to 8 leaves */
    vectors_close(&vectors, checked);
}
END_TEST

Suite *merkle_suite(void) {
    Suite *suite = suite_create("merkle");
    TCase *tcase = tcase_create("merkle");
    tcase_add_test(tcase, classic_roots);
    tcase_add_test(tcase, stream_and_tree_follow_the_definition);
    tcase_add_test(tcase, every_inclusion_proof_fits_its_leaf_only);
    tcase_add_test(tcase, every_consistency_proof);
    tcase_add_test(tcase, damaged_proofs_are_refused);
    tcase_add_test(tcase, random_proofs_are_refused);
    tcase_add_test(tcase, vector_file);
    suite_add_tcase(suite, tcase);
    return suite;
}
