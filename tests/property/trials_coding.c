/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Erasure coding, filters and Merkle trees. */
#include <stdlib.h>
#include <string.h>

#include "coding/fragment.h"
#include "crypto/merkle.h"
#include "filter/bloom.h"
#include "filter/cuckoo.h"
#include "tests/property/trials.h"

enum { N = 5, K = 2, SIZE = 17 };

static const uint8_t message[SIZE] = "seventeen bytes!";
static uint8_t pieces[N * ((SIZE + K - 1) / K)];
static struct digest commitment;

static void add_fragments(struct trial *trial) {
    struct digest nodes[2 * N + 64];
    struct merkle_tree tree;
    struct erasure_code code;
    const size_t piece_size = erasure_piece_size(K, SIZE);
    trial_require(erasure_code_init(&code, K, N, 1) == OK);
    memcpy(pieces, message, SIZE);
    trial_require(erasure_encode(&code, pieces, SIZE) == OK);
    fragment_commit(&tree, nodes, pieces, piece_size, N);
    for (unsigned i = 0; i < N; i++) {
        struct fragment fragment;
        struct writer writer;
        uint8_t bytes[512];
        fragment_make(&fragment, &tree, pieces, SIZE, K, N, i);
        fragment_commitment(&fragment, &commitment);
        writer_init(&writer, bytes, sizeof bytes);
        fragment_write(&writer, &fragment);
        trial_sample(trial, bytes, writer.at);
    }
    erasure_code_deinit(&code);
}

static int decode_fragment(const uint8_t *bytes, size_t size, struct writer *again) {
    struct fragment fragment;
    const int error = fragment_decode(&fragment, bytes, size);
    if (error == OK)
        fragment_write(again, &fragment);
    return error;
}

void trial_fragment(struct trial *out) {
    add_fragments(out);
    out->decode = decode_fragment;
}

/* The root does not bind k and the size; what a sender signs does. */
static int verify_fragment(const uint8_t *bytes, size_t size) {
    struct fragment fragment;
    struct digest signs;
    int error = fragment_decode(&fragment, bytes, size);
    if (error == OK)
        error = fragment_verify(&fragment);
    if (error != OK)
        return error;
    fragment_commitment(&fragment, &signs);
    return memcmp(&signs, &commitment, sizeof signs) == 0 ? OK : ERR_MISMATCH;
}

void trial_fragment_verify(struct trial *out) {
    add_fragments(out);
    out->verify = verify_fragment;
}

/* Input: the indexes of pieces that arrive, of a code of 5. What is rebuilt is the message. */
static int decode_pieces(const uint8_t *bytes, size_t size, struct writer *again) {
    static struct erasure_code code;
    struct erasure_piece arrived[256];
    const size_t piece_size = erasure_piece_size(K, SIZE);
    uint8_t out[2 * SIZE];
    if (code.n == 0 && erasure_code_init(&code, K, N, 4) != OK)
        abort();
    if (size > ARRAY_LEN(arrived))
        return ERR_LIMIT;
    for (size_t i = 0; i < size; i++)
        arrived[i] = (struct erasure_piece){bytes[i], pieces + bytes[i] % N * piece_size};
    const int error = erasure_decode(&code, arrived, size, piece_size, out);
    if (error == OK && memcmp(out, message, SIZE) == 0)
        write_bytes(again, bytes, size);
    return error;
}

void trial_erasure(struct trial *out) {
    struct trial unused = {0};
    add_fragments(&unused);
    trial_deinit(&unused);
    trial_sample(out, "\0\1", 2);
    trial_sample(out, "\4\3", 2);
    trial_sample(out, "\4\2\0\3\1", 5);
    out->decode = decode_pieces;
}

/* ---- filters ---- */

#define FILTER_ROOM 1024

static int decode_bloom(const uint8_t *bytes, size_t size, struct writer *again) {
    static uint8_t bits[FILTER_ROOM];
    struct bloom bloom;
    struct reader reader;
    reader_init(&reader, bytes, size);
    int error = bloom_read(&reader, &bloom, bits, sizeof bits);
    if (error == OK)
        error = reader_finish(&reader);
    if (error == OK)
        bloom_write(again, &bloom);
    return error;
}

void trial_bloom(struct trial *out) {
    for (enum bloom_layout layout = 0; layout < BLOOM_LAYOUTS; layout++) {
        uint8_t bits[2 * BLOOM_BLOCK_BYTES], key[BLOOM_KEY_BYTES] = {layout}, bytes[FILTER_ROOM];
        struct bloom bloom;
        struct writer writer;
        trial_require(bloom_init(&bloom, layout, 7, 2, key, bits) == OK);
        for (uint32_t item = 0; item < 50; item++)
            bloom_add(&bloom, &item, sizeof item);
        writer_init(&writer, bytes, sizeof bytes);
        bloom_write(&writer, &bloom);
        trial_sample(out, bytes, writer.at);
    }
    out->decode = decode_bloom;
}

static int decode_cuckoo(const uint8_t *bytes, size_t size, struct writer *again) {
    static uint8_t slots[FILTER_ROOM];
    struct cuckoo cuckoo;
    struct reader reader;
    reader_init(&reader, bytes, size);
    int error = cuckoo_read(&reader, &cuckoo, slots, sizeof slots);
    if (error == OK)
        error = reader_finish(&reader);
    if (error == OK)
        cuckoo_write(again, &cuckoo);
    return error;
}

void trial_cuckoo(struct trial *out) {
    for (unsigned fingerprint_bits = 8; fingerprint_bits <= 16; fingerprint_bits += 4) {
        uint8_t slots[FILTER_ROOM], key[CUCKOO_KEY_BYTES] = {1}, bytes[FILTER_ROOM];
        struct cuckoo cuckoo;
        struct writer writer;
        struct rng rng;
        rng_init(&rng, 1, 0, "kicks");
        trial_require(cuckoo_init(&cuckoo, fingerprint_bits, 3, key, slots) == OK);
        for (uint32_t item = 0; item < 40; item++) /* more than there are places: with a victim */
            (void)cuckoo_insert(&cuckoo, &item, sizeof item, &rng);
        writer_init(&writer, bytes, sizeof bytes);
        cuckoo_write(&writer, &cuckoo);
        trial_sample(out, bytes, writer.at);
    }
    out->decode = decode_cuckoo;
}

/* ---- Merkle trees: the tree of 11 leaves, whose size and root the verifier trusts ---- */

#define LEAVES 11

static struct digest nodes[2 * LEAVES + 64];
static struct merkle_tree tree;

static void grow(void) {
    for (size_t i = 0; i < LEAVES; i++)
        merkle_leaf(&i, sizeof i, &nodes[i]);
    merkle_tree_init(&tree, nodes, LEAVES);
}

/* The digests behind @reader's position; their number. */
static size_t read_proof(struct reader *reader, struct digest proof[MERKLE_PROOF_LIMIT]) {
    const size_t count = size_min(reader_left(reader) / DIGEST_BYTES, MERKLE_PROOF_LIMIT);
    for (size_t i = 0; i < count; i++)
        read_digest(reader, &proof[i]);
    return count;
}

/* u64 index · leaf · proof */
static int verify_inclusion(const uint8_t *bytes, size_t size) {
    struct digest leaf, proof[MERKLE_PROOF_LIMIT];
    struct reader reader;
    reader_init(&reader, bytes, size);
    const uint64_t index = read_u64(&reader);
    read_digest(&reader, &leaf);
    const size_t count = read_proof(&reader, proof);
    const int error = reader_finish(&reader);
    return error != OK ? error
                       : merkle_verify_inclusion(&leaf, index, LEAVES, proof, count,
                                                 merkle_tree_root(&tree));
}

void trial_merkle_inclusion(struct trial *out) {
    grow();
    for (size_t i = 0; i < LEAVES; i++) {
        struct digest proof[MERKLE_PROOF_LIMIT];
        uint8_t bytes[512];
        struct writer writer;
        writer_init(&writer, bytes, sizeof bytes);
        write_u64(&writer, i);
        write_digest(&writer, &nodes[i]);
        const int count = merkle_prove_inclusion(&tree, i, proof);
        for (int k = 0; k < count; k++)
            write_digest(&writer, &proof[k]);
        trial_sample(out, bytes, writer.at);
    }
    out->verify = verify_inclusion;
}

/* u64 old size · old root · proof */
static int verify_consistency(const uint8_t *bytes, size_t size) {
    struct digest old_root, proof[MERKLE_PROOF_LIMIT];
    struct reader reader;
    reader_init(&reader, bytes, size);
    const uint64_t old_size = read_u64(&reader);
    read_digest(&reader, &old_root);
    const size_t count = read_proof(&reader, proof);
    const int error = reader_finish(&reader);
    return error != OK ? error
                       : merkle_verify_consistency(old_size, &old_root, LEAVES,
                                                   merkle_tree_root(&tree), proof, count);
}

void trial_merkle_consistency(struct trial *out) {
    grow();
    for (size_t old_size = 1; old_size <= LEAVES; old_size++) {
        struct digest old_nodes[2 * LEAVES + 64], proof[MERKLE_PROOF_LIMIT];
        struct merkle_tree old;
        uint8_t bytes[512];
        struct writer writer;
        memcpy(old_nodes, nodes, old_size * sizeof *nodes);
        merkle_tree_init(&old, old_nodes, old_size);
        writer_init(&writer, bytes, sizeof bytes);
        write_u64(&writer, old_size);
        write_digest(&writer, merkle_tree_root(&old));
        const int count = merkle_prove_consistency(&tree, old_size, proof);
        for (int k = 0; k < count; k++)
            write_digest(&writer, &proof[k]);
        trial_sample(out, bytes, writer.at);
    }
    out->verify = verify_consistency;
}
