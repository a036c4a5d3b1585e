/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HotStuff's pacemaker under attack and under duplication: f members alone move nobody, and no
 * answer is answered without end. */
#include <check.h>
#include <stdlib.h>

#include "consensus/hotstuff/hotstuff.h"
#include "sim/assembly/assembly.h"

#define DELTA   (10 * NS_PER_MS)
#define TIMEOUT (200 * NS_PER_MS)

static const struct hotstuff_variant *const variants[] = {&hotstuff_rotating, &hotstuff_sticky};
static const uint32_t sizes[] = {4, 7, 10};

/* The last @hostile members say of each view that it has failed, 2δ after its proposal. */
struct attack {
    struct assembly *assembly;
    uint32_t hostile;
    uint32_t count;
    uint64_t commits;
};

static struct frame *time_out_of(struct assembly *assembly, node_id from, uint64_t view,
                                 const struct certificate *high) {
    const struct hotstuff *someone =
        container_of(assembly_consensus(assembly, 0), struct hotstuff, base);
    const struct statement statement = {
        .kind = VOTE_HOTSTUFF_TIMEOUT, .channel = ASSEMBLY_CHANNEL, .view = view};
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    statement_sign(assembly_forger(assembly, from), &statement, signature);
    struct new_view message = {.view = view, .signature = signature, .high = *high};
    return new_view_encode(&message, &someone->base.certification);
}

/* With the highest certificate there is; NULL when the view is over. */
static struct frame *time_out(struct assembly *assembly, node_id from, uint64_t view) {
    const struct hotstuff *someone =
        container_of(assembly_consensus(assembly, 0), struct hotstuff, base);
    if (someone->high.statement.view >= view)
        return NULL;
    return time_out_of(assembly, from, view, &someone->high);
}

static void be_impatient(void *context, const struct trace_record *record) {
    struct attack *attack = context;
    attack->commits += record->point == TRACE_DECIDED && record->node == 0;
    if (record->point != TRACE_PROPOSED)
        return;
    for (node_id from = attack->count - attack->hostile; from < attack->count; from++) {
        struct frame *frame = time_out(attack->assembly, from, record->a & UINT64_C(0xffffffffff));
        for (node_id to = 0; frame != NULL && to < attack->count; to++)
            if (to != from)
                loop_inject(assembly_loop(attack->assembly), from, to, record->time + 2 * DELTA,
                            frame_ref(frame));
        frame_unref(frame);
    }
}

static uint64_t commits_under_attack(int variant, uint32_t count, uint32_t hostile) {
    struct attack attack = {.hostile = hostile, .count = count};
    struct assembly_config config = {
        .ops = &variants[variant]->ops,
        .count = count,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .seed = 3,
        .trace = be_impatient,
        .context = &attack,
    };
    struct assembly *assembly = attack.assembly = assembly_new(&config);
    assembly_submit(assembly, NS_PER_S, 600);
    assembly_run(assembly, 10 * NS_PER_S);
    ck_assert_uint_eq(assembly_traced(assembly, TRACE_TIMEOUT), 0);
    ck_assert_msg(assembly_violation(assembly) == NULL, "%s", assembly_violation(assembly));
    assembly_free(assembly);
    return attack.commits;
}

/* f members that are impatient in every view cost nothing: f + 1 time-outs move a member, no fewer.
 * Before, one sufficed for whoever had voted: with n = 7 nothing was decided any more. */
START_TEST(impatient_members_stop_nobody) {
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        const uint64_t undisturbed = commits_under_attack(_i, sizes[i], 0);
        ck_assert_uint_gt(undisturbed, 400);
        ck_assert_uint_eq(commits_under_attack(_i, sizes[i], 1), undisturbed);
        ck_assert_uint_eq(commits_under_attack(_i, sizes[i], (sizes[i] - 1) / 3), undisturbed);
    }
}
END_TEST

/* Every message arrives three times, a little apart. */
struct echo {
    struct assembly *assembly;
    time_ns until;
};

static time_ns carry(void *context, const struct assembly_message *message) {
    struct echo *echo = context;
    if (message->now >= echo->until)
        return message->delay;
    for (int copy = 1; copy <= 2; copy++)
        loop_inject(assembly_loop(echo->assembly), message->from, message->to,
                    message->now + message->delay + copy * NS_PER_MS,
                    frame_copy(message->frame->bytes, message->frame->size));
    return message->delay;
}

/* Two members of ten have voted in view 1, four who have not say that it has failed: six are one too
 * few. So the two back the four and wait in view 2; every message arrives three times. Repetitions
 * that answer repetitions would triple here with every delay. */
START_TEST(answers_are_limited) {
    struct echo echo = {.until = 60 * NS_PER_S};
    struct assembly_config config = {
        .ops = &variants[_i]->ops,
        .count = 10,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .seed = 5,
        .outside = 0x3fc,
        .route = carry,
        .context = &echo,
    };
    struct assembly *assembly = echo.assembly = assembly_new(&config);
    assembly_run(assembly, NS_PER_MS);
    assembly_submit(assembly, NS_PER_S, 3);
    for (node_id from = 2; from < 6; from++) {
        struct frame *frame = time_out(assembly, from, 1);
        for (node_id to = 0; to < 2; to++)
            loop_inject(assembly_loop(assembly), from, to, NS_PER_S + 2 * DELTA, frame_ref(frame));
        frame_unref(frame);
    }
    assembly_run(assembly, NS_PER_S + 10 * DELTA);
    ck_assert_uint_eq(loop_messages(assembly_loop(assembly), MESSAGE_HOTSTUFF_NEW_VIEW), 2 * 9);
    for (int round = 0; round < 5; round++) { /* each says both views again, once a time-out */
        const uint64_t before = loop_messages(assembly_loop(assembly), MESSAGE_HOTSTUFF_NEW_VIEW);
        assembly_run(assembly, loop_now(assembly_loop(assembly)) + TIMEOUT);
        ck_assert_uint_le(
            loop_messages(assembly_loop(assembly), MESSAGE_HOTSTUFF_NEW_VIEW) - before, 2 * 2 * 9);
    }
    assembly_free(assembly);
}
END_TEST

/* Who has nothing to wait for answers who does, and no more than so often, whoever asks how often. */
START_TEST(questions_are_answered_so_often) {
    struct assembly_config config = {
        .ops = &variants[_i]->ops,
        .count = 4,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .seed = 6,
    };
    struct assembly *assembly = assembly_new(&config);
    assembly_run(assembly, NS_PER_MS);
    const struct hotstuff *asked =
        container_of(assembly_consensus(assembly, 1), struct hotstuff, base);
    struct certificate genesis = {0};
    certificate_keep(&genesis, &asked->high);
    assembly_submit(assembly, NS_PER_S, 3);
    assembly_run(assembly, 2 * NS_PER_S);
    const uint64_t over[] = {1, asked->pacemaker.view, asked->pacemaker.view + 1};
    for (size_t i = 0; i < ARRAY_LEN(over); i++) {
        const time_ns now = loop_now(assembly_loop(assembly));
        const uint64_t before = loop_messages(assembly_loop(assembly), 0);
        for (int times = 0; times < 100; times++)
            loop_inject(assembly_loop(assembly), 0, 1, now + times * TIMEOUT / 100,
                        time_out_of(assembly, 0, over[i], &genesis));
        assembly_run(assembly, now + TIMEOUT - 1);
        const uint64_t answers = loop_messages(assembly_loop(assembly), 0) - before;
        ck_assert_uint_ge(answers, 1);
        ck_assert_uint_le(answers, 2 * PACEMAKER_ANSWERS);
        assembly_run(assembly, now + 3 * TIMEOUT);
    }
    certificate_drop(&genesis);
    assembly_free(assembly);
}
END_TEST

/* The same question is not answered in a row; nor are two in turn. */
START_TEST(fetches_are_answered_so_often) {
    struct assembly_config config = {
        .ops = &variants[_i]->ops,
        .count = 4,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .seed = 6,
    };
    struct assembly *assembly = assembly_new(&config);
    assembly_submit(assembly, NS_PER_S, 30);
    assembly_run(assembly, 5 * NS_PER_S);
    const struct hotstuff *asked =
        container_of(assembly_consensus(assembly, 1), struct hotstuff, base);
    const struct block *bases[] = {asked->store.root->parent, asked->store.root->parent->parent};
    const time_ns now = loop_now(assembly_loop(assembly));
    const uint64_t before = loop_messages(assembly_loop(assembly), MESSAGE_HOTSTUFF_BLOCKS);
    for (int times = 0; times < 200; times++) {
        const struct block *base = bases[times % 2];
        const struct fetch fetch = {base->content.view, base->id, asked->high};
        loop_inject(assembly_loop(assembly), 0, 1, now + times * TIMEOUT / 200,
                    fetch_encode(&fetch, &asked->base.certification));
    }
    assembly_run(assembly, now + TIMEOUT - 1);
    const uint64_t answers =
        loop_messages(assembly_loop(assembly), MESSAGE_HOTSTUFF_BLOCKS) - before;
    ck_assert_uint_ge(answers, SYNC_ANSWERS);
    ck_assert_uint_le(answers, 2 * SYNC_ANSWERS);
    assembly_free(assembly);
}
END_TEST

Suite *hotstuff_pacemaker_suite(void) {
    Suite *suite = suite_create("hotstuff_pacemaker");
    TCase *tcase = tcase_create("pacemaker");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, impatient_members_stop_nobody, 0, ARRAY_LEN(variants));
    tcase_add_loop_test(tcase, answers_are_limited, 0, ARRAY_LEN(variants));
    tcase_add_loop_test(tcase, questions_are_answered_so_often, 0, ARRAY_LEN(variants));
    tcase_add_loop_test(tcase, fetches_are_answered_so_often, 0, ARRAY_LEN(variants));
    suite_add_tcase(suite, tcase);
    return suite;
}
