/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The real code with messages left out or late. */
#include "sim/adversary/behaviours.h"
#include "sim/adversary/forge_hotstuff.h"
#include "sim/adversary/forge_pbft.h"

/* Messages in which a leader proposes, or publishes what makes others go on. */
static bool leads(uint16_t type) {
    switch (type) {
    case MESSAGE_PBFT_PRE_PREPARE:
    case MESSAGE_PBFT_NEW_VIEW:
    case MESSAGE_HOTSTUFF_PROPOSAL:
    case MESSAGE_HOTSTUFF_SIGN:
    case MESSAGE_BROADCAST_VAL:
        return true;
    default:
        return false;
    }
}

static bool votes(uint16_t type) {
    switch (type) {
    case MESSAGE_PBFT_PREPARE:
    case MESSAGE_PBFT_COMMIT:
    case MESSAGE_PBFT_CHECKPOINT:
    case MESSAGE_HOTSTUFF_VOTE:
    case MESSAGE_HOTSTUFF_SHARE:
    case MESSAGE_BROADCAST_ECHO:
    case MESSAGE_BROADCAST_READY:
    case MESSAGE_ABBA_BVAL:
    case MESSAGE_ABBA_AUX:
    case MESSAGE_ABBA_CONF:
    case MESSAGE_ABBA_COIN:
    case MESSAGE_ABBA_TERM:
        return true;
    default:
        return false;
    }
}

const struct adversary_ops behaviour_silent = {
    .name = "silent",
    .description = "says nothing at all",
    .source = "the baseline of all the others",
    .size = sizeof(struct adversary),
};

/* Mute as a leader: a certificate that it has formed must not get out another way. */

static bool mute_tamper(struct adversary *adversary, node_id from, node_id to, struct frame **frame,
                        time_ns *delay) {
    struct mind *mind = mind_of(adversary);
    const struct message message = mind_parse(*frame);
    struct new_view new_view;
    if (leads(message.type) || message.type == MESSAGE_HOTSTUFF_BLOCKS ||
        message.type == MESSAGE_HOTSTUFF_FETCH)
        return false;
    if (message.type == MESSAGE_HOTSTUFF_NEW_VIEW &&
        new_view_decode(&new_view, &mind->forger.certification, &message) == 0)
        return mind_replace(frame, forge_hotstuff_new_view(&mind->forger, from, new_view.view,
                                                           &mind->facts.high, &mind->facts.failed));
    return true;
}

const struct adversary_ops behaviour_mute_leader = {
    .name = "mute-leader",
    .description = "votes, but never proposes nor publishes a certificate",
    .source = "SL-1; Giridharan et al., BeeGees, PODC 2023",
    .size = sizeof(struct mind),
    .runs_code = true,
    .start = mind_start,
    .hear = mind_hear,
    .tamper = mute_tamper,
    .deinit = mind_deinit,
};

/* Slow: each proposal leaves three quarters of a view timeout after the one before it, so that each is
 * just in time for the transaction that waits longest. */

struct slow {
    struct mind mind;
    uint64_t proposal; /* the last that was given a moment … */
    time_ns moment;    /* … and when it leaves */
};

static uint64_t proposal_of(const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    const uint64_t first = read_u64(&reader); /* view, or instance */
    return message->type == MESSAGE_PBFT_PRE_PREPARE ? first << 32 | read_u64(&reader) : first;
}

static bool slow_tamper(struct adversary *adversary, node_id from, node_id to, struct frame **frame,
                        time_ns *delay) {
    struct slow *slow = (struct slow *)adversary;
    const struct message message = mind_parse(*frame);
    const time_ns now = mind_now(&slow->mind), pause = adversary->view.view_timeout / 4 * 3;
    if (!leads(message.type))
        return true;
    const uint64_t proposal = proposal_of(&message);
    if (proposal > slow->proposal) { /* one that is said again leaves no earlier, and delays none */
        slow->moment = (slow->moment > now ? slow->moment : now) + pause;
        slow->proposal = proposal;
    }
    *delay += slow->moment - now;
    return true;
}

const struct adversary_ops behaviour_slow_leader = {
    .name = "slow-leader",
    .description = "leads, each proposal three quarters of a view timeout after the one before",
    .source = "PB-5; Clement et al., Aardvark, NSDI 2009",
    .size = sizeof(struct slow),
    .runs_code = true,
    .start = mind_start,
    .hear = mind_hear,
    .tamper = slow_tamper,
    .deinit = mind_deinit,
};

/* One honest member is told, in turn: it alone has the certificate, the value, the proof. */

static bool is_told(const struct mind *mind, node_id to) {
    uint32_t honest = 0;
    for (uint32_t i = 0; i < mind_members(mind); i++)
        honest += !mind_is_hostile(mind, i);
    return mind_place(mind, to) == mind->facts.view % honest;
}

static bool tell_one_tamper(struct adversary *adversary, node_id from, node_id to,
                            struct frame **frame, time_ns *delay) {
    struct mind *mind = mind_of(adversary);
    const struct message message = mind_parse(*frame);
    const bool private = leads(message.type) || message.type == MESSAGE_HOTSTUFF_NEW_VIEW ||
                         message.type == MESSAGE_HOTSTUFF_BLOCKS ||
                         message.type == MESSAGE_PBFT_COMMIT ||
                         message.type == MESSAGE_BROADCAST_READY;
    return !private || is_told(mind, to);
}

const struct adversary_ops behaviour_tell_one = {
    .name = "tell-one",
    .description = "what it proposes, certifies or completes, one honest member alone is told",
    .source = "hide_qc, PM-3; Guo, Hu, Zhang, Computer Journal 2024",
    .size = sizeof(struct mind),
    .runs_code = true,
    .start = mind_start,
    .hear = mind_hear,
    .tamper = tell_one_tamper,
    .deinit = mind_deinit,
};

/* Votes to one, just before the time-out: it alone sees a quorum. */

static bool late_vote_tamper(struct adversary *adversary, node_id from, node_id to,
                             struct frame **frame, time_ns *delay) {
    struct mind *mind = mind_of(adversary);
    const struct message message = mind_parse(*frame);
    const time_ns margin = 2 * adversary->view.delay;
    if (!votes(message.type))
        return true;
    if (message.type != MESSAGE_HOTSTUFF_VOTE && message.type != MESSAGE_HOTSTUFF_SHARE &&
        !is_told(mind, to))
        return false;
    if (adversary->view.view_timeout > margin)
        *delay += adversary->view.view_timeout - margin;
    return true;
}

const struct adversary_ops behaviour_late_vote = {
    .name = "late-vote",
    .description = "its votes reach one honest member alone, just before the time-out",
    .source = "checks.md 2.5, 9",
    .size = sizeof(struct mind),
    .runs_code = true,
    .start = mind_start,
    .hear = mind_hear,
    .tamper = late_vote_tamper,
    .deinit = mind_deinit,
};
