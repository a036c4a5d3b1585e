/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fragments: what an honest sender disperses comes back; what a Byzantine one disperses is refused
 * by everybody alike (checks.md RB-1). */
#include "coding/fragment.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "crypto/merkle.h"

#define MAX_BYTES    4096
#define HEADER_BYTES (3 + 4 + DIGEST_BYTES)

struct fixture {
    struct erasure_code code;
    struct fragment fragments[LIMIT_PIECES];
    uint8_t pieces[MAX_BYTES], rebuilt[MAX_BYTES];
};

static struct fixture fixture;

/* Commits to the n pieces as they are, codeword or not: what a Byzantine sender may do. */
static void commit_to(unsigned k, unsigned n, uint32_t size) {
    struct digest nodes[2 * LIMIT_PIECES + 64];
    struct merkle_tree tree;
    fragment_commit(&tree, nodes, fixture.pieces, erasure_piece_size(k, size), n);
    for (unsigned i = 0; i < n; i++)
        fragment_make(&fixture.fragments[i], &tree, fixture.pieces, size, k, n, i);
}

static void setup(unsigned k, unsigned n, uint32_t size) {
    struct rng rng;
    rng_init(&rng, 10, size, "message");
    ck_assert_uint_le(n * erasure_piece_size(k, size), MAX_BYTES);
    ck_assert_int_eq(erasure_code_init(&fixture.code, k, n, 4), OK);
    rng_fill(&rng, fixture.pieces, MAX_BYTES);
    ck_assert_int_eq(erasure_encode(&fixture.code, fixture.pieces, size), OK);
    commit_to(k, n, size);
}

static void teardown(void) {
    erasure_code_deinit(&fixture.code);
}

static const struct {
    unsigned k, n;
    uint32_t size;
} shapes[] = {{1, 1, 1},   {1, 1, 5},     {1, 4, 100},  {2, 4, 100},    {2, 4, 101}, {3, 7, 500},
              {6, 10, 59}, {10, 14, 999}, {5, 5, 1000}, {85, 255, 255}, {2, 3, 1},   {254, 255, 1}};

START_TEST(any_k_fragments_give_the_message) {
    unsigned k = shapes[_i].k, n = shapes[_i].n;
    struct fragment some[LIMIT_PIECES];
    struct rng rng;
    rng_init(&rng, 11, 0, "some");
    setup(k, n, shapes[_i].size);
    for (unsigned i = 0; i < n; i++)
        ck_assert_int_eq(fragment_verify(&fixture.fragments[i]), OK);
    for (size_t round = 0; round < 20; round++) {
        memcpy(some, fixture.fragments, sizeof some);
        for (size_t left = n; left > 1; left--) { /* a fragment is too large for rng_shuffle */
            size_t pick = (size_t)rng_below(&rng, left);
            struct fragment swap = some[left - 1];
            some[left - 1] = some[pick];
            some[pick] = swap;
        }
        size_t count = k + (size_t)rng_below(&rng, n - k + 1);
        memset(fixture.rebuilt, 0xee, sizeof fixture.rebuilt);
        ck_assert_int_eq(fragment_reconstruct(&fixture.code, some, count, fixture.rebuilt), OK);
        ck_assert_mem_eq(fixture.rebuilt, fixture.pieces,
                         n * erasure_piece_size(k, shapes[_i].size));
        ck_assert_int_eq(fragment_reconstruct(&fixture.code, some, k - 1, fixture.rebuilt),
                         ERR_NOT_ENOUGH);
    }
    teardown();
}
END_TEST

/* RB-1, n = 4, f = 1, k = 2: four pieces on no common codeword under one root. Without the second
 * coding the pairs of receivers decode differently; with it every pair refuses. */
START_TEST(a_byzantine_sender_is_found_out_by_everybody) {
    static const uint8_t bytes[] = {10, 20, 99, 7};
    setup(2, 4, 2);
    memcpy(fixture.pieces, bytes, sizeof bytes);
    commit_to(2, 4, 2);
    uint8_t first[2] = {0};
    size_t different = 0;
    for (unsigned a = 0; a < 4; a++) {
        ck_assert_int_eq(fragment_verify(&fixture.fragments[a]), OK);
        for (unsigned b = a + 1; b < 4; b++) {
            struct fragment pair[] = {fixture.fragments[a], fixture.fragments[b]};
            struct erasure_piece naive[] = {{a, pair[0].bytes}, {b, pair[1].bytes}};
            uint8_t message[2];
            ck_assert_int_eq(erasure_decode(&fixture.code, naive, 2, 1, message), OK);
            if (a == 0 && b == 1)
                memcpy(first, message, 2);
            different += memcmp(first, message, 2) != 0;
            ck_assert_int_eq(fragment_reconstruct(&fixture.code, pair, 2, fixture.rebuilt),
                             ERR_MISMATCH);
        }
    }
    ck_assert_uint_gt(different, 0); /* the control: this sender does split naive receivers */
    teardown();
}
END_TEST

START_TEST(filled_padding_is_found_out) {
    setup(4, 6, 9); /* pieces of 3 bytes, 3 bytes of padding */
    ck_assert_uint_eq(fixture.pieces[11], 0);
    fixture.pieces[11] = 1;
    struct erasure_code *code = &fixture.code;
    ck_assert_int_eq(erasure_encode(code, fixture.pieces, 12), OK); /* a codeword all the same */
    commit_to(4, 6, 9);
    ck_assert_int_eq(fragment_reconstruct(code, fixture.fragments, 4, fixture.rebuilt),
                     ERR_MISMATCH);
    ck_assert_int_eq(fragment_reconstruct(code, fixture.fragments + 2, 4, fixture.rebuilt),
                     ERR_MISMATCH);
    teardown();
}
END_TEST

START_TEST(another_place_root_or_piece_does_not_verify) {
    setup(4, 6, 9);
    for (unsigned i = 0; i < 6; i++) {
        struct fragment fragment = fixture.fragments[i];
        uint8_t piece[3];
        fragment.index = (uint8_t)((i + 1) % 6);
        ck_assert_int_eq(fragment_verify(&fragment), ERR_PROOF);
        fragment.index = 6;
        ck_assert_int_eq(fragment_verify(&fragment), ERR_PROOF);
        fragment = fixture.fragments[i];
        fragment.root.bytes[0] ^= 1;
        ck_assert_int_eq(fragment_verify(&fragment), ERR_PROOF);
        fragment = fixture.fragments[i];
        fragment.branch[fragment.branch_count - 1].bytes[31] ^= 0x80;
        ck_assert_int_eq(fragment_verify(&fragment), ERR_PROOF);
        fragment = fixture.fragments[i];
        memcpy(piece, fragment.bytes, 3);
        piece[2] ^= 4;
        fragment.bytes = piece;
        ck_assert_int_eq(fragment_verify(&fragment), ERR_PROOF);
    }
    teardown();
}
END_TEST

START_TEST(fragments_that_do_not_belong_together) {
    struct fragment mixed[7];
    setup(2, 4, 50);
    memcpy(mixed, fixture.fragments, 4 * sizeof mixed[0]);
    mixed[1].root.bytes[31] ^= 1;
    ck_assert_int_eq(fragment_reconstruct(&fixture.code, mixed, 2, fixture.rebuilt), ERR_MISMATCH);
    mixed[1] = fixture.fragments[1];
    mixed[1].size--;
    ck_assert_int_eq(fragment_reconstruct(&fixture.code, mixed, 2, fixture.rebuilt), ERR_MISMATCH);
    mixed[1] = mixed[0];
    ck_assert_int_eq(fragment_reconstruct(&fixture.code, mixed, 2, fixture.rebuilt), ERR_DUPLICATE);
    ck_assert_int_eq(fragment_reconstruct(&fixture.code, mixed, 5, fixture.rebuilt), ERR_DUPLICATE);
    struct erasure_code other;
    ck_assert_int_eq(erasure_code_init(&other, 2, 5, 1), OK);
    ck_assert_int_eq(fragment_reconstruct(&other, fixture.fragments, 3, fixture.rebuilt),
                     ERR_MISMATCH);
    erasure_code_deinit(&other);
    teardown();
}
END_TEST

START_TEST(encoding_round_trip_and_every_prefix) {
    setup(3, 7, 100);
    for (unsigned i = 0; i < 7; i++) {
        uint8_t bytes[512];
        struct fragment fragment;
        struct writer writer;
        writer_init(&writer, bytes, sizeof bytes);
        fragment_write(&writer, &fixture.fragments[i]);
        ck_assert_int_eq(writer.error, OK);
        ck_assert_uint_eq(writer.at, fragment_bytes(&fixture.fragments[i]));
        /* 7 leaves: the last one has the short branch. */
        ck_assert_uint_eq(writer.at, HEADER_BYTES + (i < 6 ? 3u : 2u) * DIGEST_BYTES + 34);
        for (size_t size = 0; size < writer.at; size++)
            ck_assert_int_eq(fragment_decode(&fragment, bytes, size), ERR_TRUNCATED);
        ck_assert_int_eq(fragment_decode(&fragment, bytes, writer.at + 1), ERR_TRAILING);
        ck_assert_int_eq(fragment_decode(&fragment, bytes, writer.at), OK);
        ck_assert_int_eq(fragment_verify(&fragment), OK);
        ck_assert_ptr_eq(fragment.bytes, bytes + writer.at - 34); /* in place */
    }
    teardown();
}
END_TEST

START_TEST(numbers_out_of_range) {
    static const struct {
        uint8_t index, n, k, size[4];
        int error;
    } cases[] = {{0, 0, 0, {2}, ERR_INVALID},           {0, 4, 0, {2}, ERR_INVALID},
                 {0, 4, 5, {2}, ERR_INVALID},           {4, 4, 2, {2}, ERR_INVALID},
                 {3, 4, 2, {0}, ERR_INVALID},           {3, 4, 2, {1, 0, 128}, ERR_INVALID},
                 {3, 4, 2, {0, 0, 128}, ERR_TRUNCATED}, {3, 4, 2, {2}, OK}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t bytes[HEADER_BYTES + 2 * DIGEST_BYTES + 1] = {cases[i].index, cases[i].n,
                                                              cases[i].k};
        struct fragment fragment;
        memcpy(bytes + 3, cases[i].size, 4);
        ck_assert_int_eq(fragment_decode(&fragment, bytes, sizeof bytes), cases[i].error);
    }
}
END_TEST

START_TEST(random_bytes_are_refused_or_canonical) {
    struct rng rng;
    size_t accepted = 0;
    rng_init(&rng, 12, 0, "fragment");
    for (size_t round = 0; round < 100000; round++) {
        uint8_t bytes[400], again[sizeof bytes];
        struct fragment fragment;
        struct writer writer;
        rng_fill(&rng, bytes, sizeof bytes);
        /* Often plausible: few pieces, a small size, and the length that follows from them. */
        bytes[1] &= 15;
        bytes[0] = (uint8_t)rng_below(&rng, bytes[1] + 2u);
        bytes[2] = (uint8_t)rng_below(&rng, bytes[1] + 2u);
        memset(bytes + 4, 0, 3);
        bytes[3] &= 127;
        size_t size = (size_t)rng_below(&rng, sizeof bytes + 1);
        bool valid = bytes[2] > 0 && bytes[2] <= bytes[1] && bytes[0] < bytes[1];
        if (valid && rng_chance(&rng, 1, 2))
            size = HEADER_BYTES + merkle_inclusion_count(bytes[0], bytes[1]) * DIGEST_BYTES +
                   erasure_piece_size(bytes[2], bytes[3]);
        ck_assert_uint_le(size, sizeof bytes);
        if (fragment_decode(&fragment, bytes, size) != OK)
            continue;
        writer_init(&writer, again, sizeof again);
        fragment_write(&writer, &fragment);
        ck_assert_uint_eq(writer.at, size);
        ck_assert_uint_eq(writer.at, fragment_bytes(&fragment));
        ck_assert_mem_eq(again, bytes, writer.at);
        ck_assert_int_eq(fragment_verify(&fragment), ERR_PROOF);
        accepted++;
    }
    ck_assert_uint_gt(accepted, 10000);
}
END_TEST

Suite *fragment_suite(void) {
    Suite *suite = suite_create("fragment");
    TCase *tcase = tcase_create("fragment");
    tcase_add_loop_test(tcase, any_k_fragments_give_the_message, 0, ARRAY_LEN(shapes));
    tcase_add_test(tcase, a_byzantine_sender_is_found_out_by_everybody);
    tcase_add_test(tcase, filled_padding_is_found_out);
    tcase_add_test(tcase, another_place_root_or_piece_does_not_verify);
    tcase_add_test(tcase, fragments_that_do_not_belong_together);
    tcase_add_test(tcase, encoding_round_trip_and_every_prefix);
    tcase_add_test(tcase, numbers_out_of_range);
    tcase_add_test(tcase, random_bytes_are_refused_or_canonical);
    suite_add_tcase(suite, tcase);
    return suite;
}
