/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A holder and the sender's auditor, message by message, against whoever lies to them. */
#include "pipeline/holder.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "coding/fragment.h"
#include "crypto/merkle.h"
#include "hold/audit.h"
#include "pipeline/auditor.h"
#include "pipeline/hold_messages.h"
#include "tests/lib/company.h"
#include "tests/lib/property.h"
#include "tests/lib/steps.h"

enum { SENDER, HOLDER, STRANGER, COMPANY };

#define NOW    (5 * NS_PER_S)
#define TTL    (10 * NS_PER_S)
#define NEEDED 2
#define PIECES 3
#define SIZE   (NEEDED * 1000)
#define INDEX  1

struct bench {
    struct company company;
    struct holder holder;
    struct auditor auditor;
    uint8_t pieces[PIECES * SIZE / NEEDED];
    struct digest nodes[2 * PIECES + 64];
    struct merkle_tree tree;
    struct hold_request request;
    struct frame *asked, *piece;
};

static struct bench bench;

static struct frame *piece_frame(uint32_t index) {
    struct fragment fragment;
    struct writer writer;
    fragment_make(&fragment, &bench.tree, bench.pieces, SIZE, NEEDED, PIECES, index);
    fragment_commitment(&fragment, &bench.request.terms.commitment);
    struct frame *frame =
        message_new(MESSAGE_HOLD_PIECE, 0, DIGEST_BYTES + 4 + fragment_bytes(&fragment), &writer);
    write_digest(&writer, &bench.request.terms.id);
    write_u32(&writer, (uint32_t)fragment_bytes(&fragment));
    fragment_write(&writer, &fragment);
    ck_assert_int_eq(writer.error, OK);
    return frame;
}

static void setup(void) {
    struct digest leaves[4];
    struct rng rng;
    const size_t piece_size = SIZE / NEEDED;
    bench = (struct bench){0};
    company_init(&bench.company, COMPANY, "ed25519", "real");
    company_at(&bench.company, NOW);
    holder_init(&bench.holder, &bench.company.envs[HOLDER]);
    auditor_init(&bench.auditor, &bench.company.envs[SENDER],
                 &(struct auditor_config){1000000, 8, NS_PER_S});
    rng_init(&rng, 31, 0, "holder test");
    rng_fill(&rng, bench.pieces, sizeof bench.pieces);
    fragment_commit(&bench.tree, bench.nodes, bench.pieces, piece_size, PIECES);
    bench.request = (struct hold_request){.number = 7,
                                          .terms = {.id = {{9}},
                                                    .size = (uint32_t)piece_size,
                                                    .index = INDEX,
                                                    .sender = SENDER,
                                                    .holder = HOLDER,
                                                    .nonce = 1,
                                                    .expiry = NOW + TTL}};
    audit_leaves(bench.pieces + INDEX * piece_size, (uint32_t)piece_size, leaves);
    audit_root(leaves, audit_block_count((uint32_t)piece_size), &bench.request.terms.root);
    bench.piece = piece_frame(INDEX);
    bench.asked = hold_request_frame(&bench.company.envs[SENDER], 0, &bench.request);
}

static void teardown(void) {
    frame_unref(bench.asked);
    frame_unref(bench.piece);
    holder_deinit(&bench.holder);
    auditor_deinit(&bench.auditor);
    for (node_id node = 0; node < COMPANY; node++)
        steps_drain(&bench.company.envs[node]);
    company_deinit(&bench.company);
}

typedef int handler(struct holder *holder, node_id from, const struct message *message);

static int take(handler *handle, node_id from, const struct frame *frame) {
    struct message message;
    ck_assert_int_eq(message_parse(&message, frame), OK);
    steps_drain(&bench.company.envs[HOLDER]);
    return handle(&bench.holder, from, &message);
}

/* The frame that a node's last step sent, or NULL. */
static struct frame *sent_by(node_id node) {
    const struct env *env = &bench.company.envs[node];
    for (size_t i = 0; i < env->out.count; i++)
        if (env->out.list[i].type == EFFECT_SEND)
            return env->out.list[i].frame;
    return NULL;
}

static void make_promise(void) {
    ck_assert_int_eq(take(holder_request, SENDER, bench.asked), OK);
    ck_assert_ptr_null(sent_by(HOLDER));
    ck_assert_int_eq(take(holder_piece, SENDER, bench.piece), OK);
    ck_assert_ptr_nonnull(sent_by(HOLDER));
}

START_TEST(request_and_piece_come_in_either_order) {
    ck_assert_int_eq(take(holder_piece, SENDER, bench.piece), OK);
    ck_assert_ptr_null(sent_by(HOLDER));
    ck_assert_int_eq(take(holder_request, SENDER, bench.asked), OK);
    struct frame *first = frame_ref(sent_by(HOLDER));
    ck_assert_uint_eq(company_charged(&bench.company, HOLDER, WORK_KEM_ENCAPS), 1);
    /* Again, from either side: the same frame, and no work for it. */
    ck_assert_int_eq(take(holder_piece, SENDER, bench.piece), OK);
    ck_assert_ptr_eq(sent_by(HOLDER), first);
    ck_assert_int_eq(take(holder_request, SENDER, bench.asked), OK);
    ck_assert_ptr_eq(sent_by(HOLDER), first);
    ck_assert_uint_eq(company_charged(&bench.company, HOLDER, WORK_KEM_ENCAPS), 0);
    ck_assert_uint_eq(holder_count(&bench.holder), 1);
    frame_unref(first);
}
END_TEST

START_TEST(a_promise_binds_once) {
    make_promise();
    bench.request.terms.nonce++;
    struct frame *other = hold_request_frame(&bench.company.envs[SENDER], 0, &bench.request);
    ck_assert_int_eq(take(holder_request, SENDER, other), ERR_CONFLICT);
    frame_unref(other);
    bench.request.terms.nonce--;
    bench.request.terms.sender = STRANGER; /* whose transaction has the same id */
    other = hold_request_frame(&bench.company.envs[STRANGER], 0, &bench.request);
    ck_assert_int_eq(take(holder_request, STRANGER, other), ERR_LIMIT);
    frame_unref(other);
    ck_assert_int_eq(take(holder_request, SENDER, bench.asked), OK);
}
END_TEST

START_TEST(a_piece_that_does_not_fit_is_not_promised) {
    ck_assert_int_eq(take(holder_request, SENDER, bench.asked), OK);
    struct frame *other = piece_frame(INDEX + 1);
    ck_assert_int_eq(take(holder_piece, SENDER, other), ERR_MISMATCH);
    frame_unref(other);
    struct frame *altered = frame_copy(bench.piece->bytes, bench.piece->size);
    altered->bytes[altered->size - 1] ^= 1;
    ck_assert_int_eq(take(holder_piece, SENDER, altered), ERR_MISMATCH);
    frame_unref(altered);
    /* The commitment is right but the blocks' root is not: nobody could audit that. */
    bench.request.terms.root.bytes[0] ^= 1;
    other = hold_request_frame(&bench.company.envs[SENDER], 0, &bench.request);
    ck_assert_int_eq(take(holder_request, SENDER, other), OK);
    ck_assert_int_eq(take(holder_piece, SENDER, bench.piece), ERR_MISMATCH);
    frame_unref(other);
    /* Nothing of that keeps the right pair from being promised. */
    make_promise();
}
END_TEST

START_TEST(no_hold_is_endless) {
    bench.request.terms.expiry = NOW + HOLDER_TTL_MAX + 1;
    struct frame *endless = hold_request_frame(&bench.company.envs[SENDER], 0, &bench.request);
    ck_assert_int_eq(take(holder_request, SENDER, endless), ERR_LIMIT);
    frame_unref(endless);
    ck_assert_uint_eq(holder_count(&bench.holder), 0);
}
END_TEST

/* ---- audits ---- */

static struct frame *challenge_frame(const struct audit_challenge *challenge) {
    struct writer writer;
    struct frame *frame = message_new(MESSAGE_AUDIT_CHALLENGE, 0, AUDIT_CHALLENGE_BYTES, &writer);
    audit_challenge_write(&writer, challenge);
    return frame;
}

/* What the holder says to a challenge drawn by @auditor after @edit changed it. */
static int challenge(node_id auditor, const struct audit_challenge *edited) {
    const struct env *env = &bench.company.envs[auditor];
    struct audit_challenge proved = *edited;
    struct audit_draw draw;
    ck_assert_int_eq(audit_challenge_prove(identity_suite(env), env->identity->vrf_seed,
                                           identity_vrf_key(env, auditor), &proved, &draw),
                     OK);
    struct frame *frame = challenge_frame(&proved);
    int error = take(holder_audit, auditor, frame);
    frame_unref(frame);
    return error;
}

static struct audit_challenge usual(uint64_t round) {
    return (struct audit_challenge){.id = bench.request.terms.id,
                                    .root = bench.request.terms.root,
                                    .size = bench.request.terms.size,
                                    .auditor = SENDER,
                                    .holder = HOLDER,
                                    .round = round,
                                    .deadline = NOW + NS_PER_S,
                                    .count = 4};
}

START_TEST(only_the_sender_audits_and_each_round_once) {
    struct audit_challenge asked = usual(1);
    ck_assert_int_eq(challenge(SENDER, &asked), ERR_UNKNOWN); /* nothing promised yet */
    make_promise();
    ck_assert_int_eq(challenge(SENDER, &asked), OK);
    ck_assert_uint_eq(company_charged(&bench.company, HOLDER, WORK_VRF_VERIFY), 1);
    ck_assert_int_eq(challenge(SENDER, &asked), ERR_STALE);
    asked = usual(2);
    ck_assert_int_eq(challenge(STRANGER, &asked), ERR_NOT_MEMBER);
    asked.auditor = STRANGER;
    ck_assert_int_eq(challenge(STRANGER, &asked), ERR_NOT_MEMBER);
    asked = usual(2);
    asked.root.bytes[1]++;
    ck_assert_int_eq(challenge(SENDER, &asked), ERR_MISMATCH);
    asked = usual(2);
    asked.size++;
    ck_assert_int_eq(challenge(SENDER, &asked), ERR_MISMATCH);
    asked = usual(2);
    asked.id.bytes[4]++;
    ck_assert_int_eq(challenge(SENDER, &asked), ERR_UNKNOWN);
    asked = usual(2);
    asked.holder = STRANGER;
    ck_assert_int_eq(challenge(SENDER, &asked), ERR_MISMATCH);
    asked = usual(2);
    asked.deadline = NOW - 1;
    ck_assert_int_eq(challenge(SENDER, &asked), ERR_EXPIRED);
    ck_assert_ptr_null(sent_by(HOLDER));
    asked = usual(2);
    ck_assert_int_eq(challenge(SENDER, &asked), OK);
}
END_TEST

/* Blocks chosen instead of drawn: the lot doesn't verify, and the round isn't used up. */
START_TEST(a_forged_lot_is_refused) {
    struct audit_challenge forged = usual(9);
    make_promise();
    struct frame *frame = challenge_frame(&forged);
    ck_assert_int_eq(take(holder_audit, SENDER, frame), ERR_PROOF);
    frame_unref(frame);
    ck_assert_ptr_null(sent_by(HOLDER));
    forged = usual(3);
    ck_assert_int_eq(challenge(SENDER, &forged), OK);
}
END_TEST

/* The auditor's question; its timers are the node's, which the test expires by hand. */
static struct frame *audit(void) {
    struct env *env = &bench.company.envs[SENDER];
    steps_drain(env);
    auditor_consider(&bench.auditor, bench.request.number, &bench.request.terms);
    ck_assert_uint_eq(bench.auditor.count, 1);
    struct timer *timer = timers_pop(&env->timers, NOW + TTL);
    ck_assert_ptr_nonnull(timer);
    timer->expire(timer);
    ck_assert_ptr_nonnull(sent_by(SENDER));
    return frame_ref(sent_by(SENDER));
}

static size_t traced(enum trace_point point) {
    const struct env *env = &bench.company.envs[SENDER];
    size_t count = 0;
    for (size_t i = 0; i < env->out.count; i++)
        count += env->out.list[i].type == EFFECT_TRACE && env->out.list[i].number == point;
    return count;
}

static int judge(node_id from, const uint8_t *body, size_t size) {
    const struct message message = {
        .type = MESSAGE_AUDIT_RESPONSE, .body = body, .size = (uint32_t)size};
    steps_drain(&bench.company.envs[SENDER]);
    return auditor_response(&bench.auditor, from, &message);
}

START_TEST(an_answer_closes_its_audit) {
    make_promise();
    struct frame *asked = audit();
    ck_assert_int_eq(take(holder_audit, SENDER, asked), OK);
    struct frame *answer = frame_ref(sent_by(HOLDER));
    const uint8_t *body = answer->bytes + MESSAGE_HEADER_BYTES;
    size_t size = answer->size - MESSAGE_HEADER_BYTES;
    for (size_t cut = 0; cut < DIGEST_BYTES; cut++) /* names no challenge: changes nothing */
        ck_assert_int_eq(judge(HOLDER, body, cut), ERR_TRUNCATED);
    ck_assert_int_eq(judge(STRANGER, body, size), ERR_NOT_MEMBER);
    ck_assert_uint_eq(bench.auditor.count, 1);
    ck_assert_int_eq(judge(HOLDER, body, size), OK);
    ck_assert_uint_eq(traced(TRACE_AUDIT_PASSED), 1);
    ck_assert_uint_ge(company_charged(&bench.company, SENDER, WORK_MERKLE_LEAF), 8);
    ck_assert_uint_eq(bench.auditor.count, 0);
    ck_assert_int_eq(judge(HOLDER, body, size), ERR_STALE); /* replayed */
    frame_unref(answer);
    frame_unref(asked);
}
END_TEST

START_TEST(a_wrong_answer_is_a_verdict) {
    make_promise();
    struct frame *asked = audit();
    ck_assert_int_eq(take(holder_audit, SENDER, asked), OK);
    struct frame *answer = sent_by(HOLDER);
    answer->bytes[answer->size - 1] ^= 1;
    ck_assert_int_eq(
        judge(HOLDER, answer->bytes + MESSAGE_HEADER_BYTES, answer->size - MESSAGE_HEADER_BYTES),
        ERR_PROOF);
    ck_assert_uint_eq(traced(TRACE_AUDIT_WRONG), 1);
    ck_assert_uint_eq(traced(TRACE_AUDIT_PASSED), 0);
    ck_assert_uint_eq(bench.auditor.count, 0);
    frame_unref(asked);
}
END_TEST

START_TEST(silence_is_a_verdict) {
    struct env *env = &bench.company.envs[SENDER];
    frame_unref(audit());
    steps_drain(env);
    struct timer *timer = timers_pop(&env->timers, NOW + NS_PER_S);
    timer->expire(timer);
    ck_assert_uint_eq(traced(TRACE_AUDIT_LATE), 1);
    ck_assert_uint_eq(bench.auditor.count, 0);
    ck_assert(timers_deadline(&env->timers) == TIME_NEVER);
}
END_TEST

START_TEST(no_audit_where_the_hold_is_too_short) {
    bench.request.terms.expiry = NOW + NS_PER_S;
    auditor_consider(&bench.auditor, 7, &bench.request.terms);
    ck_assert_uint_eq(bench.auditor.count, 0);
}
END_TEST

/* ---- random input ---- */

static enum verdict only_the_genuine_piece_is_promised(void *context, const uint8_t *bytes,
                                                       size_t size) {
    const struct message message = {
        .type = MESSAGE_HOLD_PIECE, .body = bytes, .size = (uint32_t)size};
    const uint8_t *genuine = bench.piece->bytes + MESSAGE_HEADER_BYTES;
    steps_drain(&bench.company.envs[HOLDER]);
    int error = holder_piece(&bench.holder, SENDER, &message);
    bool same =
        size == bench.piece->size - MESSAGE_HEADER_BYTES && memcmp(bytes, genuine, size) == 0;
    bool promised = sent_by(HOLDER) != NULL;
    if (promised != same || (promised && error != OK))
        return VERDICT_BROKEN;
    if (promised) { /* begin anew */
        holder_deinit(&bench.holder);
        holder_init(&bench.holder, &bench.company.envs[HOLDER]);
        take(holder_request, SENDER, bench.asked);
    }
    return promised ? VERDICT_ACCEPTED : VERDICT_REFUSED;
}

START_TEST(mutated_pieces_are_never_promised) {
    const struct sample sample = {bench.piece->bytes + MESSAGE_HEADER_BYTES,
                                  bench.piece->size - MESSAGE_HEADER_BYTES};
    const struct property property = {.name = "held piece",
                                      .samples = &sample,
                                      .sample_count = 1,
                                      .check = only_the_genuine_piece_is_promised};
    ck_assert_int_eq(take(holder_request, SENDER, bench.asked), OK);
    property_holds(&property, NULL);
}
END_TEST

Suite *holder_suite(void) {
    Suite *suite = suite_create("holder");
    TCase *tcase = tcase_create("holder");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 10);
    tcase_add_test(tcase, request_and_piece_come_in_either_order);
    tcase_add_test(tcase, a_promise_binds_once);
    tcase_add_test(tcase, a_piece_that_does_not_fit_is_not_promised);
    tcase_add_test(tcase, no_hold_is_endless);
    tcase_add_test(tcase, only_the_sender_audits_and_each_round_once);
    tcase_add_test(tcase, a_forged_lot_is_refused);
    tcase_add_test(tcase, an_answer_closes_its_audit);
    tcase_add_test(tcase, a_wrong_answer_is_a_verdict);
    tcase_add_test(tcase, silence_is_a_verdict);
    tcase_add_test(tcase, no_audit_where_the_hold_is_too_short);
    tcase_add_test(tcase, mutated_pieces_are_never_promised);
    suite_add_tcase(suite, tcase);
    return suite;
}
