/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The forgers: every message type of every variant can be built, and is well-formed; a certificate
 * holds exactly when all its keys were there. */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "crypto/merkle.h"
#include "sim/adversary/forge_honeybadger.h"
#include "sim/adversary/forge_hotstuff.h"
#include "sim/adversary/forge_pbft.h"
#include "tests/lib/forger.h"

enum { N = 4, EVIL = 3, FRAMES = 32 };

/* Messages of one variant as member 3 forges them, whose key alone it has, or all. */
struct forgery {
    struct assembly *assembly;
    struct forger forger;
    bool all_keys;
    struct frame *frames[FRAMES];
    size_t count;
};

static struct env *signer(void *context, node_id node) {
    struct forgery *forgery = context;
    return node == EVIL || forgery->all_keys ? assembly_forger(forgery->assembly, node) : NULL;
}

static void begin(struct forgery *forgery, const char *variant,
                  const struct certificate_scheme *scheme) {
    const struct assembly_config config = {.ops = consensus_find(variant),
                                           .count = N,
                                           .delay = NS_PER_MS,
                                           .view_timeout = 100 * NS_PER_MS,
                                           .seed = 9,
                                           .outside = 1u << EVIL,
                                           .certificates = scheme};
    *forgery = (struct forgery){.assembly = assembly_new(&config)};
    assembly_run(forgery->assembly, 0);
    forgery->forger.certification = assembly_consensus(forgery->assembly, 0)->certification;
    forgery->forger.signer = signer;
    forgery->forger.context = forgery;
}

static void end(struct forgery *forgery) {
    for (size_t i = 0; i < forgery->count; i++)
        frame_unref(forgery->frames[i]);
    assembly_free(forgery->assembly);
}

static void add(struct forgery *forgery, struct frame *frame) {
    ck_assert_ptr_nonnull(frame);
    ck_assert_uint_lt(forgery->count, FRAMES);
    forgery->frames[forgery->count++] = frame;
}

static void forge_all_pbft(struct forgery *forgery) {
    const struct forger *forger = &forgery->forger;
    const uint16_t channel = forger->certification.channel;
    uint8_t bytes[8];
    const struct pbft_value value = forge_value(1, 0, bytes);
    const struct digest name = forge_digest(forger, 1, &value);
    const struct statement prepare = {VOTE_PBFT_PREPARE, channel, 0, 1, name};
    const struct statement commit = {VOTE_PBFT_COMMIT, channel, 0, 1, name};
    const struct statement checkpoint = {VOTE_PBFT_CHECKPOINT, channel, 0, 128, name};
    const struct forge_change change = {.sender = EVIL,
                                        .signer = EVIL,
                                        .view = 1,
                                        .has_entry = true,
                                        .entry = {1, 0, name, 0, {{0}}},
                                        .proof = {prepare, 7, 0}};
    struct forge_new_view view = {.signer = EVIL, .view = 3, .count = 3};
    for (uint32_t i = 0; i < 3; i++)
        view.changes[i] = (struct forge_change){.sender = i, .signer = i, .view = 3};
    const struct pbft_fetch fetch = {.next = 1};
    const struct pbft_held held = {1, value};
    add(forgery, forge_pre_prepare(forger, EVIL, 3, 1, &value));
    add(forgery, forge_pbft_vote(forger, EVIL, &prepare));
    add(forgery, forge_pbft_vote(forger, EVIL, &commit));
    add(forgery, forge_pbft_vote(forger, EVIL, &checkpoint));
    add(forgery, forge_view_change(forger, &change));
    add(forgery, forge_pbft_new_view(forger, &view));
    add(forgery, forge_decided(forger, &(struct forge_certificate){commit, 7, 0}, &value));
    add(forgery, pbft_write_fetch(&forger->certification, &fetch));
    add(forgery, pbft_write_held(channel, &held));
}

static void forge_all_hotstuff(struct forgery *forgery) {
    const struct forger *forger = &forgery->forger;
    struct certificate genesis = forge_genesis(forger);
    const struct block_content block = forge_block(1, &genesis, (struct batch){NULL, 0});
    const struct digest id = forge_block_id(forger, &block);
    const struct forge_certificate forged = {forge_about(forger, VOTE_HOTSTUFF, 1, &id), 7, 0};
    struct certificate certificate = forge_certify(forger, &forged);
    add(forgery, forge_proposal(forger, &block, &genesis, NULL));
    add(forgery, forge_hotstuff_vote(forger, EVIL, 1, &id));
    add(forgery, forge_hotstuff_new_view(forger, EVIL, 2, &certificate, NULL));
    add(forgery, forge_hotstuff_fetch(forger, 1, &id, &certificate));
    add(forgery, forge_blocks(forger, &block, 1, &certificate));
    if (forger->certification.scheme->signing_hops > 0) {
        add(forgery, forge_sign_request(forger, 1, &id, 0));
        add(forgery, forge_share(forger, 1, 0));
    }
    certificate_drop(&genesis);
    certificate_drop(&certificate);
}

static void forge_all_honeybadger(struct forgery *forgery) {
    const struct forger *forger = &forgery->forger;
    const uint64_t instance = 1 << 8 | EVIL;
    struct forge_pieces pieces;
    forge_pieces_init(&pieces, &forger->certification.committee, (struct batch){NULL, 0}, true);
    add(forgery, forge_piece(forger, &pieces, MESSAGE_BROADCAST_VAL, instance, 0));
    add(forgery, forge_piece(forger, &pieces, MESSAGE_BROADCAST_ECHO, instance, EVIL));
    add(forgery, forge_ready(forger, instance, &pieces.commitment));
    add(forgery, forge_abba(forger, MESSAGE_ABBA_BVAL, instance, 0, SET_TRUE));
    add(forgery, forge_abba(forger, MESSAGE_ABBA_AUX, instance, 0, SET_TRUE));
    add(forgery, forge_abba(forger, MESSAGE_ABBA_CONF, instance, 0, SET_BOTH));
    add(forgery, forge_abba(forger, MESSAGE_ABBA_TERM, instance, 0, SET_FALSE));
    add(forgery, forge_coin(forger, instance, 2));
    add(forgery, forge_honeybadger_fetch(forger, 1, true));
    add(forgery, forge_outcome(forger, 1, (struct batch){(const uint8_t *)"12345678", 8}));
    forge_pieces_deinit(&pieces);
}

/* Each is read by the honest member's own code without complaint about its form. */
static void assert_well_formed(const struct forgery *forgery) {
    for (size_t i = 0; i < forgery->count; i++) {
        struct consensus *consensus = assembly_consensus(forgery->assembly, 0);
        struct message message;
        ck_assert_int_eq(message_parse(&message, forgery->frames[i]), OK);
        consensus->env->stepping = true;
        int error = consensus->ops->receive(consensus, EVIL, &message);
        consensus->env->stepping = false;
        ck_assert_msg(error != ERR_TRUNCATED && error != ERR_TRAILING &&
                          error != ERR_NON_CANONICAL && error != ERR_UNKNOWN_TYPE,
                      "%s: %s", message_name(message.type), error_name(error));
    }
}

/* Every row of wire/messages.def that starts so is among them. */
static void assert_all_types(const struct forgery *forgery, const char *prefix, bool rounds) {
    for (size_t row = 0; row < message_count(); row++) {
        const char *name = message_name(message_at(row));
        bool found = false;
        for (size_t i = 0; i < forgery->count; i++) {
            struct message message;
            ck_assert_int_eq(message_parse(&message, forgery->frames[i]), OK);
            found |= message.type == message_at(row);
        }
        const bool of_round =
            message_at(row) == MESSAGE_HOTSTUFF_SIGN || message_at(row) == MESSAGE_HOTSTUFF_SHARE;
        if (strncmp(name, prefix, strlen(prefix)) == 0 && (rounds || !of_round))
            ck_assert_msg(found, "%s is not forged", name);
    }
}

START_TEST(every_type_can_be_forged) {
    static const struct {
        const char *variant;
        const struct certificate_scheme *scheme;
        void (*forge)(struct forgery *);
        const char *prefixes[3];
    } rows[] = {
        {"pbft", &certificate_list, forge_all_pbft, {"pbft."}},
        {"pbft", &certificate_aggregate, forge_all_pbft, {"pbft."}},
        {"hotstuff", &certificate_list, forge_all_hotstuff, {"hotstuff."}},
        {"hotstuff", &certificate_aggregate, forge_all_hotstuff, {"hotstuff."}},
        {"hotstuff-sticky", &certificate_frost, forge_all_hotstuff, {"hotstuff."}},
        {
            "honeybadger",
            &certificate_list,
            forge_all_honeybadger,
            {"honeybadger.", "abba.", "broadcast."},
        },
    };
    struct forgery forgery;
    begin(&forgery, rows[_i].variant, rows[_i].scheme);
    rows[_i].forge(&forgery);
    for (size_t i = 0; i < 3 && rows[_i].prefixes[i] != NULL; i++)
        assert_all_types(&forgery, rows[_i].prefixes[i], rows[_i].scheme == &certificate_frost);
    assert_well_formed(&forgery);
    end(&forgery);
}
END_TEST

static int verified(struct forgery *forgery, uint64_t signers, uint64_t false_signers) {
    const struct digest block = {{1}};
    struct certificate_memory memory = {.count = 0};
    const struct forge_certificate forged = {
        forge_about(&forgery->forger, VOTE_HOTSTUFF, 1, &block), signers, false_signers};
    struct certificate certificate = forge_certify(&forgery->forger, &forged);
    int error = certificate_verify(&memory, assembly_forger(forgery->assembly, 0),
                                   &forgery->forger.certification, &certificate, 3);
    certificate_drop(&certificate);
    return error;
}

START_TEST(a_certificate_holds_when_all_its_keys_were_there) {
    struct forgery forgery;
    begin(&forgery, "hotstuff", &certificate_list);
    ck_assert_int_eq(verified(&forgery, 8, 0), ERR_CERTIFICATE);
    ck_assert_int_eq(verified(&forgery, 7, 0), ERR_SIGNATURE);
    forgery.all_keys = true;
    ck_assert_int_eq(verified(&forgery, 7, 0), OK);
    ck_assert_int_eq(verified(&forgery, 7, 2), ERR_SIGNATURE);
    ck_assert_int_eq(verified(&forgery, 3, 0), ERR_CERTIFICATE);
    end(&forgery);
}
END_TEST

/* RB-1: every branch is good, and two sets of k pieces give two messages. */
START_TEST(pieces_of_no_codeword_lie_under_one_root) {
    const node_id ids[N] = {0, 1, 2, 3};
    const struct committee committee = {ids, N};
    struct forge_pieces good, bad;
    const struct batch batch = {(const uint8_t *)"12345678", 8};
    forge_pieces_init(&good, &committee, batch, true);
    forge_pieces_init(&bad, &committee, batch, false);
    struct merkle_tree tree;
    struct fragment fragments[N];
    struct erasure_code code;
    uint8_t out[N * 16];
    ck_assert_int_eq(erasure_code_init(&code, 2, N, 2), OK);
    for (int round = 0; round < 2; round++) {
        struct forge_pieces *pieces = round == 0 ? &good : &bad;
        fragment_commit(&tree, pieces->nodes, pieces->bytes, pieces->piece_size, N);
        for (uint32_t i = 0; i < N; i++) {
            fragment_make(&fragments[i], &tree, pieces->bytes, (uint32_t)pieces->size, 2, N, i);
            ck_assert_int_eq(fragment_verify(&fragments[i]), OK);
        }
        for (uint32_t i = 0; i < 2; i++)
            ck_assert_int_eq(fragment_reconstruct(&code, &fragments[2 * i], 2, out),
                             round == 0 ? OK : ERR_MISMATCH);
    }
    erasure_code_deinit(&code);
    forge_pieces_deinit(&good);
    forge_pieces_deinit(&bad);
}
END_TEST

Suite *forge_suite(void) {
    Suite *suite = suite_create("forge");
    TCase *tcase = tcase_create("forge");
    tcase_add_loop_test(tcase, every_type_can_be_forged, 0, 6);
    tcase_add_test(tcase, a_certificate_holds_when_all_its_keys_were_there);
    tcase_add_test(tcase, pieces_of_no_codeword_lie_under_one_root);
    suite_add_tcase(suite, tcase);
    return suite;
}
