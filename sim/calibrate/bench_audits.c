/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "hold/audit.h"
#include "sim/calibrate/rows.h"

enum { BLOCKS = 256, PIECE_BYTES = BLOCKS * AUDIT_BLOCK_BYTES };

#define ANSWER_MAX (DIGEST_BYTES + AUDIT_COUNT_MAX * (AUDIT_BLOCK_BYTES + 8 * DIGEST_BYTES))

struct audits {
    const struct suite *suite;
    uint8_t seed[SUITE_SEED_BYTES];
    uint8_t vrf_key[VRF_KEY_SIZE];
    uint8_t piece[PIECE_BYTES];
    struct digest nodes[2 * BLOCKS + 64];
    struct merkle_tree tree;
    struct audit audit;
    uint8_t answer[ANSWER_MAX];
    size_t answer_bytes;
};

static bool run_commit(void *state) {
    struct audits *bench = state;
    audit_leaves(bench->piece, PIECE_BYTES, bench->nodes);
    merkle_tree_init(&bench->tree, bench->nodes, BLOCKS);
    return true;
}

static bool run_prove(void *state) {
    struct audits *bench = state;
    return audit_challenge_prove(bench->suite, bench->seed, bench->vrf_key, &bench->audit.challenge,
                                 &bench->audit.draw) == OK;
}

static bool run_draw(void *state) {
    struct audits *bench = state;
    return audit_challenge_draw(bench->suite, bench->vrf_key, &bench->audit.challenge,
                                &bench->audit.draw) == OK;
}

static bool run_respond(void *state) {
    struct audits *bench = state;
    struct writer writer;
    writer_init(&writer, bench->answer, sizeof bench->answer);
    audit_response_write(&writer, &bench->audit.challenge, &bench->audit.draw, &bench->tree,
                         bench->piece);
    bench->answer_bytes = writer.at;
    return writer.error == OK;
}

static bool run_judge(void *state) {
    struct audits *bench = state;
    bench->audit.answered = false;
    return audit_judge(&bench->audit, 0, bench->answer, bench->answer_bytes) == OK;
}

static int prepare(void *state, const struct bench_row *row) {
    struct audits *bench = state;
    bench->suite = suite_find("ed25519", "real");
    bench->suite->vrf_keypair(bench->seed, bench->vrf_key);
    bench_fill(bench->piece, sizeof bench->piece);
    run_commit(bench);
    bench->audit.challenge = (struct audit_challenge){.root = *merkle_tree_root(&bench->tree),
                                                      .size = PIECE_BYTES,
                                                      .auditor = 1,
                                                      .holder = 2,
                                                      .round = 1,
                                                      .deadline = NS_PER_S,
                                                      .count = (uint16_t)row->size};
    return run_prove(bench) && run_draw(bench) && run_respond(bench) ? OK : ERR_INVALID;
}

/* 20 blocks find a loss of 10 % in 88 of 100 cases, 460 one of 1 % in 99. */
static const struct bench_row rows[] = {
    {.name = "audit commit",
     .note = "Merkle tree over a piece of 64 KiB; src over libsodium",
     .size = 1,
     .units = 1,
     .bytes = PIECE_BYTES,
     .run = run_commit},
    {.name = "audit challenge",
     .note = "the lot proved; src over libsodium",
     .size = 20,
     .units = 1,
     .run = run_prove},
    {.name = "audit draw",
     .note = "the lot checked and 20 blocks drawn; src over libsodium",
     .size = 20,
     .units = 1,
     .run = run_draw},
    {.name = "audit respond",
     .note = "20 blocks of 64 KiB; per block; src",
     .size = 20,
     .units = 20,
     .run = run_respond},
    {.name = "audit judge",
     .note = "20 blocks of 64 KiB; per block; src over libsodium",
     .size = 20,
     .units = 20,
     .run = run_judge},
    {.name = "audit judge",
     .note = "460 blocks of 64 KiB; per block; src over libsodium",
     .size = 460,
     .units = 460,
     .run = run_judge},
};

const struct bench_family bench_audits = {.name = "audits",
                                          .rows = rows,
                                          .row_count = ARRAY_LEN(rows),
                                          .state_bytes = sizeof(struct audits),
                                          .prepare = prepare};
