/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A member alone among hostile ones: what it takes from them is right in every part, and the same with
 * one flaw is refused, for the flaw's reason. Each flaw is a row. */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "consensus/pbft/pbft.h"
#include "sim/adversary/forge_pbft.h"
#include "tests/lib/forger.h"

#define MEMBERS 4
#define DELTA   (10 * NS_PER_MS)
#define TIMEOUT (400 * NS_PER_MS)
#define ALONE   3 /* the honest member; 0, 1 and 2 are ours */

Suite *pbft_hostile_suite(void);

struct scene {
    struct assembly *assembly;
    struct loop *loop;
    time_ns now;
    uint8_t bytes[2][8];
    struct pbft_value value, other; /* of number 1, proposed in view 0 */
    struct digest digest, other_digest;
    struct statement prepare;    /* that number 1 was prepared in view 0 */
    struct statement checkpoint; /* that 128 is stable */
};

static void scene_init(struct scene *scene) {
    const struct assembly_config config = {.ops = &pbft_ops,
                                           .count = MEMBERS,
                                           .delay = DELTA,
                                           .view_timeout = TIMEOUT,
                                           .seed = 9,
                                           .outside = 7};
    *scene = (struct scene){.assembly = assembly_new(&config), .now = NS_PER_S};
    scene->loop = assembly_loop(scene->assembly);
    scene->value = forge_value(1, 0, scene->bytes[0]);
    scene->other = forge_value(2, 0, scene->bytes[1]);
    scene->digest = forge_digest(forger_of(scene->assembly), 1, &scene->value);
    scene->other_digest = forge_digest(forger_of(scene->assembly), 1, &scene->other);
    scene->prepare = (struct statement){VOTE_PBFT_PREPARE, ASSEMBLY_CHANNEL, 0, 1, scene->digest};
    scene->checkpoint =
        (struct statement){VOTE_PBFT_CHECKPOINT, ASSEMBLY_CHANNEL, 0, 128, scene->digest};
    const time_ns never[MEMBERS] = {TIME_NEVER, TIME_NEVER, TIME_NEVER, TIME_NEVER};
    for (uint32_t i = 0; i < 5; i++) /* they exist; the member has not heard of them */
        assembly_submit_staggered(scene->assembly, never);
    assembly_run(scene->assembly, scene->now);
}

static void scene_deinit(struct scene *scene) {
    ck_assert_msg(assembly_violation(scene->assembly) == NULL, "%s",
                  assembly_violation(scene->assembly));
    assembly_free(scene->assembly);
}

/* Hands it over; the reason why it was dropped, OK when it was not. */
static int hand_over(struct scene *scene, node_id from, struct frame *frame) {
    uint64_t before[ERROR_COUNT];
    for (int reason = 1; reason < ERROR_COUNT; reason++)
        before[reason] = assembly_dropped(scene->assembly, -reason);
    loop_inject(scene->loop, from, ALONE, ++scene->now, frame);
    assembly_run(scene->assembly, scene->now);
    for (int reason = 1; reason < ERROR_COUNT; reason++)
        if (assembly_dropped(scene->assembly, -reason) != before[reason])
            return -reason;
    return OK;
}

static uint64_t view_of(const struct scene *scene) {
    struct consensus_view view;
    assembly_observe(scene->assembly, ALONE, &view);
    return view.view;
}

/* Messages that the member has sent, of one type. */
static uint64_t said(const struct scene *scene, uint16_t type) {
    return loop_messages(scene->loop, type) / (MEMBERS - 1);
}

static struct forge_certificate certificate_by(const struct statement *statement,
                                               uint32_t signers) {
    return (struct forge_certificate){*statement, signers, 0};
}

static struct forge_change change_by(const struct scene *scene, node_id sender) {
    return (struct forge_change){
        .sender = sender,
        .signer = sender,
        .view = 1,
        .has_entry = true,
        .entry = {.sequence = 1, .digest = scene->digest},
        .proof = certificate_by(&scene->prepare, 7),
    };
}

/* The same with a stable checkpoint and nothing above it. */
static struct forge_change change_with_stable(const struct scene *scene, node_id sender) {
    return (struct forge_change){
        .sender = sender,
        .signer = sender,
        .view = 1,
        .stable = 128,
        .stable_proof = certificate_by(&scene->checkpoint, 7),
    };
}

/* VIEW-CHANGE: f + 1 good ones are joined. */

struct change_flaw {
    const char *name;
    bool stable; /* of the kind with a stable checkpoint */
    void (*apply)(const struct scene *scene, struct forge_change *change);
    int reason;
};

static void flaw_signer(const struct scene *scene, struct forge_change *change) {
    change->signer = 2;
}
static void flaw_proof_few(const struct scene *scene, struct forge_change *change) {
    change->proof.signers = 3;
}
static void flaw_proof_signature(const struct scene *scene, struct forge_change *change) {
    change->proof.false_signers = 2;
}
static void flaw_proof_kind(const struct scene *scene, struct forge_change *change) {
    change->proof.statement.kind = VOTE_PBFT_CHECKPOINT;
}
static void flaw_proof_view(const struct scene *scene, struct forge_change *change) {
    change->view = 2;
    change->entry.view = 1;
}
static void flaw_proof_sequence(const struct scene *scene, struct forge_change *change) {
    change->entry.sequence = 2;
}
static void flaw_proof_digest(const struct scene *scene, struct forge_change *change) {
    change->entry.digest = scene->other_digest;
}
static void flaw_beyond(const struct scene *scene, struct forge_change *change) {
    change->entry.sequence = change->proof.statement.sequence = 257;
}
static void flaw_later(const struct scene *scene, struct forge_change *change) {
    change->entry.view = change->proof.statement.view = 1;
}
static void flaw_stable_few(const struct scene *scene, struct forge_change *change) {
    change->stable_proof.signers = 3;
}
static void flaw_stable_signature(const struct scene *scene, struct forge_change *change) {
    change->stable_proof.false_signers = 1;
}
static void flaw_stable_kind(const struct scene *scene, struct forge_change *change) {
    change->stable_proof.statement.kind = VOTE_PBFT_COMMIT;
}
static void flaw_stable_number(const struct scene *scene, struct forge_change *change) {
    change->stable = 256;
}
static void flaw_stable_odd(const struct scene *scene, struct forge_change *change) {
    change->stable = change->stable_proof.statement.sequence = 129;
}

static const struct change_flaw change_flaws[] = {
    {"another's signature", false, flaw_signer, ERR_SIGNATURE},
    {"a proof by q - 1", false, flaw_proof_few, ERR_CERTIFICATE},
    {"a false signature in the proof", false, flaw_proof_signature, ERR_SIGNATURE},
    {"a proof of another kind", false, flaw_proof_kind, ERR_CERTIFICATE},
    {"a proof of another view", false, flaw_proof_view, ERR_CERTIFICATE},
    {"a proof of another number", false, flaw_proof_sequence, ERR_CERTIFICATE},
    {"a proof of another value", false, flaw_proof_digest, ERR_CERTIFICATE},
    {"a number beyond the window", false, flaw_beyond, ERR_LIMIT},
    {"prepared in the view that is to come", false, flaw_later, ERR_INVALID},
    {"a checkpoint by q - 1", true, flaw_stable_few, ERR_CERTIFICATE},
    {"a false signature under the checkpoint", true, flaw_stable_signature, ERR_SIGNATURE},
    {"a checkpoint of another kind", true, flaw_stable_kind, ERR_CERTIFICATE},
    {"a checkpoint of another number", true, flaw_stable_number, ERR_CERTIFICATE},
    {"a checkpoint between two", true, flaw_stable_odd, ERR_INVALID},
};

START_TEST(a_change_with_a_flaw_is_no_change) {
    const struct change_flaw *flaw = &change_flaws[_i];
    struct scene scene;
    scene_init(&scene);
    struct forge_change good = flaw->stable ? change_with_stable(&scene, 1) : change_by(&scene, 1);
    struct forge_change bad = good;
    struct forge_change first = flaw->stable ? change_with_stable(&scene, 0) : change_by(&scene, 0);
    flaw->apply(&scene, &bad);
    ck_assert_int_eq(hand_over(&scene, 0, forge_view_change(forger_of(scene.assembly), &first)),
                     OK);
    ck_assert_msg(hand_over(&scene, 1, forge_view_change(forger_of(scene.assembly), &bad)) ==
                      flaw->reason,
                  "%s", flaw->name);
    ck_assert_msg(view_of(&scene) == 0, "%s", flaw->name);
    ck_assert_uint_eq(said(&scene, MESSAGE_PBFT_VIEW_CHANGE), 0);
    ck_assert_int_eq(hand_over(&scene, 1, forge_view_change(forger_of(scene.assembly), &good)), OK);
    ck_assert_uint_eq(view_of(&scene), 1);
    ck_assert_uint_eq(said(&scene, MESSAGE_PBFT_VIEW_CHANGE), 1);
    scene_deinit(&scene);
}
END_TEST

/* NEW-VIEW. */

struct view_flaw {
    const char *name;
    bool stable;
    void (*apply)(const struct scene *scene, struct forge_new_view *view);
    int reason;
};

static void view_signer(const struct scene *scene, struct forge_new_view *view) {
    view->signer = 2;
}
static void view_change_signature(const struct scene *scene, struct forge_new_view *view) {
    view->changes[1].signer = 0;
}
static void view_few(const struct scene *scene, struct forge_new_view *view) {
    view->count = 2;
}
static void view_twice(const struct scene *scene, struct forge_new_view *view) {
    view->changes[2].sender = view->changes[2].signer = 1;
}
static void view_other(const struct scene *scene, struct forge_new_view *view) {
    view->changes[2].view = 5;
}
static void view_proof_few(const struct scene *scene, struct forge_new_view *view) {
    view->proofs[0].signers = 5;
}
static void view_proof_signature(const struct scene *scene, struct forge_new_view *view) {
    view->proofs[0].false_signers = 4;
}
static void view_proof_kind(const struct scene *scene, struct forge_new_view *view) {
    view->proofs[0].statement.kind = VOTE_PBFT_CHECKPOINT;
}
static void view_proof_digest(const struct scene *scene, struct forge_new_view *view) {
    view->proofs[0].statement.block = scene->other_digest;
}
static void view_proof_missing(const struct scene *scene, struct forge_new_view *view) {
    view->proof_count = 0;
}
static void view_proof_more(const struct scene *scene, struct forge_new_view *view) {
    view->proof_count = 2;
}
static void view_stable_few(const struct scene *scene, struct forge_new_view *view) {
    view->stable_proof.signers = 6;
}
static void view_stable_signature(const struct scene *scene, struct forge_new_view *view) {
    view->stable_proof.false_signers = 1;
}
static void view_stable_kind(const struct scene *scene, struct forge_new_view *view) {
    view->stable_proof.statement.kind = VOTE_PBFT_COMMIT;
}
static void view_stable_number(const struct scene *scene, struct forge_new_view *view) {
    view->stable_proof.statement.sequence = 256;
}

static const struct view_flaw view_flaws[] = {
    {"not signed by its primary", false, view_signer, ERR_SIGNATURE},
    {"a change not signed by its sender", false, view_change_signature, ERR_SIGNATURE},
    {"q - 1 changes", false, view_few, ERR_CERTIFICATE},
    {"a member twice", false, view_twice, ERR_NON_CANONICAL},
    {"a change to another view", false, view_other, ERR_CERTIFICATE},
    {"a proof by q - 1", false, view_proof_few, ERR_CERTIFICATE},
    {"a false signature in a proof", false, view_proof_signature, ERR_SIGNATURE},
    {"a proof of another kind", false, view_proof_kind, ERR_CERTIFICATE},
    {"a proof of another value", false, view_proof_digest, ERR_CERTIFICATE},
    {"no proof", false, view_proof_missing, ERR_NOT_ENOUGH},
    {"a proof too many", false, view_proof_more, ERR_TRAILING},
    {"a checkpoint by q - 1", true, view_stable_few, ERR_CERTIFICATE},
    {"a false signature under the checkpoint", true, view_stable_signature, ERR_SIGNATURE},
    {"a checkpoint of another kind", true, view_stable_kind, ERR_CERTIFICATE},
    {"a checkpoint of another number", true, view_stable_number, ERR_CERTIFICATE},
};

static struct forge_new_view new_view(const struct scene *scene, bool stable) {
    struct forge_new_view view = {.signer = 1, .view = 1, .count = 3};
    for (node_id i = 0; i < 3; i++)
        view.changes[i] = stable ? change_with_stable(scene, i) : change_by(scene, i);
    view.stable_proof = certificate_by(&scene->checkpoint, 7);
    view.proof_count = !stable;
    view.proofs[0] = view.proofs[1] = certificate_by(&scene->prepare, 7);
    return view;
}

START_TEST(a_new_view_with_a_flaw_is_none) {
    const struct view_flaw *flaw = &view_flaws[_i];
    struct scene scene;
    scene_init(&scene);
    struct forge_new_view good = new_view(&scene, flaw->stable), bad = good;
    flaw->apply(&scene, &bad);
    ck_assert_msg(hand_over(&scene, 1, forge_pbft_new_view(forger_of(scene.assembly), &bad)) ==
                      flaw->reason,
                  "%s", flaw->name);
    ck_assert_msg(view_of(&scene) == 0, "%s", flaw->name);
    ck_assert_int_eq(hand_over(&scene, 1, forge_pbft_new_view(forger_of(scene.assembly), &good)),
                     OK);
    ck_assert_uint_eq(view_of(&scene), 1);
    scene_deinit(&scene);
}
END_TEST

/* In the new view number 1 is what was prepared, whatever its primary would like; also after a
 * restart. */
START_TEST(what_a_new_view_fixed_is_not_replaced) {
    for (int restarts = 0; restarts < 2; restarts++) {
        struct scene scene;
        uint8_t bytes[8];
        scene_init(&scene);
        struct assembly *assembly = scene.assembly;
        const struct forge_new_view view = new_view(&scene, false);
        const struct pbft_value fresh = forge_value(2, 1, bytes);
        ck_assert_int_eq(hand_over(&scene, 1, forge_pbft_new_view(forger_of(assembly), &view)), OK);
        if (restarts == 1) {
            assembly_crash(assembly, ALONE);
            assembly_restart(assembly, ALONE);
            assembly_run(assembly, ++scene.now);
        }
        ck_assert_uint_eq(view_of(&scene), 1);
        ck_assert_int_eq(
            hand_over(&scene, 1, forge_pre_prepare(forger_of(assembly), 1, 1, 1, &fresh)),
            ERR_UNSAFE);
        ck_assert_int_eq(
            hand_over(&scene, 1, forge_pre_prepare(forger_of(assembly), 1, 1, 1, &scene.value)),
            OK);
        ck_assert_int_eq(
            hand_over(&scene, 1, forge_pre_prepare(forger_of(assembly), 1, 1, 2, &scene.other)),
            ERR_INVALID); /* not proposed in this view, nor fixed by it */
        ck_assert_int_eq(
            hand_over(&scene, 1, forge_pre_prepare(forger_of(assembly), 1, 1, 2, &fresh)), OK);
        ck_assert_uint_eq(said(&scene, MESSAGE_PBFT_PREPARE), 2);
        scene_deinit(&scene);
    }
}
END_TEST

/* Of several proofs for a number the one of the highest view counts. */
START_TEST(the_highest_view_decides_what_a_new_view_fixes) {
    struct scene scene;
    uint8_t bytes[8];
    scene_init(&scene);
    struct pbft_value later = forge_value(3, 1, bytes);
    const struct statement higher = {VOTE_PBFT_PREPARE, ASSEMBLY_CHANNEL, 1, 1,
                                     forge_digest(forger_of(scene.assembly), 1, &later)};
    struct forge_new_view view = new_view(&scene, false);
    view.view = view.signer = 2;
    for (node_id i = 0; i < 3; i++)
        view.changes[i].view = 2;
    view.changes[1].entry = (struct pbft_entry){.sequence = 1, .view = 1, .digest = higher.block};
    ck_assert_int_eq(hand_over(&scene, 2, forge_pbft_new_view(forger_of(scene.assembly), &view)),
                     ERR_CERTIFICATE);
    view.proofs[0] = certificate_by(&higher, 7);
    ck_assert_int_eq(hand_over(&scene, 2, forge_pbft_new_view(forger_of(scene.assembly), &view)),
                     OK);
    ck_assert_int_eq(
        hand_over(&scene, 2, forge_pre_prepare(forger_of(scene.assembly), 2, 2, 1, &scene.value)),
        ERR_UNSAFE);
    ck_assert_int_eq(
        hand_over(&scene, 2, forge_pre_prepare(forger_of(scene.assembly), 2, 2, 1, &later)), OK);
    scene_deinit(&scene);
}
END_TEST

/* Number 1 was proposed anew in view 1, so whatever an earlier view prepared from there on is void. But
 * the origin of a value must be its name's. */
START_TEST(what_a_later_view_has_begun_anew_voids_what_came_before) {
    struct scene scene;
    uint8_t later_bytes[8], fresh_bytes[8];
    scene_init(&scene);
    const struct pbft_value later = forge_value(3, 1, later_bytes);
    const struct pbft_value fresh = forge_value(4, 2, fresh_bytes);
    const struct statement one = {VOTE_PBFT_PREPARE, ASSEMBLY_CHANNEL, 1, 1,
                                  forge_digest(forger_of(scene.assembly), 1, &later)};
    const struct statement two = {VOTE_PBFT_PREPARE, ASSEMBLY_CHANNEL, 0, 2,
                                  forge_digest(forger_of(scene.assembly), 2, &scene.value)};
    struct forge_new_view view = new_view(&scene, false);
    view.view = view.signer = 2;
    for (node_id i = 0; i < 3; i++)
        view.changes[i].view = 2;
    view.changes[0].entry = (struct pbft_entry){.sequence = 2, .digest = two.block};
    view.changes[1].entry =
        (struct pbft_entry){.sequence = 1, .view = 1, .digest = one.block, .origin = 1};
    identity_hash(assembly_forger(scene.assembly, 0), &view.changes[1].entry.content, later.bytes,
                  later.size);
    view.proofs[0] = certificate_by(&one, 7);
    view.proofs[1] = certificate_by(&two, 7);
    view.proof_count = 2;
    ck_assert_int_eq(hand_over(&scene, 2, forge_pbft_new_view(forger_of(scene.assembly), &view)),
                     ERR_TRAILING);
    view.proof_count = 1;
    struct forge_new_view false_origin = view;
    false_origin.changes[1].entry.content = scene.digest;
    ck_assert_int_eq(
        hand_over(&scene, 2, forge_pbft_new_view(forger_of(scene.assembly), &false_origin)),
        ERR_MISMATCH);
    ck_assert_int_eq(hand_over(&scene, 2, forge_pbft_new_view(forger_of(scene.assembly), &view)),
                     OK);
    ck_assert_int_eq(
        hand_over(&scene, 2, forge_pre_prepare(forger_of(scene.assembly), 2, 2, 1, &later)), OK);
    ck_assert_int_eq(
        hand_over(&scene, 2, forge_pre_prepare(forger_of(scene.assembly), 2, 2, 2, &fresh)), OK);
    scene_deinit(&scene);
}
END_TEST

/* Proposals and votes. */

START_TEST(proposals_and_votes_with_a_flaw_are_refused) {
    struct scene scene;
    uint8_t bytes[8];
    static const struct pbft_value null_request;
    scene_init(&scene);
    struct assembly *assembly = scene.assembly;
    struct statement commit = scene.prepare;
    commit.kind = VOTE_PBFT_COMMIT;
    struct pbft_value foreign = forge_value(1, 5, bytes);
    ck_assert_int_eq(
        hand_over(&scene, 0, forge_pre_prepare(forger_of(assembly), 1, 0, 1, &scene.value)),
        ERR_SIGNATURE);
    ck_assert_int_eq(
        hand_over(&scene, 1, forge_pre_prepare(forger_of(assembly), 1, 0, 1, &scene.value)),
        ERR_NOT_LEADER);
    ck_assert_int_eq(
        hand_over(&scene, 0, forge_pre_prepare(forger_of(assembly), 0, 0, 1, &null_request)),
        ERR_INVALID);
    ck_assert_int_eq(
        hand_over(&scene, 0, forge_pre_prepare(forger_of(assembly), 0, 0, 1, &foreign)),
        ERR_INVALID);
    ck_assert_int_eq(
        hand_over(&scene, 0, forge_pre_prepare(forger_of(assembly), 0, 0, 1, &scene.value)), OK);
    ck_assert_int_eq(
        hand_over(&scene, 0, forge_pre_prepare(forger_of(assembly), 0, 0, 1, &scene.other)),
        ERR_CONFLICT);
    ck_assert_int_eq(hand_over(&scene, 0, forge_pbft_vote(forger_of(assembly), 0, &scene.prepare)),
                     ERR_INVALID);
    ck_assert_int_eq(hand_over(&scene, 1, forge_pbft_vote(forger_of(assembly), 2, &scene.prepare)),
                     ERR_SIGNATURE);
    ck_assert_uint_eq(said(&scene, MESSAGE_PBFT_COMMIT), 0); /* two of three so far */
    ck_assert_int_eq(hand_over(&scene, 1, forge_pbft_vote(forger_of(assembly), 1, &scene.prepare)),
                     OK);
    ck_assert_uint_eq(said(&scene, MESSAGE_PBFT_COMMIT), 1);
    ck_assert_int_eq(hand_over(&scene, 1, forge_pbft_vote(forger_of(assembly), 1, &commit)), OK);
    ck_assert_int_eq(hand_over(&scene, 1, forge_pbft_vote(forger_of(assembly), 1, &commit)),
                     ERR_DUPLICATE);
    ck_assert_int_eq(hand_over(&scene, 2, forge_pbft_vote(forger_of(assembly), 1, &commit)),
                     ERR_SIGNATURE);
    ck_assert_uint_eq(assembly_height(assembly, ALONE), 0);
    ck_assert_int_eq(hand_over(&scene, 2, forge_pbft_vote(forger_of(assembly), 2, &commit)), OK);
    ck_assert_uint_eq(assembly_height(assembly, ALONE), 1);
    scene_deinit(&scene);
}
END_TEST

/* Who has asked for the next view votes in the old one no more, and in the new one not before it has
 * begun; not even after a restart. */
START_TEST(nobody_votes_while_changing) {
    for (int restarts = 0; restarts < 2; restarts++) {
        struct scene scene;
        uint8_t bytes[8];
        scene_init(&scene);
        struct assembly *assembly = scene.assembly;
        struct pbft_value fresh = forge_value(2, 1, bytes);
        for (node_id i = 0; i < 2; i++) {
            const struct forge_change change = change_by(&scene, i);
            ck_assert_int_eq(hand_over(&scene, i, forge_view_change(forger_of(assembly), &change)),
                             OK);
        }
        ck_assert_uint_eq(view_of(&scene), 1);
        if (restarts == 1) {
            assembly_crash(assembly, ALONE);
            assembly_restart(assembly, ALONE);
            assembly_run(assembly, ++scene.now);
        }
        ck_assert_int_eq(
            hand_over(&scene, 0, forge_pre_prepare(forger_of(assembly), 0, 0, 1, &scene.value)),
            ERR_STALE);
        ck_assert_int_eq(
            hand_over(&scene, 1, forge_pre_prepare(forger_of(assembly), 1, 1, 2, &fresh)),
            ERR_FUTURE);
        ck_assert_uint_eq(said(&scene, MESSAGE_PBFT_PREPARE), 0);
        scene_deinit(&scene);
    }
}
END_TEST

/* A CHECKPOINT counts when its sender signed it, and q of them are stable. */
START_TEST(checkpoints_are_counted_by_their_signers) {
    struct scene scene;
    scene_init(&scene);
    struct assembly *assembly = scene.assembly;
    const struct forge_change lower = change_by(&scene, 0);
    ck_assert_int_eq(
        hand_over(&scene, 0, forge_pbft_vote(forger_of(assembly), 1, &scene.checkpoint)),
        ERR_SIGNATURE);
    for (node_id i = 0; i < 3; i++) {
        ck_assert_int_eq(
            hand_over(&scene, i, forge_pbft_vote(forger_of(assembly), i, &scene.checkpoint)), OK);
        ck_assert_int_eq(
            hand_over(&scene, i, forge_pbft_vote(forger_of(assembly), i, &scene.checkpoint)),
            i == 2 ? ERR_STALE : ERR_DUPLICATE);
    }
    /* A proof of what it knows by itself would be passed on in NEW-VIEW: it is checked as any other. */
    struct forge_change same = change_with_stable(&scene, 1);
    same.stable_proof.false_signers = 4;
    ck_assert_int_eq(hand_over(&scene, 1, forge_view_change(forger_of(assembly), &same)),
                     ERR_SIGNATURE);
    ck_assert_int_eq(hand_over(&scene, 0, forge_view_change(forger_of(assembly), &lower)), OK);
    scene_deinit(&scene);
}
END_TEST

Suite *pbft_hostile_suite(void) {
    Suite *suite = suite_create("pbft_hostile");
    TCase *tests = tcase_create("pbft_hostile");
    tcase_add_loop_test(tests, a_change_with_a_flaw_is_no_change, 0, ARRAY_LEN(change_flaws));
    tcase_add_loop_test(tests, a_new_view_with_a_flaw_is_none, 0, ARRAY_LEN(view_flaws));
    tcase_add_test(tests, what_a_new_view_fixed_is_not_replaced);
    tcase_add_test(tests, the_highest_view_decides_what_a_new_view_fixes);
    tcase_add_test(tests, what_a_later_view_has_begun_anew_voids_what_came_before);
    tcase_add_test(tests, proposals_and_votes_with_a_flaw_are_refused);
    tcase_add_test(tests, nobody_votes_while_changing);
    tcase_add_test(tests, checkpoints_are_counted_by_their_signers);
    suite_add_tcase(suite, tests);
    return suite;
}
