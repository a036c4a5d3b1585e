/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hold/audit.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"

#define BLOCKS     200
#define PIECE      (BLOCKS * AUDIT_BLOCK_BYTES - 100) /* the last block is shorter */
#define ANSWER_MAX (DIGEST_BYTES + AUDIT_COUNT_MAX * (AUDIT_BLOCK_BYTES + 12 * DIGEST_BYTES))

struct bench {
    const struct suite *suite;
    struct rng rng;
    uint8_t seed[SUITE_SEED_BYTES], key[VRF_KEY_SIZE];
    uint8_t piece[PIECE];
    struct digest nodes[2 * BLOCKS + 64];
    struct merkle_tree tree;
    struct audit audit;
    uint8_t answer[ANSWER_MAX];
    size_t size; /* of the answer */
};

static struct bench bench;

static void setup(void) {
    bench.suite = suite_find("ed25519", "real");
    rng_init(&bench.rng, 17, 0, "audit test");
    rng_fill(&bench.rng, bench.seed, sizeof bench.seed);
    rng_fill(&bench.rng, bench.piece, sizeof bench.piece);
    bench.suite->vrf_keypair(bench.seed, bench.key);
    audit_leaves(bench.piece, PIECE, bench.nodes);
    merkle_tree_init(&bench.tree, bench.nodes, BLOCKS);
}

static void challenge(uint64_t round, uint16_t count) {
    struct audit_draw drawn;
    bench.audit = (struct audit){.challenge = {.id = {{(uint8_t)round}},
                                               .root = *merkle_tree_root(&bench.tree),
                                               .size = PIECE,
                                               .auditor = 3,
                                               .holder = 8,
                                               .round = round,
                                               .deadline = 50 * NS_PER_MS,
                                               .count = count}};
    ck_assert_int_eq(audit_challenge_prove(bench.suite, bench.seed, bench.key,
                                           &bench.audit.challenge, &bench.audit.draw),
                     OK);
    ck_assert_int_eq(audit_challenge_draw(bench.suite, bench.key, &bench.audit.challenge, &drawn),
                     OK);
    ck_assert_uint_eq(drawn.count, count);
    ck_assert_mem_eq(drawn.blocks, bench.audit.draw.blocks, count * sizeof *drawn.blocks);
}

static void answer(const uint8_t *piece) {
    struct writer writer;
    writer_init(&writer, bench.answer, sizeof bench.answer);
    audit_response_write(&writer, &bench.audit.challenge, &bench.audit.draw, &bench.tree, piece);
    ck_assert_int_eq(writer.error, OK);
    bench.size = writer.at;
}

static int judge(time_ns now) {
    return audit_judge(&bench.audit, now, bench.answer, bench.size);
}

START_TEST(an_honest_holder_passes_once) {
    for (uint64_t round = 1; round <= 20; round++) {
        challenge(round, (uint16_t)(round * round));
        answer(bench.piece);
        ck_assert_uint_eq(bench.size,
                          audit_response_bytes(&bench.audit.challenge, &bench.audit.draw));
        ck_assert_int_eq(judge(NS_PER_MS), OK);
        ck_assert_int_eq(judge(NS_PER_MS), ERR_DUPLICATE);
    }
}
END_TEST

START_TEST(late_and_replayed_answers_are_refused) {
    challenge(1, 5);
    answer(bench.piece);
    ck_assert_int_eq(judge(50 * NS_PER_MS + 1), ERR_EXPIRED);
    ck_assert_int_eq(judge(50 * NS_PER_MS), OK);
    challenge(2, 5);
    ck_assert_int_eq(judge(NS_PER_MS), ERR_STALE);
    answer(bench.piece);
    ck_assert_int_eq(judge(NS_PER_MS), OK);
}
END_TEST

START_TEST(a_holder_answers_each_round_once_and_in_time) {
    uint64_t round = 4;
    challenge(5, 5);
    const struct audit_challenge *asked = &bench.audit.challenge;
    ck_assert_int_eq(audit_admit(asked, 9, 0, &round), ERR_MISMATCH);
    ck_assert_int_eq(audit_admit(asked, 8, 50 * NS_PER_MS + 1, &round), ERR_EXPIRED);
    ck_assert_int_eq(audit_admit(asked, 8, 0, &round), OK);
    ck_assert_uint_eq(round, 5);
    ck_assert_int_eq(audit_admit(asked, 8, 0, &round), ERR_STALE);
}
END_TEST

START_TEST(every_altered_byte_of_an_answer_is_refused) {
    challenge(1, 6);
    answer(bench.piece);
    for (size_t at = 0; at < bench.size; at++) {
        bench.answer[at] ^= 0x10;
        ck_assert_int_eq(judge(0), at < DIGEST_BYTES ? ERR_STALE : ERR_PROOF);
        bench.answer[at] ^= 0x10;
    }
    for (size_t size = 0; size < bench.size; size++)
        ck_assert_int_eq(audit_judge(&bench.audit, 0, bench.answer, size), ERR_TRUNCATED);
    ck_assert_int_eq(audit_judge(&bench.audit, 0, bench.answer, bench.size + 1), ERR_TRAILING);
    ck_assert_int_eq(judge(0), OK);
}
END_TEST

START_TEST(every_altered_byte_of_a_challenge_is_refused) {
    uint8_t bytes[AUDIT_CHALLENGE_BYTES], again[AUDIT_CHALLENGE_BYTES];
    struct audit_challenge read;
    struct audit_draw draw;
    struct writer writer;
    struct reader reader;
    challenge(1, 6);
    writer_init(&writer, bytes, sizeof bytes);
    audit_challenge_write(&writer, &bench.audit.challenge);
    ck_assert_uint_eq(writer.at, sizeof bytes);
    for (size_t at = 0; at < sizeof bytes; at++) {
        bytes[at] ^= 0x80;
        reader_init(&reader, bytes, sizeof bytes);
        audit_challenge_read(&reader, &read);
        if (reader_finish(&reader) == OK) {
            writer_init(&writer, again, sizeof again);
            audit_challenge_write(&writer, &read);
            ck_assert_mem_eq(again, bytes, sizeof bytes);
            ck_assert_int_eq(audit_challenge_draw(bench.suite, bench.key, &read, &draw), ERR_PROOF);
        } else {
            ck_assert_int_eq(reader.error, ERR_INVALID);
            ck_assert_int_eq(audit_challenge_draw(bench.suite, bench.key, &read, &draw),
                             ERR_INVALID);
        }
        bytes[at] ^= 0x80;
    }
}
END_TEST

START_TEST(pieces_of_every_shape) {
    static uint8_t piece[5 * AUDIT_BLOCK_BYTES + 1];
    struct digest nodes[2 * 6 + 64];
    struct merkle_tree tree;
    for (uint32_t size = 1; size <= sizeof piece; size++) {
        uint8_t output[VRF_OUTPUT_SIZE], bytes[ANSWER_MAX];
        struct audit audit = {.challenge = {.size = size, .count = 9}};
        struct writer writer;
        piece[size - 1] = (uint8_t)size;
        audit_leaves(piece, size, nodes);
        merkle_tree_init(&tree, nodes, audit_block_count(size));
        audit.challenge.root = *merkle_tree_root(&tree);
        struct digest root;
        audit_root(nodes, audit_block_count(size), &root);
        ck_assert_mem_eq(&root, merkle_tree_root(&tree), sizeof root);
        rng_fill(&bench.rng, output, sizeof output);
        audit_draw_blocks(output, size, 9, &audit.draw);
        writer_init(&writer, bytes, sizeof bytes);
        audit_response_write(&writer, &audit.challenge, &audit.draw, &tree, piece);
        ck_assert_int_eq(audit_judge(&audit, 0, bytes, writer.at), OK);
    }
}
END_TEST

/* Lost blocks, draws, audits. The audits' verdicts must follow 1 - (1 - d)^c. */
static const struct loss {
    size_t lost;
    uint16_t count;
    size_t audits;
} losses[] = {{2, 100, 1000}, {2, 460, 300}, {10, 20, 1000}, {40, 5, 1000}};

START_TEST(losses_are_found_as_often_as_the_formula_says) {
    static uint8_t damaged[PIECE];
    const struct loss *loss = &losses[_i];
    size_t found = 0;
    for (size_t i = 0; i < loss->audits; i++) {
        uint16_t blocks[BLOCKS];
        for (size_t block = 0; block < BLOCKS; block++)
            blocks[block] = (uint16_t)block;
        rng_shuffle(&bench.rng, blocks, BLOCKS, sizeof *blocks);
        memcpy(damaged, bench.piece, sizeof damaged);
        for (size_t lost = 0; lost < loss->lost; lost++)
            damaged[blocks[lost] * AUDIT_BLOCK_BYTES] ^= 1;
        challenge(i + 1, loss->count);
        answer(damaged);
        int error = judge(0);
        ck_assert(error == OK || error == ERR_PROOF);
        found += error == ERR_PROOF;
    }
    const double d = (double)loss->lost / BLOCKS, n = (double)loss->audits;
    const double chance = 1 - pow(1 - d, loss->count);
    const double deviation = sqrt(chance * (1 - chance) / n);
    ck_assert_double_le(fabs((double)found / n - chance), 3.29 * deviation);
    const uint64_t miss = audit_miss_chance(BLOCKS, loss->lost, loss->count);
    ck_assert_double_le(fabs(1 - (double)miss / (double)AUDIT_CERTAIN - chance), 1e-11);
}
END_TEST

START_TEST(draws_are_uniform) {
    size_t seen[BLOCKS] = {0}, draws = 0;
    for (size_t i = 0; i < 400; i++) {
        uint8_t output[VRF_OUTPUT_SIZE];
        struct audit_draw draw;
        rng_fill(&bench.rng, output, sizeof output);
        audit_draw_blocks(output, PIECE, AUDIT_COUNT_MAX, &draw);
        for (size_t at = 0; at < draw.count; at++, draws++)
            seen[draw.blocks[at]]++;
    }
    double square = 0, expected = (double)draws / BLOCKS;
    for (size_t block = 0; block < BLOCKS; block++)
        square += ((double)seen[block] - expected) * ((double)seen[block] - expected) / expected;
    /* Chi-square with 199 degrees of freedom: mean 199, deviation 20. */
    ck_assert_double_lt(square, 199 + 3.29 * 20);
    ck_assert_double_gt(square, 199 - 3.29 * 20);
}
END_TEST

Suite *audit_suite(void) {
    Suite *suite = suite_create("audit");
    TCase *tcase = tcase_create("audit");
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, an_honest_holder_passes_once);
    tcase_add_test(tcase, late_and_replayed_answers_are_refused);
    tcase_add_test(tcase, a_holder_answers_each_round_once_and_in_time);
    tcase_add_test(tcase, every_altered_byte_of_an_answer_is_refused);
    tcase_add_test(tcase, every_altered_byte_of_a_challenge_is_refused);
    tcase_add_test(tcase, pieces_of_every_shape);
    tcase_add_loop_test(tcase, losses_are_found_as_often_as_the_formula_says, 0, ARRAY_LEN(losses));
    tcase_add_test(tcase, draws_are_uniform);
    suite_add_tcase(suite, tcase);
    return suite;
}
