/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HotStuff against malicious members: what is forged is refused with its reason and changes nothing;
 * what is signed and contradictory splits nobody. Node 3 of 4 is the malicious one. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "consensus/hotstuff/hotstuff.h"
#include "sim/assembly/assembly.h"

#define DELTA   (10 * NS_PER_MS)
#define TIMEOUT (100 * NS_PER_MS)
#define N       4
#define EVIL    3
#define CAPTURE 512

/* A running committee, and the frames that node 1 was sent. */
struct scene {
    struct assembly *assembly;
    struct frame *frames[CAPTURE];
    node_id from[CAPTURE];
    size_t count;
    uint64_t blocked; /* bit i: messages from node i are lost */
};

static time_ns capture(void *context, const struct assembly_message *message) {
    struct scene *scene = context;
    if (message->to == 1 && scene->count < CAPTURE) {
        scene->from[scene->count] = message->from;
        scene->frames[scene->count++] = frame_copy(message->frame->bytes, message->frame->size);
    }
    return (scene->blocked >> message->from & 1) != 0 ? -1 : message->delay;
}

static void open_scene_with(struct scene *scene, const struct hotstuff_variant *variant,
                            uint64_t outside, const struct certificate_scheme *scheme) {
    *scene = (struct scene){0};
    struct assembly_config config = {
        .certificates = scheme,
        .ops = &variant->ops,
        .count = N,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .seed = 21,
        .outside = outside,
        .route = capture,
        .context = scene,
    };
    scene->assembly = assembly_new(&config);
    assembly_run(scene->assembly, NS_PER_MS);
}

static void open_scene(struct scene *scene, const struct hotstuff_variant *variant,
                       uint64_t outside) {
    open_scene_with(scene, variant, outside, &certificate_list);
}

static void close_scene(struct scene *scene) {
    for (size_t i = 0; i < scene->count; i++)
        frame_unref(scene->frames[i]);
    assembly_free(scene->assembly);
}

static struct hotstuff *member(const struct scene *scene, node_id node) {
    return container_of(assembly_consensus(scene->assembly, node), struct hotstuff, base);
}

static uint64_t hash_votes(uint64_t hash, const struct collector *collector) {
    for (size_t i = 0; i < LIMIT_FUTURE_MESSAGES; i++)
        if (collector->slots[i].open)
            hash = hash_combine(hash,
                                collector->slots[i].view << 16 | collector->slots[i].set.voted[0]);
    return hash_combine(hash, collector->first);
}

/* Own part and collected parts of signing rounds. */
static uint64_t hash_signing(uint64_t hash, const struct hotstuff *self) {
    hash = hash_combine(hash, self->signer.view << 8 | self->signer.drawn);
    for (size_t i = 0; i < LIMIT_FUTURE_MESSAGES; i++) {
        const struct signing *signing = self->votes.slots[i].signing;
        if (signing == NULL)
            continue;
        hash = hash_combine(hash, signing->attempt << 1 | signing->running);
        hash = hash_combine(hash, signing->missing);
        for (uint32_t member = 0; member < N; member++)
            hash = hash_combine(hash, (uint64_t)signing->parties[member].commitment.holder << 2 |
                                          signing->parties[member].owes << 1 |
                                          signing->parties[member].accused);
    }
    return hash;
}

/* All that a message may change. */
static uint64_t state_hash(const struct hotstuff *self) {
    uint64_t hash = hash_combine(self->safety.voted_view, self->safety.locked_view);
    hash = hash_combine(hash, self->high.statement.view);
    hash = hash_combine(hash, trace_digest(&self->high.statement.block));
    hash = hash_combine(hash, trace_digest(&self->store.root->id));
    hash = hash_combine(hash, trace_digest(&self->tip->id));
    for (const struct block *block = self->store.tree; block != NULL; block = block->hh.next)
        hash = hash_combine(hash, trace_digest(&block->id));
    hash = hash_combine(hash, self->store.payloads);
    hash = hash_combine(hash, self->pacemaker.view << 20 | self->pacemaker.failures);
    hash = hash_combine(hash, self->pacemaker.timed_out_view);
    hash = hash_combine(hash, self->pacemaker.timeout.statement.view);
    hash = hash_votes(hash, &self->pacemaker.timeouts);
    hash = hash_votes(hash, &self->votes);
    hash = hash_signing(hash, self);
    for (size_t i = 0; i < LIMIT_FUTURE_MESSAGES; i++)
        if (self->sync.waiting[i].frame != NULL)
            hash = hash_combine(hash, self->sync.waiting[i].view);
    return hash_combine(hash, self->sync.rejoining);
}

/* Hands a frame to a member outside the loop; its effects vanish. The reason or OK. */
static int deliver(const struct scene *scene, node_id to, node_id from, struct frame *frame) {
    struct consensus *consensus = assembly_consensus(scene->assembly, to);
    struct env *env = consensus->env;
    struct message message;
    int error = message_parse(&message, frame);
    if (error != OK)
        return error;
    env->stepping = true;
    error = consensus->ops->receive(consensus, from, &message);
    for (size_t i = 0; i < env->out.count; i++)
        frame_unref(env->out.list[i].frame);
    env->out.count = 0;
    env->stepping = false;
    return error;
}

static void assert_refused(struct scene *scene, node_id from, struct frame *frame, int reason) {
    uint64_t before = state_hash(member(scene, 1));
    int error = deliver(scene, 1, from, frame);
    ck_assert_msg(error == reason, "%s instead of %s", error_name(error), error_name(reason));
    ck_assert_uint_eq(state_hash(member(scene, 1)), before);
    frame_unref(frame);
}

static void assert_sound(const struct scene *scene) {
    const char *violation = assembly_violation(scene->assembly);
    ck_assert_msg(violation == NULL, "%s", violation);
}

/* A certificate signed by the members in @signers, each with its own key. */
static struct certificate sign_all(struct scene *scene, struct statement statement,
                                   uint64_t signers) {
    struct vote_set set;
    struct certificate certificate;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    uint32_t count = 0;
    vote_set_init(&set, &member(scene, 1)->base.certification);
    for (node_id node = 0; node < N; node++) {
        if ((signers >> node & 1) == 0)
            continue;
        statement_sign(assembly_forger(scene->assembly, node), &statement, signature);
        vote_set_add(&set, node, &statement.block, signature);
        count++;
    }
    ck_assert_int_eq(vote_set_certify(&set, assembly_forger(scene->assembly, EVIL), &statement,
                                      count, &certificate),
                     OK);
    vote_set_deinit(&set);
    return certificate;
}

static struct statement about(enum vote_kind kind, uint64_t view, const struct digest *block) {
    static const struct digest none;
    struct statement statement = {.kind = kind, .channel = ASSEMBLY_CHANNEL, .view = view};
    statement.block = block == NULL ? none : *block;
    return statement;
}

/* A proposal of @view on @justify, with @number as its transaction (0: empty). */
static struct frame *propose(const struct scene *scene, uint64_t view,
                             const struct certificate *justify, const struct certificate *timeout,
                             uint64_t number) {
    uint8_t payload[8];
    struct writer writer;
    writer_init(&writer, payload, sizeof payload);
    write_u64(&writer, number);
    struct proposal proposal = {
        .block = {view,
                  justify->statement.view,
                  justify->statement.block,
                  {payload, number == 0 ? 0 : sizeof payload}},
        .justify = *justify,
    };
    if (timeout != NULL)
        proposal.timeout = *timeout;
    return proposal_encode(&proposal, &member(scene, 1)->base.certification);
}

static struct frame *new_view(struct scene *scene, node_id from, uint64_t view,
                              const struct certificate *high, const struct certificate *timeout) {
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct statement statement = about(VOTE_HOTSTUFF_TIMEOUT, view, NULL);
    statement_sign(assembly_forger(scene->assembly, from), &statement, signature);
    struct new_view message = {.view = view, .signature = signature, .high = *high};
    if (timeout != NULL)
        message.timeout = *timeout;
    return new_view_encode(&message, &member(scene, 1)->base.certification);
}

/* L1, PM-1: certificates of f + 1 signers, of a signer twice, of another view, block or channel. */
START_TEST(forged_certificates) {
    struct scene scene;
    open_scene(&scene, &hotstuff_rotating, 1u << EVIL);
    const struct digest block = {{1, 2, 3}};
    const struct certificate genesis = member(&scene, 1)->high;
    struct certificate few = sign_all(&scene, about(VOTE_HOTSTUFF, 3, &block), 0x3);
    struct certificate few_timeouts = sign_all(&scene, about(VOTE_HOTSTUFF_TIMEOUT, 3, NULL), 0x9);
    assert_refused(&scene, EVIL, propose(&scene, 4, &few, NULL, 0), ERR_CERTIFICATE);
    assert_refused(&scene, EVIL, propose(&scene, 4, &genesis, &few_timeouts, 0), ERR_CERTIFICATE);
    assert_refused(&scene, EVIL, new_view(&scene, EVIL, 9, &genesis, &few_timeouts),
                   ERR_CERTIFICATE);
    assert_refused(&scene, EVIL, new_view(&scene, EVIL, 9, &few, NULL), ERR_CERTIFICATE);
    /* Three names, but one signature stands there twice. */
    struct certificate full = sign_all(&scene, about(VOTE_HOTSTUFF, 3, &block), 0xb);
    const size_t size = member(&scene, 1)->base.certification.signature_bytes;
    struct frame *bytes = full.frame;
    memcpy(bytes->bytes + (full.proof - full.bytes), full.proof + size, size);
    assert_refused(&scene, EVIL, propose(&scene, 4, &full, NULL, 0), ERR_SIGNATURE);
    /* Signed for another view, another channel. */
    struct statement statement = about(VOTE_HOTSTUFF, 2, &block);
    struct certificate other = sign_all(&scene, statement, 0xb);
    other.frame->bytes[1] = 3; /* the view's lowest byte */
    other.statement.view = 3;
    assert_refused(&scene, EVIL, propose(&scene, 4, &other, NULL, 0), ERR_SIGNATURE);
    statement = about(VOTE_HOTSTUFF, 3, &block);
    statement.channel = ASSEMBLY_CHANNEL + 1;
    struct certificate foreign = sign_all(&scene, statement, 0xb);
    assert_refused(&scene, EVIL, propose(&scene, 4, &foreign, NULL, 0), ERR_SIGNATURE);
    /* Time-outs are no votes for a block. */
    struct certificate timeouts = sign_all(&scene, about(VOTE_HOTSTUFF_TIMEOUT, 3, NULL), 0xb);
    assert_refused(&scene, EVIL, propose(&scene, 4, &timeouts, NULL, 0), ERR_INVALID);
    /* Genesis is one block, and nobody else's. */
    struct certificate false_genesis = sign_all(&scene, about(VOTE_HOTSTUFF, 0, &block), 0xb);
    assert_refused(&scene, 0, propose(&scene, 1, &false_genesis, NULL, 0), ERR_CERTIFICATE);
    certificate_drop(&few);
    certificate_drop(&few_timeouts);
    certificate_drop(&full);
    certificate_drop(&other);
    certificate_drop(&foreign);
    certificate_drop(&timeouts);
    certificate_drop(&false_genesis);
    close_scene(&scene);
}
END_TEST

static struct frame *vote_of(struct scene *scene, node_id from, uint64_t view,
                             const struct digest *block) {
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct statement statement = about(VOTE_HOTSTUFF, view, block);
    statement_sign(assembly_forger(scene->assembly, from), &statement, signature);
    struct vote vote = {view, *block, signature, NULL};
    return vote_encode(&vote, &member(scene, 1)->base.certification);
}

/* Votes: the own turn, the own signature, once, within the window. Node 1 collects views 1, 5, 9 …:
 * it leads 2, 6, 10 … */
START_TEST(refused_votes) {
    struct scene scene;
    open_scene(&scene, &hotstuff_rotating, 1u << EVIL);
    const struct digest block = {{1}}, other = {{2}};
    const uint64_t far = 1 + 4 * LIMIT_FUTURE_MESSAGES;
    assert_refused(&scene, EVIL, vote_of(&scene, EVIL, 2, &block), ERR_INVALID);
    assert_refused(&scene, EVIL, vote_of(&scene, 2, 1, &block), ERR_SIGNATURE);
    assert_refused(&scene, EVIL, vote_of(&scene, EVIL, far, &block), ERR_FUTURE);
    assert_refused(&scene, EVIL, vote_of(&scene, EVIL, HOTSTUFF_VIEW_LIMIT, &block), ERR_INVALID);
    struct frame *frame = vote_of(&scene, EVIL, 1, &block);
    ck_assert_int_eq(deliver(&scene, 1, EVIL, frame), OK);
    assert_refused(&scene, EVIL, frame, ERR_DUPLICATE);
    assert_refused(&scene, EVIL, vote_of(&scene, EVIL, 1, &other), ERR_CONFLICT);
    close_scene(&scene);
}
END_TEST

/* L8: a member can fill its window and no more, whatever numbers it sends. */
START_TEST(bounded_memory) {
    struct scene scene;
    open_scene(&scene, &hotstuff_rotating, 1u << EVIL);
    const struct certificate genesis = member(&scene, 1)->high;
    const struct digest block = {{1}};
    uint32_t accepted = 0, counted = 0;
    for (uint64_t view = 1; view < 20000; view += 4) {
        struct frame *frame = vote_of(&scene, EVIL, view, &block);
        accepted += deliver(&scene, 1, EVIL, frame) == OK;
        frame_unref(frame);
    }
    for (uint64_t view = 1; view < 5000; view++) {
        struct frame *frame = new_view(&scene, EVIL, view, &genesis, NULL);
        counted += deliver(&scene, 1, EVIL, frame) == OK;
        frame_unref(frame);
    }
    ck_assert_uint_eq(accepted, LIMIT_FUTURE_MESSAGES / 4);
    ck_assert_uint_eq(counted, LIMIT_FUTURE_MESSAGES - 1);
    struct hotstuff *self = member(&scene, 1);
    ck_assert_uint_eq(self->pacemaker.view, 1);
    for (size_t i = 0; i < LIMIT_FUTURE_MESSAGES; i++)
        if (self->votes.slots[i].open)
            ck_assert_uint_eq(self->votes.slots[i].set.count, 1);
    close_scene(&scene);
}
END_TEST

/* A leader that proposes two blocks, one to each half: nobody votes twice, no fork; and the next
 * leaders get the chain going. Node 3 leads view 4. */
START_TEST(equivocating_leader) {
    for (uint32_t half = 1; half < 7; half++) { /* bit i: node i gets the one block first */
        struct scene scene;
        open_scene(&scene, &hotstuff_rotating, 1u << EVIL);
        assembly_submit(scene.assembly, NS_PER_S, 40);
        assembly_run(scene.assembly, NS_PER_S + 4 * DELTA + DELTA / 2);
        /* The proposal of view 3 is out; node 3 has the votes that were sent to it. */
        struct hotstuff *leader = member(&scene, 2);
        const struct certificate *parent = &leader->high;
        ck_assert_uint_eq(parent->statement.view, 2);
        assembly_run(scene.assembly, NS_PER_S + 5 * DELTA + DELTA / 2);
        const struct block *block = store_of_view(&leader->store, 3);
        ck_assert_ptr_nonnull(block);
        struct certificate justify = sign_all(&scene, about(VOTE_HOTSTUFF, 3, &block->id), 0x7);
        for (node_id node = 0; node < N - 1; node++) {
            struct frame *one = propose(&scene, 4, &justify, NULL, 30);
            struct frame *two = propose(&scene, 4, &justify, NULL, 31);
            bool first = (half >> node & 1) != 0;
            time_ns at = loop_now(assembly_loop(scene.assembly)) + DELTA;
            loop_inject(assembly_loop(scene.assembly), EVIL, node, at, first ? one : two);
            loop_inject(assembly_loop(scene.assembly), EVIL, node, at + 1, first ? two : one);
        }
        assembly_run(scene.assembly, 100 * NS_PER_S);
        ck_assert_uint_eq(assembly_dropped(scene.assembly, ERR_CONFLICT), N - 1);
        assert_sound(&scene);
        /* Each rotation of three correct leaders and one silent certifies two blocks in a row: as in
         * SL-1 nothing more commits, but for what node 3's one certificate makes possible. */
        ck_assert_uint_le(assembly_log_height(scene.assembly), 4);
        certificate_drop(&justify);
        close_scene(&scene);
    }
}
END_TEST

/* FK-1: a proposal on a certificate that the lock has overtaken gets no vote. */
START_TEST(stale_certificate) {
    struct scene scene;
    open_scene(&scene, &hotstuff_rotating, 0);
    assembly_submit(scene.assembly, NS_PER_S, 40);
    assembly_run(scene.assembly, NS_PER_S + 13 * DELTA + DELTA / 2); /* view 7 has been proposed */
    struct hotstuff *self = member(&scene, 1);
    const uint64_t locked = self->safety.locked_view;
    ck_assert_uint_eq(locked, 5);
    const struct block *old = self->store.root; /* committed: view 4 */
    ck_assert_uint_eq(old->content.view, 4);
    struct certificate justify = sign_all(&scene, about(VOTE_HOTSTUFF, 4, &old->id), 0x7);
    struct certificate timeout = sign_all(&scene, about(VOTE_HOTSTUFF_TIMEOUT, 7, NULL), 0x7);
    assert_refused(&scene, EVIL, propose(&scene, 8, &justify, &timeout, 39), ERR_UNSAFE);
    /* On the locked block itself it is safe. */
    const struct block *fresh = store_of_view(&self->store, 5);
    struct certificate good = sign_all(&scene, about(VOTE_HOTSTUFF, 5, &fresh->id), 0x7);
    struct frame *frame = propose(&scene, 8, &good, &timeout, 39);
    ck_assert_int_eq(deliver(&scene, 1, EVIL, frame), OK);
    ck_assert_uint_eq(self->safety.voted_view, 8);
    frame_unref(frame);
    certificate_drop(&justify);
    certificate_drop(&timeout);
    certificate_drop(&good);
    close_scene(&scene);
}
END_TEST

/* Restart and amnesia, as in ST-1: the leader of view 1 shows one block before the restart and another
 * one after. With its records the member refuses the second; without it votes twice, and the checker
 * says so: the positive control. */
START_TEST(amnesia_votes_twice) {
    struct scene scene;
    open_scene(&scene, &hotstuff_rotating, 1u << 0); /* node 0, the first leader, is the liar */
    struct loop *loop = assembly_loop(scene.assembly);
    const struct certificate genesis = member(&scene, 1)->high;
    struct frame *one = propose(&scene, 1, &genesis, NULL, 1);
    struct frame *two = propose(&scene, 1, &genesis, NULL, 2);
    assembly_submit(scene.assembly, NS_PER_S, 2);
    loop_inject(loop, 0, 2, NS_PER_S + 1, one);
    assembly_run(scene.assembly, NS_PER_S + 2);
    ck_assert_uint_eq(assembly_traced(scene.assembly, TRACE_VOTED), 1);
    assembly_crash(scene.assembly, 2);
    if (_i == 0)
        assembly_restart(scene.assembly, 2);
    else
        assembly_restart_empty(scene.assembly, 2);
    loop_inject(loop, 0, 2, NS_PER_S + 4, two);
    assembly_run(scene.assembly, NS_PER_S + 5);
    ck_assert_uint_eq(assembly_traced(scene.assembly, TRACE_VOTED), _i == 0 ? 1 : 2);
    ck_assert_int_eq(assembly_violated(scene.assembly, "one vote"), _i == 1);
    close_scene(&scene);
}
END_TEST

/* Fuzzing. */

static struct frame *encode_again(const struct certification *certification,
                                  const struct message *message) {
    static struct blocks blocks;
    struct proposal proposal;
    struct vote vote;
    struct new_view new_view;
    struct fetch fetch;
    struct sign_request request;
    struct sign_share share;
    switch (message->type) {
    case MESSAGE_HOTSTUFF_PROPOSAL:
        return proposal_decode(&proposal, certification, message) != OK
                   ? NULL
                   : proposal_encode(&proposal, certification);
    case MESSAGE_HOTSTUFF_VOTE:
        return vote_decode(&vote, certification, message) != OK ? NULL
                                                                : vote_encode(&vote, certification);
    case MESSAGE_HOTSTUFF_NEW_VIEW:
        return new_view_decode(&new_view, certification, message) != OK
                   ? NULL
                   : new_view_encode(&new_view, certification);
    case MESSAGE_HOTSTUFF_SIGN:
        return sign_decode(&request, certification, message) != OK
                   ? NULL
                   : sign_encode(&request, certification);
    case MESSAGE_HOTSTUFF_SHARE:
        return share_decode(&share, message) != OK ? NULL : share_encode(&share, certification);
    case MESSAGE_HOTSTUFF_FETCH:
        return fetch_decode(&fetch, certification, message) != OK
                   ? NULL
                   : fetch_encode(&fetch, certification);
    case MESSAGE_HOTSTUFF_BLOCKS:
        return blocks_decode(&blocks, certification, message) != OK
                   ? NULL
                   : blocks_encode(&blocks, certification);
    default:
        return NULL;
    }
}

static struct frame *mutate(struct rng *rng, const struct scene *scene) {
    const struct frame *from = scene->frames[rng_below(rng, scene->count)];
    size_t size = from->size;
    if (rng_chance(rng, 1, 8))
        size = rng_below(rng, from->size + 20);
    struct frame *frame = frame_new(size);
    memcpy(frame->bytes, from->bytes, size_min(size, from->size));
    for (uint64_t flips = rng_below(rng, 4); flips > 0 && size > 0; flips--)
        frame->bytes[rng_below(rng, rng_chance(rng, 1, 2) ? size : size_min(size, 80))] =
            (uint8_t)rng_next(rng);
    if (size >= MESSAGE_HEADER_BYTES) { /* let most pass the envelope */
        uint32_t body = (uint32_t)size - MESSAGE_HEADER_BYTES;
        for (int i = 0; i < 4; i++)
            frame->bytes[4 + i] = (uint8_t)(body >> (8 * i));
        frame->bytes[2] = ASSEMBLY_CHANNEL & 0xff;
        frame->bytes[3] = ASSEMBLY_CHANNEL >> 8;
        if (rng_chance(rng, 1, 20))
            frame->bytes[0] = (uint8_t)(0x11 + rng_below(rng, 7));
    }
    return frame;
}

static void try_frame(struct scene *scene, node_id from, struct frame *frame, uint64_t *dropped) {
    struct message message;
    struct hotstuff *self = member(scene, 1);
    if (message_parse(&message, frame) == OK) {
        struct frame *again = encode_again(&self->base.certification, &message);
        if (again != NULL) {
            ck_assert_uint_eq(again->size, frame->size);
            ck_assert_mem_eq(again->bytes, frame->bytes, frame->size);
        }
        frame_unref(again);
    }
    uint64_t before = state_hash(self);
    if (deliver(scene, 1, from, frame) != OK) {
        ck_assert_uint_eq(state_hash(self), before);
        (*dropped)++;
    }
}

/* 10^5 random and mutated messages to one node in the middle of a run (L7). */
START_TEST(mutated_messages) {
    struct scene scene;
    struct rng rng;
    uint64_t dropped = 0;
    rng_init(&rng, 99, (uint64_t)_i, "test mutations");
    open_scene_with(&scene, _i % 2 == 0 ? &hotstuff_rotating : &hotstuff_sticky, 0,
                    certificate_scheme_at((size_t)_i / 2));
    assembly_submit(scene.assembly, NS_PER_S, 30);
    assembly_run(scene.assembly, 2 * NS_PER_S);
    scene.blocked = 0x5; /* time-outs, timeout certificates and questions come up, too */
    assembly_submit(scene.assembly, 2 * NS_PER_S, 30);
    assembly_run(scene.assembly, 4 * NS_PER_S);
    scene.blocked = 0;
    assembly_run(scene.assembly, 4 * NS_PER_S + 20 * DELTA);
    ck_assert_uint_gt(scene.count, 50);
    for (uint32_t i = 0; i < 100000; i++) {
        struct frame *frame = mutate(&rng, &scene);
        try_frame(&scene, (node_id)rng_below(&rng, N), frame, &dropped);
        frame_unref(frame);
    }
    ck_assert_uint_gt(dropped, 70000); /* the others: questions, repetitions */
    /* The node is as good as before. */
    assembly_run(scene.assembly, 60 * NS_PER_S);
    assembly_submit(scene.assembly, 60 * NS_PER_S, 5);
    assembly_run(scene.assembly, 300 * NS_PER_S);
    ck_assert_uint_eq(assembly_decided(scene.assembly), 65);
    assert_sound(&scene);
    close_scene(&scene);
}
END_TEST

Suite *hotstuff_hostile_suite(void) {
    Suite *suite = suite_create("hotstuff_hostile");
    TCase *tcase = tcase_create("hostile");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, forged_certificates);
    tcase_add_test(tcase, refused_votes);
    tcase_add_test(tcase, bounded_memory);
    tcase_add_test(tcase, equivocating_leader);
    tcase_add_test(tcase, stale_certificate);
    tcase_add_loop_test(tcase, amnesia_votes_twice, 0, 2);
    tcase_add_loop_test(tcase, mutated_messages, 0, 6);
    suite_add_tcase(suite, tcase);
    return suite;
}
