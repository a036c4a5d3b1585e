/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HotStuff's rules one by one, on a single member that gets one message: what it refuses and why, and
 * in which order it writes and speaks. Member 2 of 4 is looked at; nobody else runs. */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "consensus/hotstuff/hotstuff.h"
#include "sim/assembly/assembly.h"

#define N 4

struct scene {
    struct assembly *assembly;
    struct hotstuff *self;
    struct certificate genesis;
};

static struct hotstuff *member(const struct scene *scene) {
    return container_of(assembly_consensus(scene->assembly, 2), struct hotstuff, base);
}

static void open_scene(struct scene *scene) {
    const struct assembly_config config = {
        .ops = &hotstuff_rotating.ops,
        .count = N,
        .delay = 10 * NS_PER_MS,
        .view_timeout = 100 * NS_PER_S,
        .seed = 31,
        .outside = 0xb,
    };
    *scene = (struct scene){.assembly = assembly_new(&config)};
    assembly_submit(scene->assembly, NS_PER_MS, 5);
    assembly_run(scene->assembly, 2 * NS_PER_MS);
    scene->self = member(scene);
    certificate_keep(&scene->genesis, &scene->self->high);
}

static void close_scene(struct scene *scene) {
    certificate_drop(&scene->genesis);
    assembly_free(scene->assembly);
}

/* Hands over @frame and gives its reference back; the effects stay in the member's list. */
static int deliver(struct scene *scene, node_id from, struct frame *frame) {
    struct consensus *consensus = &scene->self->base;
    struct message message;
    int error = message_parse(&message, frame);
    consensus->env->stepping = true;
    if (error == OK)
        error = consensus->ops->receive(consensus, from, &message);
    consensus->env->stepping = false;
    frame_unref(frame);
    return error;
}

static void forget_effects(struct scene *scene) {
    struct effects *out = &scene->self->base.env->out;
    for (size_t i = 0; i < out->count; i++)
        frame_unref(out->list[i].frame);
    out->count = 0;
}

static uint32_t votes_sent(const struct scene *scene) {
    const struct effects *out = &scene->self->base.env->out;
    uint32_t count = 0;
    for (size_t i = 0; i < out->count; i++) {
        struct message message;
        count += out->list[i].type == EFFECT_SEND &&
                 message_parse(&message, out->list[i].frame) == OK &&
                 message.type == MESSAGE_HOTSTUFF_VOTE;
    }
    return count;
}

static struct certificate sign(struct scene *scene, enum vote_kind kind, uint64_t view,
                               const struct digest *block) {
    struct statement statement = {.kind = kind, .channel = ASSEMBLY_CHANNEL, .view = view};
    const bool timeout = kind == VOTE_HOTSTUFF_TIMEOUT;
    struct certificate certificate;
    struct vote_set set;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    if (!timeout)
        statement.block = *block;
    vote_set_init(&set, &scene->self->base.certification);
    for (node_id node = 0; node < 3; node++) {
        statement_sign(assembly_forger(scene->assembly, node), &statement, signature);
        vote_set_add(&set, node, &statement.block, signature);
    }
    ck_assert_int_eq(
        vote_set_certify(&set, assembly_forger(scene->assembly, 3), &statement, 3, &certificate),
        OK);
    vote_set_deinit(&set);
    return certificate;
}

/* A proposal on genesis with @number as its transaction. */
static struct frame *propose(struct scene *scene, uint64_t view, uint64_t number,
                             const struct certificate *timeout) {
    static uint8_t payload[8];
    struct writer writer;
    writer_init(&writer, payload, sizeof payload);
    write_u64(&writer, number);
    struct proposal proposal = {.block = {.view = view, .payload = {payload, sizeof payload}},
                                .justify = scene->genesis};
    if (timeout != NULL)
        proposal.timeout = *timeout;
    return proposal_encode(&proposal, &scene->self->base.certification);
}

/* The block and the state that says how far this member has voted are durable before the vote leaves:
 * whatever follows a PERSIST waits for it (env.h). */
START_TEST(nothing_leaves_before_it_is_durable) {
    struct scene scene;
    bool block = false, state = false, voted = false;
    open_scene(&scene);
    struct frame *frame = propose(&scene, 1, 1, NULL);
    ck_assert_int_eq(deliver(&scene, 0, frame_ref(frame)), OK);
    const struct effects *out = &scene.self->base.env->out;
    for (size_t i = 0; i < out->count; i++) {
        const struct effect *effect = &out->list[i];
        if (effect->type == EFFECT_SEND) {
            voted = true;
            ck_assert(block && state);
        }
        if (effect->type != EFFECT_PERSIST)
            continue;
        struct reader reader;
        reader_init(&reader, effect->frame->bytes, effect->frame->size);
        if (effect->number == consensus_slot(&scene.self->base, 0))
            state |= read_u64(&reader) == 1;
        else
            block |= effect->frame == frame;
    }
    ck_assert(voted);
    forget_effects(&scene);
    frame_unref(frame);
    close_scene(&scene);
}
END_TEST

/* After a restart it votes for no other block of the view. */
START_TEST(a_new_life_votes_for_nothing_else) {
    struct scene scene;
    open_scene(&scene);
    loop_inject(assembly_loop(scene.assembly), 0, 2, 3 * NS_PER_MS, propose(&scene, 1, 1, NULL));
    assembly_run(scene.assembly, 4 * NS_PER_MS);
    ck_assert_uint_eq(scene.self->safety.voted_view, 1);
    assembly_crash(scene.assembly, 2);
    assembly_restart(scene.assembly, 2);
    assembly_run(scene.assembly, 5 * NS_PER_MS);
    scene.self = member(&scene);
    ck_assert_uint_eq(scene.self->safety.voted_view, 1);
    ck_assert_uint_eq(scene.self->pacemaker.view, 2);
    (void)deliver(&scene, 0, propose(&scene, 1, 2, NULL));
    ck_assert_uint_eq(votes_sent(&scene), 0);
    forget_effects(&scene);
    close_scene(&scene);
}
END_TEST

static void assert_refused(struct scene *scene, node_id from, struct frame *frame, int reason) {
    const int error = deliver(scene, from, frame);
    ck_assert_msg(error == reason, "%s instead of %s", error_name(error), error_name(reason));
    ck_assert_uint_eq(scene->self->safety.voted_view, 0);
    ck_assert_ptr_null(scene->self->store.tree);
    ck_assert_uint_eq(votes_sent(scene), 0);
    forget_effects(scene);
}

/* A proposal: from the view's leader, with a valid payload, after the view before, or with the proof
 * that the view just before has failed. */
START_TEST(refused_proposals) {
    struct scene scene;
    open_scene(&scene);
    struct certificate early = sign(&scene, VOTE_HOTSTUFF_TIMEOUT, 3, NULL);
    struct certificate right = sign(&scene, VOTE_HOTSTUFF_TIMEOUT, 4, NULL);
    assert_refused(&scene, 3, propose(&scene, 1, 1, NULL), ERR_NOT_LEADER);
    assert_refused(&scene, 0, propose(&scene, 1, 99, NULL), ERR_INVALID);
    assert_refused(&scene, 0, propose(&scene, 5, 1, &early), ERR_MISMATCH);
    ck_assert_int_eq(deliver(&scene, 0, propose(&scene, 5, 1, &right)), OK);
    ck_assert_uint_eq(votes_sent(&scene), 1);
    forget_effects(&scene);
    certificate_drop(&early);
    certificate_drop(&right);
    close_scene(&scene);
}
END_TEST

/* An answer: blocks each of which is the parent of the next, the last being what is certified. */
START_TEST(refused_blocks) {
    struct scene scene;
    open_scene(&scene);
    struct blocks blocks = {.count = 2, .list = {{.view = 1}, {.view = 2, .parent_view = 1}}};
    struct digest first, last;
    struct env *env = assembly_forger(scene.assembly, 0);
    block_content_id(env, ASSEMBLY_CHANNEL, &blocks.list[0], &first);
    block_content_id(env, ASSEMBLY_CHANNEL, &blocks.list[1], &last);
    struct certificate unlinked = sign(&scene, VOTE_HOTSTUFF, 2, &last);
    blocks.certificate = unlinked;
    assert_refused(&scene, 0, blocks_encode(&blocks, &scene.self->base.certification),
                   ERR_MISMATCH);
    blocks.list[1].parent = first;
    assert_refused(&scene, 0, blocks_encode(&blocks, &scene.self->base.certification),
                   ERR_MISMATCH); /* linked, but the certificate is about another block */
    block_content_id(assembly_forger(scene.assembly, 0), ASSEMBLY_CHANNEL, &blocks.list[1], &last);
    struct certificate good = sign(&scene, VOTE_HOTSTUFF, 2, &last);
    blocks.certificate = good;
    ck_assert_int_eq(deliver(&scene, 0, blocks_encode(&blocks, &scene.self->base.certification)),
                     OK);
    ck_assert_uint_eq(scene.self->tip->content.view, 2);
    forget_effects(&scene);
    certificate_drop(&unlinked);
    certificate_drop(&good);
    close_scene(&scene);
}
END_TEST

/* Views 1, 2, 3 and 5, and a certificate of the last: block 3 must be certified too, or nobody had
 * voted for its child; and with that the three-chain that commits block 1 is complete. */
START_TEST(a_certificate_speaks_for_all_ancestors) {
    static const uint64_t views[] = {1, 2, 3, 5};
    struct scene scene;
    struct digest id = {{0}};
    open_scene(&scene);
    struct blocks blocks = {.count = ARRAY_LEN(views)};
    for (uint32_t i = 0; i < blocks.count; i++) {
        blocks.list[i] = (struct block_content){
            .view = views[i], .parent_view = i == 0 ? 0 : views[i - 1], .parent = id};
        block_content_id(assembly_forger(scene.assembly, 0), ASSEMBLY_CHANNEL, &blocks.list[i],
                         &id);
    }
    struct certificate certificate = sign(&scene, VOTE_HOTSTUFF, 5, &id);
    blocks.certificate = certificate;
    ck_assert_int_eq(deliver(&scene, 0, blocks_encode(&blocks, &scene.self->base.certification)),
                     OK);
    ck_assert_uint_eq(scene.self->store.root->content.view, 1);
    ck_assert_uint_eq(scene.self->safety.locked_view, 3);
    forget_effects(&scene);
    certificate_drop(&certificate);
    close_scene(&scene);
}
END_TEST

static void live_again(struct scene *scene) {
    assembly_crash(scene->assembly, 2);
    assembly_restart(scene->assembly, 2);
    assembly_run(scene->assembly, loop_now(assembly_loop(scene->assembly)) + NS_PER_MS);
    scene->self = member(scene);
}

/* Without it all that restart at once could be in views too far from the last certificate to hear each
 * other: time-outs count for a window of views only. */
START_TEST(what_proves_that_a_view_failed_is_durable) {
    struct scene scene;
    open_scene(&scene);
    struct certificate timeout = sign(&scene, VOTE_HOTSTUFF_TIMEOUT, 100, NULL);
    loop_inject(assembly_loop(scene.assembly), 0, 2, 3 * NS_PER_MS,
                propose(&scene, 101, 1, &timeout));
    assembly_run(scene.assembly, 4 * NS_PER_MS);
    ck_assert_uint_eq(scene.self->safety.voted_view, 101);
    live_again(&scene);
    ck_assert_uint_eq(scene.self->pacemaker.timeout.statement.view, 100);
    ck_assert_uint_eq(scene.self->pacemaker.view, 102);
    certificate_drop(&timeout);
    close_scene(&scene);
}
END_TEST

/* What was fetched need not be fetched again. */
START_TEST(fetched_blocks_are_durable) {
    struct scene scene;
    struct digest first, last;
    open_scene(&scene);
    struct blocks blocks = {.count = 2, .list = {{.view = 1}, {.view = 2, .parent_view = 1}}};
    block_content_id(assembly_forger(scene.assembly, 0), ASSEMBLY_CHANNEL, &blocks.list[0], &first);
    blocks.list[1].parent = first;
    block_content_id(assembly_forger(scene.assembly, 0), ASSEMBLY_CHANNEL, &blocks.list[1], &last);
    struct certificate certificate = sign(&scene, VOTE_HOTSTUFF, 2, &last);
    blocks.certificate = certificate;
    loop_inject(assembly_loop(scene.assembly), 0, 2, 3 * NS_PER_MS,
                blocks_encode(&blocks, &scene.self->base.certification));
    assembly_run(scene.assembly, 4 * NS_PER_MS);
    live_again(&scene);
    ck_assert_uint_eq(scene.self->high.statement.view, 2);
    ck_assert_uint_eq(scene.self->tip->content.view, 2);
    certificate_drop(&certificate);
    close_scene(&scene);
}
END_TEST

Suite *hotstuff_rules_suite(void) {
    Suite *suite = suite_create("hotstuff_rules");
    TCase *tcase = tcase_create("rules");
    tcase_add_test(tcase, nothing_leaves_before_it_is_durable);
    tcase_add_test(tcase, a_new_life_votes_for_nothing_else);
    tcase_add_test(tcase, refused_proposals);
    tcase_add_test(tcase, refused_blocks);
    tcase_add_test(tcase, a_certificate_speaks_for_all_ancestors);
    tcase_add_test(tcase, what_proves_that_a_view_failed_is_durable);
    tcase_add_test(tcase, fetched_blocks_are_durable);
    suite_add_tcase(suite, tcase);
    return suite;
}
