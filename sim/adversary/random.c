/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A forger without a plan: messages of all types, made of what was overheard with fields that are a
 * little or far off, signed well; or overheard ones with a byte changed. */
#include "sim/adversary/behaviours.h"
#include "sim/adversary/forge_honeybadger.h"
#include "sim/adversary/forge_hotstuff.h"
#include "sim/adversary/forge_pbft.h"

#define RANDOM_MESSAGES 4 /* of each hostile member in a delay */

static uint64_t below(struct mind *mind, uint64_t bound) {
    return rng_below(mind->base.view.rng, bound);
}

/* The value, mostly; one off; far off (checks.md 2.5, 13 and 21). */
static uint64_t near(struct mind *mind, uint64_t value) {
    switch (below(mind, 8)) {
    case 0:
        return value + 1;
    case 1:
        return value > 0 ? value - 1 : 0;
    case 2:
        return value + 1000;
    case 3:
        return below(mind, value + 1);
    default:
        return value;
    }
}

static struct forge_certificate some_certificate(struct mind *mind, struct statement statement) {
    return (struct forge_certificate){statement, below(mind, UINT64_C(1) << mind_members(mind)), 0};
}

static struct frame *random_pbft(struct mind *mind, node_id as) {
    const struct forger *forger = &mind->forger;
    const uint16_t channel = mind->base.view.channel;
    const uint64_t view = near(mind, mind->facts.view);
    const uint64_t sequence = 1 + near(mind, mind->facts.sequence);
    uint8_t bytes[8];
    const struct pbft_value value = forge_value(1 + below(mind, 64), below(mind, view + 1), bytes);
    const struct digest name =
        below(mind, 2) == 0 ? mind->facts.block : forge_digest(forger, sequence, &value);
    const enum vote_kind kinds[] = {VOTE_PBFT_PREPARE, VOTE_PBFT_COMMIT, VOTE_PBFT_CHECKPOINT};
    const enum vote_kind kind = kinds[below(mind, 3)];
    const struct statement statement = {kind, channel, kind == VOTE_PBFT_CHECKPOINT ? 0 : view,
                                        sequence, name};
    const struct forge_change change = {.sender = as,
                                        .signer = as,
                                        .view = view + 1,
                                        .has_entry = below(mind, 2) == 0,
                                        .entry = {sequence, view, name, 0, {{0}}},
                                        .proof = some_certificate(mind, statement)};
    const struct pbft_fetch fetch = {view, sequence, near(mind, 0), below(mind, 2), name};
    const struct pbft_held held = {sequence, value};
    struct forge_new_view new_view = {.signer = as, .view = view, .count = 1};
    new_view.changes[0] = change;
    switch (below(mind, 7)) {
    case 0:
        return forge_pre_prepare(forger, as, view, sequence, &value);
    case 1:
        return forge_view_change(forger, &change);
    case 2:
        return forge_pbft_new_view(forger, &new_view);
    case 3:
        return forge_decided(forger, &change.proof, &value);
    case 4:
        return pbft_write_fetch(&forger->certification, &fetch);
    case 5:
        return pbft_write_held(channel, &held);
    default:
        return forge_pbft_vote(forger, as, &statement);
    }
}

static struct frame *random_round(struct mind *mind, uint64_t view, const struct digest *block) {
    const uint32_t attempt = (uint32_t)below(mind, 3);
    if (mind->forger.certification.scheme->signing_hops == 0)
        return NULL;
    return below(mind, 2) == 0 ? forge_sign_request(&mind->forger, view, block, attempt)
                               : forge_share(&mind->forger, view, attempt);
}

static struct frame *random_hotstuff(struct mind *mind, node_id as) {
    const struct forger *forger = &mind->forger;
    const struct facts *facts = &mind->facts;
    const uint64_t view = 1 + near(mind, facts->view);
    const struct digest *block = &facts->block;
    const struct certificate *high = below(mind, 2) == 0 ? &facts->high : &facts->older;
    const struct forge_certificate forged = some_certificate(
        mind, forge_about(forger, VOTE_HOTSTUFF, 1 + near(mind, facts->view), block));
    struct certificate made = forge_certify(forger, &forged);
    const struct certificate *justify = below(mind, 4) == 0 ? &made : high;
    /* A parent that is not of the view before needs a time-out certificate, or it has no encoding. */
    const uint64_t next = justify->statement.view + 1;
    const struct block_content content = forge_block(next, justify, (struct batch){NULL, 0});
    struct frame *frame;
    switch (below(mind, 6)) {
    case 0:
        frame = forge_proposal(forger, &content, justify, NULL);
        break;
    case 1:
        frame = forge_hotstuff_new_view(forger, as, next + below(mind, 8), justify, NULL);
        break;
    case 2:
        frame = forge_hotstuff_fetch(forger, facts->older.statement.view,
                                     &facts->older.statement.block, &facts->high);
        break;
    case 3:
        frame = forge_blocks(forger, &content, 1, &made);
        break;
    case 4:
        frame = random_round(mind, view, block);
        break;
    default:
        frame = forge_hotstuff_vote(forger, as, view, block);
    }
    certificate_drop(&made);
    return frame;
}

static struct frame *random_honeybadger(struct mind *mind, node_id as) {
    const struct forger *forger = &mind->forger;
    const uint64_t epoch = 1 + near(mind, mind->facts.view > 0 ? mind->facts.view - 1 : 0);
    const uint64_t instance = epoch << 8 | below(mind, mind_members(mind));
    const uint16_t types[] = {MESSAGE_ABBA_BVAL, MESSAGE_ABBA_AUX, MESSAGE_ABBA_CONF,
                              MESSAGE_ABBA_TERM};
    uint8_t number[8] = {(uint8_t)(1 + below(mind, 64))};
    struct forge_pieces pieces;
    struct frame *frame;
    switch (below(mind, 8)) {
    case 0:
    case 1:
        forge_pieces_init(&pieces, &mind->base.view.committee,
                          (struct batch){number, below(mind, 2) * sizeof number},
                          below(mind, 2) == 0);
        frame = forge_piece(forger, &pieces,
                            below(mind, 2) == 0 ? MESSAGE_BROADCAST_VAL : MESSAGE_BROADCAST_ECHO,
                            instance, (uint32_t)below(mind, mind_members(mind)));
        forge_pieces_deinit(&pieces);
        return frame;
    case 2:
        return forge_ready(forger, instance, &mind->facts.block);
    case 3:
        return forge_coin(forger, instance, (uint16_t)below(mind, 4));
    case 4:
        return forge_honeybadger_fetch(forger, epoch, below(mind, 2) == 0);
    case 5:
        return forge_outcome(forger, epoch, (struct batch){number, sizeof number});
    default:
        return forge_abba(forger, types[below(mind, 4)], instance, (uint16_t)below(mind, 4),
                          (uint8_t)(1 + below(mind, 2)));
    }
}

/* One byte of the body changed, or none. */
static struct frame *mutated(struct mind *mind) {
    const struct remembered *old = mind_recall(mind, message_at(below(mind, message_count())));
    if (old == NULL)
        return NULL;
    struct frame *frame = frame_copy(old->frame->bytes, old->frame->size);
    if (frame->size > MESSAGE_HEADER_BYTES && below(mind, 4) != 0)
        frame->bytes[MESSAGE_HEADER_BYTES + below(mind, frame->size - MESSAGE_HEADER_BYTES)] ^=
            (uint8_t)(1 + below(mind, 255));
    return frame;
}

static void random_wake(struct adversary *adversary) {
    struct mind *mind = mind_of(adversary);
    for (uint32_t member = 0; member < mind_members(mind); member++) {
        const node_id as = mind_node(mind, member);
        for (uint32_t i = 0; i < RANDOM_MESSAGES && mind_is_hostile(mind, member); i++) {
            struct frame *frame = below(mind, 3) == 0               ? mutated(mind)
                                  : mind->family == FAMILY_PBFT     ? random_pbft(mind, as)
                                  : mind->family == FAMILY_HOTSTUFF ? random_hotstuff(mind, as)
                                                                    : random_honeybadger(mind, as);
            if (frame != NULL)
                mind_send_all(mind, as, (time_ns)below(mind, (uint64_t)adversary->view.delay),
                              frame);
        }
    }
    mind_wake(mind, adversary->view.delay);
}

static void random_start(struct adversary *adversary) {
    mind_start(adversary);
    mind_wake(mind_of(adversary), adversary->view.delay);
}

const struct adversary_ops behaviour_random = {
    .name = "random",
    .description = "forges messages of all types, with fields a little or far off",
    .source = "Winter et al., ByzzFuzz, OOPSLA 2023",
    .size = sizeof(struct mind),
    .start = random_start,
    .hear = mind_hear,
    .wake = random_wake,
    .deinit = mind_deinit,
};
