/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Votes that contradict each other. */
#include "base/error.h"
#include "sim/adversary/behaviours.h"
#include "sim/adversary/forge_honeybadger.h"
#include "sim/adversary/forge_hotstuff.h"
#include "sim/adversary/forge_pbft.h"

/* Double votes: beside each vote one for something else, sometimes before it. */

static struct digest another(const struct digest *digest) {
    struct digest other = *digest;
    other.bytes[0] ^= 1;
    return other;
}

static struct frame *contradict_pbft(const struct mind *mind, node_id as,
                                     const struct message *message) {
    struct pbft_vote vote;
    if (pbft_read_vote(message, &mind->forger.certification, &vote) != OK)
        return NULL;
    const struct statement statement = {
        .kind = message->type == MESSAGE_PBFT_PREPARE  ? VOTE_PBFT_PREPARE
                : message->type == MESSAGE_PBFT_COMMIT ? VOTE_PBFT_COMMIT
                                                       : VOTE_PBFT_CHECKPOINT,
        .channel = message->channel,
        .view = vote.view,
        .sequence = vote.sequence,
        .block = another(&vote.digest)};
    return forge_pbft_vote(&mind->forger, as, &statement);
}

static struct frame *contradict_abba(const struct mind *mind, const struct message *message) {
    struct abba_message in;
    if (abba_decode(&in, message) != OK)
        return NULL;
    const uint8_t set = in.set == SET_BOTH ? SET_TRUE : SET_BOTH ^ in.set;
    return forge_abba(&mind->forger, message->type, in.instance, in.round, set);
}

static struct frame *contradict(const struct mind *mind, node_id as,
                                const struct message *message) {
    struct vote vote;
    struct new_view new_view;
    struct broadcast_message ready;
    switch (message->type) {
    case MESSAGE_PBFT_PREPARE:
    case MESSAGE_PBFT_COMMIT:
    case MESSAGE_PBFT_CHECKPOINT:
        return contradict_pbft(mind, as, message);
    case MESSAGE_HOTSTUFF_VOTE:
        if (vote_decode(&vote, &mind->forger.certification, message) != OK)
            return NULL;
        vote.block = another(&vote.block);
        return forge_hotstuff_vote(&mind->forger, as, vote.view, &vote.block);
    case MESSAGE_HOTSTUFF_NEW_VIEW:
        if (new_view_decode(&new_view, &mind->forger.certification, message) != OK)
            return NULL;
        return forge_hotstuff_new_view(&mind->forger, as, new_view.view + 1, &mind->facts.older,
                                       &mind->facts.failed);
    case MESSAGE_BROADCAST_READY:
        if (broadcast_decode(&ready, message) != OK)
            return NULL;
        ready.commitment = another(&ready.commitment);
        return forge_ready(&mind->forger, ready.instance, &ready.commitment);
    case MESSAGE_ABBA_BVAL:
    case MESSAGE_ABBA_AUX:
    case MESSAGE_ABBA_CONF:
    case MESSAGE_ABBA_TERM:
        return contradict_abba(mind, message);
    default:
        return NULL;
    }
}

static bool double_tamper(struct adversary *adversary, node_id from, node_id to,
                          struct frame **frame, time_ns *delay) {
    struct mind *mind = mind_of(adversary);
    const struct message message = mind_parse(*frame);
    struct frame *other = contradict(mind, from, &message);
    if (other == NULL)
        return true;
    *delay += 1;
    mind_send(mind, from, to, rng_chance(adversary->view.rng, 1, 2) ? 0 : 2, other);
    return true;
}

const struct adversary_ops behaviour_double_vote = {
    .name = "double-vote",
    .description = "beside each vote casts another that contradicts it",
    .source = "checks.md 2.5, 4 and 11",
    .size = sizeof(struct mind),
    .runs_code = true,
    .start = mind_start,
    .hear = mind_hear,
    .tamper = double_tamper,
    .deinit = mind_deinit,
};

/* Amnesia: votes for whatever is proposed, without a lock and as often as asked. */

static void vote_pbft(struct mind *mind, const struct message *message) {
    struct pbft_pre_prepare in;
    if (message->type != MESSAGE_PBFT_PRE_PREPARE ||
        pbft_read_pre_prepare(message, &mind->forger.certification, &in) != OK)
        return;
    for (uint32_t i = 0; i < mind_members(mind); i++) {
        struct statement statement = {VOTE_PBFT_PREPARE, message->channel, in.view, in.sequence,
                                      mind->facts.block};
        if (!mind_is_hostile(mind, i))
            continue;
        const node_id as = mind_node(mind, i);
        mind_send_all(mind, as, 0, forge_pbft_vote(&mind->forger, as, &statement));
        statement.kind = VOTE_PBFT_COMMIT;
        mind_send_all(mind, as, 0, forge_pbft_vote(&mind->forger, as, &statement));
    }
}

static void vote_hotstuff(struct mind *mind, const struct message *message) {
    struct proposal in;
    if (message->type != MESSAGE_HOTSTUFF_PROPOSAL ||
        proposal_decode(&in, &mind->forger.certification, message) != OK)
        return;
    const struct digest id = forge_block_id(&mind->forger, &in.block);
    const node_id collector = mind_leader(mind, in.block.view + 1);
    if (collector == NODE_NONE || mind_is_hostile(mind, mind_member(mind, collector)))
        return;
    for (uint32_t i = 0; i < mind_members(mind); i++)
        if (mind_is_hostile(mind, i))
            mind_send(mind, mind_node(mind, i), collector, 0,
                      forge_hotstuff_vote(&mind->forger, mind_node(mind, i), in.block.view, &id));
}

/* READY for whatever commitment is spoken of; AUX, CONF and TERM for whatever value. */
static void vote_honeybadger(struct mind *mind, const struct message *message) {
    struct broadcast_message broadcast;
    struct abba_message abba;
    const node_id as = mind_any(mind);
    if (message->type == MESSAGE_BROADCAST_VAL && broadcast_decode(&broadcast, message) == OK)
        mind_send_all(mind, as, 0,
                      forge_ready(&mind->forger, broadcast.instance, &mind->facts.block));
    if (message->type != MESSAGE_ABBA_BVAL || abba_decode(&abba, message) != OK)
        return;
    static const uint16_t types[] = {MESSAGE_ABBA_BVAL, MESSAGE_ABBA_AUX, MESSAGE_ABBA_CONF,
                                     MESSAGE_ABBA_TERM};
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        mind_send_all(mind, as, 0,
                      forge_abba(&mind->forger, types[i], abba.instance, abba.round, abba.set));
}

static void amnesia_hear(struct adversary *adversary, node_id from, node_id to,
                         const struct message *message, const struct frame *frame) {
    struct mind *mind = mind_of(adversary);
    if (!mind_listen(mind, from, to, message, frame))
        return; /* has voted for it */
    if (mind->family == FAMILY_PBFT)
        vote_pbft(mind, message);
    else if (mind->family == FAMILY_HOTSTUFF)
        vote_hotstuff(mind, message);
    else
        vote_honeybadger(mind, message);
}

const struct adversary_ops behaviour_amnesia = {
    .name = "amnesia",
    .description = "votes for whatever is proposed, whatever it voted for before",
    .source = "checks.md 2.5, 10",
    .size = sizeof(struct mind),
    .start = mind_start,
    .hear = amnesia_hear,
    .deinit = mind_deinit,
};
