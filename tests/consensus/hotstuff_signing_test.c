/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HotStuff with FROST certificates: what a signing round costs in delays, messages and bytes, exact;
 * signers who cheat, stay silent or forget; and the rule that nonces are good for once. */
#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "consensus/hotstuff/hotstuff.h"
#include "sim/assembly/assembly.h"

#define DELTA   (10 * NS_PER_MS)
#define TIMEOUT (400 * NS_PER_MS)
#define VIEWS   4096

static const struct hotstuff_variant *const variants[] = {&hotstuff_rotating, &hotstuff_sticky};
static const uint32_t sizes[] = {4, 7, 10, 31};

enum misdeed { NOTHING, WRONG_SHARE, WRONG_COMMITMENT, SILENCE };

/* Where commitments were seen on the wire. */
struct ledger {
    uint8_t (*seen)[HOTSTUFF_COMMITMENT_BYTES];
    struct digest *within; /* which message */
    size_t count, repeated;
};

struct scene {
    struct assembly *assembly;
    time_ns proposed[VIEWS];          /* per view */
    time_ns decided[LIMIT_COMMITTEE]; /* the first decision of a member */
    uint64_t bytes;                   /* sent */
    uint64_t evil;                    /* bit i: member i does the misdeed */
    enum misdeed misdeed;
    node_id slow; /* whose shares take so much longer: */
    time_ns longer;
    uint32_t lose;             /* so many of the next SIGN or SHARE messages get lost */
    struct frame *answers[64]; /* SHAREs of member 1 in the order sent */
    size_t answer_count;
    struct ledger ledger;
};

static void note(void *context, const struct trace_record *record) {
    struct scene *scene = context;
    const uint64_t view = record->a & UINT64_C(0xffffffffffff);
    if (record->point == TRACE_PROPOSED && view < VIEWS)
        scene->proposed[view] = record->time;
    if (record->point == TRACE_DECIDED && scene->decided[record->node] == 0)
        scene->decided[record->node] = record->time;
}

/* A commitment that was not there before, in the last bytes of a vote or share; but for the same message
 * once more. */
static void note_commitment(struct scene *scene, const struct assembly_message *message) {
    struct ledger *ledger = &scene->ledger;
    const struct frame *frame = message->frame;
    const uint8_t *commitment = frame->bytes + frame->size - HOTSTUFF_COMMITMENT_BYTES;
    struct digest within;
    crypto_generichash(within.bytes, sizeof within.bytes, frame->bytes, frame->size, NULL, 0);
    for (size_t i = 0; i < ledger->count; i++)
        ledger->repeated += memcmp(ledger->seen[i], commitment, HOTSTUFF_COMMITMENT_BYTES) == 0 &&
                            memcmp(&ledger->within[i], &within, sizeof within) != 0;
    ledger->seen = realloc(ledger->seen, (ledger->count + 1) * sizeof *ledger->seen);
    ledger->within = realloc(ledger->within, (ledger->count + 1) * sizeof *ledger->within);
    ledger->within[ledger->count] = within;
    memcpy(ledger->seen[ledger->count++], commitment, HOTSTUFF_COMMITMENT_BYTES);
}

/* The frame with a byte of its scalar, or all of its binding commitment, replaced. */
static struct frame *spoil(const struct assembly_message *message) {
    struct frame *frame = frame_copy(message->frame->bytes, message->frame->size);
    if (message->type == MESSAGE_HOTSTUFF_SHARE)
        frame->bytes[MESSAGE_HEADER_BYTES + 8 + 2] ^= 1;
    else
        memset(frame->bytes + frame->size - ELEMENT_BYTES, 0xff, ELEMENT_BYTES);
    return frame;
}

static time_ns carry(void *context, const struct assembly_message *message) {
    struct scene *scene = context;
    const bool share = message->type == MESSAGE_HOTSTUFF_SHARE;
    const bool vote = message->type == MESSAGE_HOTSTUFF_VOTE;
    const bool evil = (scene->evil >> message->from & 1) != 0;
    scene->bytes += message->frame->size;
    if (share || vote)
        note_commitment(scene, message);
    if (share && message->from == 1 && scene->answer_count < ARRAY_LEN(scene->answers))
        scene->answers[scene->answer_count++] = frame_ref((struct frame *)message->frame);
    if ((share || message->type == MESSAGE_HOTSTUFF_SIGN) && scene->lose > 0) {
        scene->lose--;
        return -1;
    }
    if (evil && share && scene->misdeed == SILENCE)
        return -1;
    if (evil && ((share && scene->misdeed == WRONG_SHARE) ||
                 (vote && scene->misdeed == WRONG_COMMITMENT))) {
        loop_inject(assembly_loop(scene->assembly), message->from, message->to,
                    message->now + message->delay, spoil(message));
        return -1;
    }
    return message->delay + (share && message->from == scene->slow ? scene->longer : 0);
}

static struct scene *open_scene(int variant, uint32_t count, const char *provider) {
    struct scene *scene = calloc(1, sizeof *scene);
    struct assembly_config config = {
        .ops = &variants[variant]->ops,
        .count = count,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .seed = 7,
        .certificates = &certificate_frost,
        .provider = provider,
        .trace = note,
        .route = carry,
        .context = scene,
    };
    scene->assembly = assembly_new(&config);
    return scene;
}

static void close_scene(struct scene *scene) {
    const char *violation = assembly_violation(scene->assembly);
    ck_assert_msg(violation == NULL, "%s", violation);
    for (size_t i = 0; i < scene->answer_count; i++)
        frame_unref(scene->answers[i]);
    assembly_free(scene->assembly);
    free(scene->ledger.seen);
    free(scene->ledger.within);
    free(scene);
}

static struct hotstuff *member(const struct scene *scene, node_id node) {
    return container_of(assembly_consensus(scene->assembly, node), struct hotstuff, base);
}

static uint32_t quorum(uint32_t n) {
    struct committee committee = {.count = n};
    return committee_quorum(&committee);
}

/* One lone transaction: four views of 4δ, replicas decide at 13δ, the collector of the last votes
 * at 12δ. A view has 2(n - 1) messages, and 2(q - 1) for its certificate. */
START_TEST(one_transaction) {
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        const uint32_t n = sizes[i], q = quorum(n);
        struct scene *scene = open_scene(_i, n, NULL);
        struct loop *loop = assembly_loop(scene->assembly);
        assembly_submit(scene->assembly, NS_PER_S, 1);
        assembly_run(scene->assembly, 10 * NS_PER_S);
        const node_id collector = _i == 0 ? 3 : 0; /* the leader of view 4 */
        for (uint64_t view = 1; view <= 4; view++)
            ck_assert_int_eq(scene->proposed[view], NS_PER_S + (time_ns)(view - 1) * 4 * DELTA);
        for (node_id node = 0; node < n; node++)
            ck_assert_int_eq(scene->decided[node] - NS_PER_S,
                             node == collector ? 12 * DELTA : 13 * DELTA);
        ck_assert_uint_eq(loop_messages(loop, MESSAGE_HOTSTUFF_PROPOSAL), 4 * (n - 1));
        ck_assert_uint_eq(loop_messages(loop, MESSAGE_HOTSTUFF_VOTE), 4 * (n - 1));
        ck_assert_uint_eq(loop_messages(loop, MESSAGE_HOTSTUFF_SIGN), 4 * (q - 1));
        ck_assert_uint_eq(loop_messages(loop, MESSAGE_HOTSTUFF_SHARE), 4 * (q - 1));
        ck_assert_uint_eq(loop_messages(loop, 0), 8 * (n - 1) + 8 * (q - 1));
        close_scene(scene);
    }
}
END_TEST

/* Under load: a block every 4δ. */
START_TEST(steady_state) {
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        const uint32_t n = sizes[i], blocks = 50, views = blocks + 3;
        struct scene *scene = open_scene(_i, n, NULL);
        assembly_submit(scene->assembly, NS_PER_S, blocks);
        assembly_run(scene->assembly, 60 * NS_PER_S);
        for (uint64_t view = 1; view <= views; view++)
            ck_assert_int_eq(scene->proposed[view], NS_PER_S + (time_ns)(view - 1) * 4 * DELTA);
        ck_assert_int_eq(scene->proposed[views + 1], 0);
        ck_assert_uint_eq(assembly_log_height(scene->assembly), blocks);
        ck_assert_uint_eq(loop_messages(assembly_loop(scene->assembly), 0),
                          views * (2 * (n - 1) + 2 * (quorum(n) - 1)));
        ck_assert_uint_eq(assembly_traced(scene->assembly, TRACE_TIMEOUT), 0);
        ck_assert_uint_eq(assembly_dropped(scene->assembly, OK), 0);
        ck_assert_uint_eq(scene->ledger.repeated, 0);
        close_scene(scene);
    }
}
END_TEST

/* Bytes are what the encodings say: blocks stay small, the requests grow with n. */
START_TEST(bytes_of_one_transaction) {
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        const uint64_t n = sizes[i], q = quorum(sizes[i]);
        struct scene *scene = open_scene(_i, sizes[i], NULL);
        assembly_submit(scene->assembly, NS_PER_S, 1);
        assembly_run(scene->assembly, 10 * NS_PER_S);
        const uint64_t header = MESSAGE_HEADER_BYTES, certificate = 1 + 8 + 8 + 32 + 2 + 64;
        const uint64_t proposals = 4 * (header + 8 + 8 + 32 + 4 + certificate) + 8;
        const uint64_t vote = header + 8 + 32 + 64 + 64;
        const uint64_t sign = header + 8 + 32 + 2 + (n + 7) / 8 + q * 64;
        const uint64_t share = header + 8 + 2 + 32 + 64;
        ck_assert_uint_eq(scene->bytes,
                          (n - 1) * (proposals + 4 * vote) + 4 * (q - 1) * (sign + share));
        close_scene(scene);
    }
}
END_TEST

/* Who cheats, and in which committee. */
struct cheating {
    enum misdeed misdeed;
    uint32_t count;
    uint64_t evil;
    const char *provider;
};

static const struct cheating cheatings[] = {
    {WRONG_SHARE, 4, 1u << 1, "real"},
    {WRONG_SHARE, 4, 1u << 1, "modelled"},
    {WRONG_SHARE, 7, 1u << 1 | 1u << 4, "real"},
    {WRONG_SHARE, 10, 1u << 0 | 1u << 3 | 1u << 9, "modelled"},
    {WRONG_COMMITMENT, 4, 1u << 1, "real"},
    {WRONG_COMMITMENT, 4, 1u << 1, "modelled"},
    {WRONG_COMMITMENT, 7, 1u << 1 | 1u << 4, "modelled"},
};

/* f members cheat in every round: they are named, each once a certificate, and the certificate is
 * made with the others. No view is lost. */
START_TEST(cheats_are_named_and_left_out) {
    const struct cheating *row = &cheatings[_i];
    struct scene *scene = open_scene(1, row->count, row->provider);
    scene->misdeed = row->misdeed;
    scene->evil = row->evil;
    assembly_submit(scene->assembly, NS_PER_S, 20);
    assembly_run(scene->assembly, 60 * NS_PER_S);
    ck_assert_uint_eq(assembly_decided(scene->assembly), 20);
    const int reason = row->misdeed == WRONG_SHARE ? ERR_SIGNATURE : ERR_NON_CANONICAL;
    const uint64_t named = assembly_dropped(scene->assembly, reason);
    ck_assert_uint_gt(named, 0);
    ck_assert_uint_le(named, 23 * (uint64_t)__builtin_popcountll(row->evil));
    ck_assert_uint_eq(assembly_traced(scene->assembly, TRACE_TIMEOUT), 0);
    close_scene(scene);
}
END_TEST

/* In the middle of a round: exactly the cheat is accused, and the next attempt does without it. */
START_TEST(only_the_cheat_is_accused) {
    struct scene *scene = open_scene(1, 4, "real");
    scene->misdeed = WRONG_SHARE;
    scene->evil = 1u << 1;
    assembly_submit(scene->assembly, NS_PER_S, 1);
    assembly_run(scene->assembly, NS_PER_S + 4 * DELTA); /* the shares of view 1 have come back */
    struct collector_slot *slot = collector_slot(&member(scene, 0)->votes, 1);
    ck_assert_ptr_nonnull(slot);
    const struct signing *signing = slot->signing;
    ck_assert_uint_eq(assembly_dropped(scene->assembly, ERR_SIGNATURE), 1);
    for (uint32_t node = 0; node < 4; node++)
        ck_assert_int_eq(signing->parties[node].accused, node == 1);
    ck_assert(signing->running);
    ck_assert_uint_eq(signing->attempt, 2);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_ne(signing->list[i].holder, 1 + 1);
    assembly_run(scene->assembly, NS_PER_S + 6 * DELTA);
    ck_assert_uint_eq(member(scene, 0)->high.statement.view, 1);
    ck_assert_ptr_null(collector_slot(&member(scene, 0)->votes, 1));
    close_scene(scene);
}
END_TEST

/* A silent signer costs a quarter of the view timeout where others can take its place. */
START_TEST(a_silent_signer_is_left_out) {
    struct scene *scene = open_scene(1, 4, NULL);
    scene->misdeed = SILENCE;
    scene->evil = 1u << 1;
    assembly_submit(scene->assembly, NS_PER_S, 1);
    assembly_run(scene->assembly, 60 * NS_PER_S);
    ck_assert_uint_eq(assembly_decided(scene->assembly), 1);
    ck_assert_uint_eq(assembly_traced(scene->assembly, TRACE_TIMEOUT), 0);
    /* The list of view 1: members 0, 1 and 2. Asked after 2δ, given up after TIMEOUT / 4, and 2δ. */
    ck_assert_int_eq(scene->proposed[2] - scene->proposed[1], 2 * DELTA + TIMEOUT / 4 + 2 * DELTA);
    close_scene(scene);
}
END_TEST

/* Without a stand-in the same question is asked again, and gets the same answer: the nonces of a
 * lost share are not used for another one. */
START_TEST(lost_questions_and_answers) {
    struct scene *scene = open_scene(1, 4, "real");
    assembly_crash(scene->assembly, 3);
    assembly_submit(scene->assembly, NS_PER_S, 1);
    assembly_run(scene->assembly, NS_PER_S + 3 * DELTA - 1); /* asked, but nobody has answered */
    scene->lose = 2;                                         /* the shares of members 1 and 2 */
    assembly_run(scene->assembly, NS_PER_S + 4 * DELTA + TIMEOUT);
    ck_assert_uint_ge(scene->answer_count, 2);
    ck_assert_uint_eq(scene->answers[0]->size, scene->answers[1]->size);
    ck_assert_mem_eq(scene->answers[0]->bytes, scene->answers[1]->bytes, scene->answers[0]->size);
    ck_assert_int_eq(scene->proposed[2] - scene->proposed[1], 2 * DELTA + TIMEOUT / 4 + 2 * DELTA);
    assembly_run(scene->assembly, 60 * NS_PER_S);
    ck_assert_uint_eq(assembly_decided(scene->assembly), 1);
    close_scene(scene);
}
END_TEST

/* Members 0, 1 and 2 sign; 2 takes long. Who waits looks for a stand-in, finds that the only one, 3, had
 * given a commitment that is none, and must still know whom it had asked: the late share ends that round. */
START_TEST(a_stand_in_that_cheats_leaves_the_round_alone) {
    struct scene *scene = open_scene(1, 4, "real");
    scene->misdeed = WRONG_COMMITMENT;
    scene->evil = 1u << 3;
    scene->slow = 2;
    scene->longer = TIMEOUT / 4 + 2 * DELTA;
    assembly_submit(scene->assembly, NS_PER_S, 1);
    assembly_run(scene->assembly, NS_PER_S + 4 * DELTA + scene->longer - 1);
    const struct collector_slot *slot = collector_slot(&member(scene, 0)->votes, 1);
    ck_assert_ptr_nonnull(slot);
    ck_assert(slot->signing->parties[3].accused);
    ck_assert(slot->signing->running);
    ck_assert_uint_eq(slot->signing->attempt, 1);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(slot->signing->list[i].holder, i + 1);
    assembly_run(scene->assembly, NS_PER_S + 4 * DELTA + scene->longer);
    ck_assert_uint_eq(member(scene, 0)->high.statement.view, 1);
    ck_assert_uint_eq(assembly_dropped(scene->assembly, ERR_SIGNATURE), 0);
    close_scene(scene);
}
END_TEST

/* Hands a frame to a member outside the loop; its effects vanish. The reason or OK. */
static int deliver(const struct scene *scene, node_id to, node_id from, struct frame *frame) {
    struct consensus *consensus = assembly_consensus(scene->assembly, to);
    struct env *env = consensus->env;
    struct message message;
    ck_assert_int_eq(message_parse(&message, frame), OK);
    env->stepping = true;
    int error = consensus->ops->receive(consensus, from, &message);
    for (size_t i = 0; i < env->out.count; i++)
        frame_unref(env->out.list[i].frame);
    env->out.count = 0;
    env->stepping = false;
    frame_unref(frame);
    return error;
}

/* A request to members 1, 2 and 3 of 4, with what they committed to last. */
static struct frame *request_of(const struct scene *scene, uint64_t view,
                                const struct digest *block, uint32_t attempt) {
    uint8_t commitments[3 * HOTSTUFF_COMMITMENT_BYTES];
    const uint8_t signers = 0xe;
    for (node_id node = 1; node <= 3; node++) {
        uint8_t *at = commitments + (node - 1) * HOTSTUFF_COMMITMENT_BYTES;
        const struct frost_commitment *last = &member(scene, node)->signer.nonces.commitment;
        memcpy(at, last->hiding, ELEMENT_BYTES);
        memcpy(at + ELEMENT_BYTES, last->binding, ELEMENT_BYTES);
    }
    struct sign_request request = {view, *block, attempt, &signers, 3, commitments};
    return sign_encode(&request, &member(scene, 1)->base.certification);
}

START_TEST(shares_are_given_once_and_for_the_own_vote_only) {
    static const char *const providers[] = {"real", "modelled"};
    struct scene *scene = open_scene(1, 4, providers[_i]);
    const struct digest other = {{1}};
    assembly_submit(scene->assembly, NS_PER_S, 1);
    assembly_run(scene->assembly, NS_PER_S + DELTA); /* all have voted in view 1; node 0 collects */
    struct hotstuff *self = member(scene, 1);
    const struct digest block = self->signer.block;
    ck_assert_uint_eq(self->signer.view, 1);
    ck_assert_int_eq(deliver(scene, 1, 2, request_of(scene, 1, &block, 1)), ERR_NOT_LEADER);
    ck_assert_int_eq(deliver(scene, 1, 0, request_of(scene, 2, &block, 1)), ERR_UNKNOWN);
    ck_assert_int_eq(deliver(scene, 1, 0, request_of(scene, 1, &other, 1)), ERR_CONFLICT);
    ck_assert_uint_eq(self->signer.drawn, 1);
    /* Another list with the same nonces: the second signature that would give the key away. */
    struct frame *first = request_of(scene, 1, &block, 1);
    struct frame *second = request_of(scene, 1, &block, 2);
    second->bytes[second->size - 1 - HOTSTUFF_COMMITMENT_BYTES] ^= 1; /* member 2's commitment */
    frame_ref(first);
    ck_assert_int_eq(deliver(scene, 1, 0, first), OK);
    ck_assert_uint_eq(self->signer.drawn, 2);
    ck_assert_int_eq(deliver(scene, 1, 0, second), ERR_UNSAFE);
    ck_assert_int_eq(deliver(scene, 1, 0, first), OK); /* the same answer again */
    ck_assert_uint_eq(self->signer.drawn, 2);
    /* With the commitment that came along another attempt is fine. */
    ck_assert_int_eq(deliver(scene, 1, 0, request_of(scene, 1, &block, 3)), OK);
    ck_assert_uint_eq(self->signer.drawn, 3);
    /* Not for ever. */
    uint32_t given = 0;
    while (given < 2 * SIGNING_ATTEMPTS &&
           deliver(scene, 1, 0, request_of(scene, 1, &block, 4 + given)) == OK)
        given++;
    ck_assert_uint_eq(given, SIGNING_ATTEMPTS - 2);
    ck_assert_int_eq(deliver(scene, 0, 0, request_of(scene, 1, &block, 1)), ERR_NOT_MEMBER);
    assembly_run(scene->assembly, NS_PER_S + 20 * DELTA); /* the others got on */
    ck_assert_int_eq(deliver(scene, 1, 0, request_of(scene, 1, &block, 1)), ERR_STALE);
    close_scene(scene);
}
END_TEST

/* A member whose vote was for another block has a commitment there, and would refuse to sign. */
START_TEST(signers_have_voted_for_the_block) {
    struct scene *scene = open_scene(1, 4, NULL);
    const struct digest other = {{1}};
    uint8_t signature[LIMIT_SIGNATURE_BYTES], commitment[HOTSTUFF_COMMITMENT_BYTES];
    const struct vote vote = {1, other, signature, commitment};
    assembly_submit(scene->assembly, NS_PER_S, 1);
    assembly_run(scene->assembly, NS_PER_S + DELTA + 1); /* votes are on their way */
    struct hotstuff *liar = member(scene, 1);
    const struct statement statement = votes_statement(liar, 1, &other);
    memcpy(commitment, liar->signer.nonces.commitment.hiding, ELEMENT_BYTES);
    memcpy(commitment + ELEMENT_BYTES, liar->signer.nonces.commitment.binding, ELEMENT_BYTES);
    liar->base.env->stepping = true;
    statement_sign(liar->base.env, &statement, signature);
    liar->base.env->out.count = 0; /* a charge */
    liar->base.env->stepping = false;
    ck_assert_int_eq(deliver(scene, 0, 1, vote_encode(&vote, &liar->base.certification)), OK);
    assembly_run(scene->assembly, NS_PER_S + 2 * DELTA + 1);
    const struct signing *signing = collector_slot(&member(scene, 0)->votes, 1)->signing;
    ck_assert(signing->running);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_ne(signing->list[i].holder, 1 + 1);
    close_scene(scene);
}
END_TEST

/* The same question gets the same answer so often in a view timeout, and no more. */
START_TEST(repeated_questions_are_answered_so_often) {
    struct scene *scene = open_scene(1, 4, NULL);
    assembly_submit(scene->assembly, NS_PER_S, 1);
    assembly_run(scene->assembly, NS_PER_S + DELTA);
    const struct digest block = member(scene, 1)->signer.block;
    struct frame *request = request_of(scene, 1, &block, 1);
    uint32_t answered = 0, refused = 0;
    for (int times = 0; times < 100; times++) {
        int error = deliver(scene, 1, 0, frame_ref(request));
        answered += error == OK;
        refused += error == ERR_LIMIT;
    }
    ck_assert_uint_eq(answered, 1 + SIGNING_ANSWERS);
    ck_assert_uint_eq(refused, 100 - answered);
    frame_unref(request);
    close_scene(scene);
}
END_TEST

/* A member that restarts has lost its nonces: it can't answer, and what it commits to later is new. */
START_TEST(a_restarted_member_never_uses_old_nonces) {
    struct scene *scene = open_scene(1, 4, "real");
    assembly_submit(scene->assembly, NS_PER_S, 1);
    assembly_run(scene->assembly, NS_PER_S + DELTA);
    const struct digest block = member(scene, 1)->signer.block;
    struct frame *request = request_of(scene, 1, &block, 1);
    assembly_crash(scene->assembly, 1);
    assembly_restart(scene->assembly, 1);
    assembly_run(scene->assembly, NS_PER_S + DELTA + 1);
    ck_assert_uint_eq(member(scene, 1)->safety.voted_view, 1);
    ck_assert_int_eq(deliver(scene, 1, 0, request), ERR_UNKNOWN);
    for (uint32_t i = 1; i <= 10; i++) {
        assembly_submit(scene->assembly, (1 + i) * NS_PER_S, 2);
        assembly_run(scene->assembly, (1 + i) * NS_PER_S + (i * 7 % 11) * DELTA / 2);
        assembly_crash(scene->assembly, i % 4);
        assembly_restart(scene->assembly, i % 4);
    }
    assembly_run(scene->assembly, 100 * NS_PER_S);
    ck_assert_uint_eq(assembly_decided(scene->assembly), 21);
    ck_assert_uint_gt(scene->ledger.count, 100);
    ck_assert_uint_eq(scene->ledger.repeated, 0);
    close_scene(scene);
}
END_TEST

static struct frame *share_of(const struct scene *scene, uint64_t view, uint32_t attempt) {
    const uint8_t scalar[SCALAR_BYTES] = {1}, commitment[HOTSTUFF_COMMITMENT_BYTES] = {1};
    struct sign_share share = {view, attempt, scalar, commitment};
    return share_encode(&share, &member(scene, 0)->base.certification);
}

/* What nobody asked for changes nothing. */
START_TEST(shares_that_nobody_asked_for) {
    struct scene *scene = open_scene(1, 4, NULL);
    assembly_run(scene->assembly, 1);
    ck_assert_int_eq(deliver(scene, 0, 1, share_of(scene, 1, 1)), ERR_UNKNOWN);
    ck_assert_int_eq(deliver(scene, 0, 1, share_of(scene, 0, 1)), ERR_STALE);
    ck_assert_int_eq(deliver(scene, 0, 1, share_of(scene, 1 + LIMIT_FUTURE_MESSAGES, 1)),
                     ERR_FUTURE);
    assembly_submit(scene->assembly, NS_PER_S, 1);
    assembly_run(scene->assembly, NS_PER_S + 3 * DELTA); /* members 0, 1 and 2 are asked */
    const struct signing *signing = collector_slot(&member(scene, 0)->votes, 1)->signing;
    ck_assert(signing->running && signing->missing == 2);
    ck_assert_int_eq(deliver(scene, 0, 3, share_of(scene, 1, 1)), ERR_UNKNOWN);
    ck_assert_int_eq(deliver(scene, 0, 1, share_of(scene, 1, 2)), ERR_UNKNOWN);
    ck_assert_int_eq(deliver(scene, 0, 1, share_of(scene, 1, 0)), ERR_STALE);
    ck_assert_int_eq(deliver(scene, 0, 0, share_of(scene, 1, 1)), ERR_DUPLICATE);
    ck_assert_uint_eq(signing->missing, 2);
    assembly_run(scene->assembly, 10 * NS_PER_S);
    ck_assert_uint_eq(assembly_decided(scene->assembly), 1);
    close_scene(scene);
}
END_TEST

/* With other certificates there is no such round. */
START_TEST(no_signing_round_without_frost) {
    struct assembly_config config = {.ops = &hotstuff_sticky.ops,
                                     .count = 4,
                                     .delay = DELTA,
                                     .view_timeout = TIMEOUT,
                                     .seed = 7};
    struct scene *frost = open_scene(1, 4, NULL);
    struct scene list = {.assembly = assembly_new(&config)};
    const struct digest block = {{1}};
    assembly_run(list.assembly, 1);
    assembly_run(frost->assembly, 1);
    ck_assert_int_eq(deliver(&list, 1, 0, request_of(frost, 1, &block, 1)), ERR_UNKNOWN_TYPE);
    ck_assert_int_eq(deliver(&list, 1, 0, share_of(frost, 1, 1)), ERR_UNKNOWN_TYPE);
    assembly_free(list.assembly);
    close_scene(frost);
}
END_TEST

Suite *hotstuff_signing_suite(void) {
    Suite *suite = suite_create("hotstuff_signing");
    TCase *tcase = tcase_create("signing rounds");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, one_transaction, 0, 2);
    tcase_add_loop_test(tcase, steady_state, 0, 2);
    tcase_add_loop_test(tcase, bytes_of_one_transaction, 0, 2);
    tcase_add_loop_test(tcase, cheats_are_named_and_left_out, 0, ARRAY_LEN(cheatings));
    tcase_add_test(tcase, only_the_cheat_is_accused);
    tcase_add_test(tcase, a_silent_signer_is_left_out);
    tcase_add_test(tcase, a_stand_in_that_cheats_leaves_the_round_alone);
    tcase_add_test(tcase, lost_questions_and_answers);
    tcase_add_loop_test(tcase, shares_are_given_once_and_for_the_own_vote_only, 0, 2);
    tcase_add_test(tcase, signers_have_voted_for_the_block);
    tcase_add_test(tcase, repeated_questions_are_answered_so_often);
    tcase_add_test(tcase, a_restarted_member_never_uses_old_nonces);
    tcase_add_test(tcase, shares_that_nobody_asked_for);
    tcase_add_test(tcase, no_signing_round_without_frost);
    suite_add_tcase(suite, tcase);
    return suite;
}
