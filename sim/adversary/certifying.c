/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Views that are given up early; certificates that are old, and such that are false. */
#include "base/error.h"
#include "consensus/pbft/instance.h"
#include "sim/adversary/behaviours.h"
#include "sim/adversary/forge_honeybadger.h"
#include "sim/adversary/forge_hotstuff.h"
#include "sim/adversary/forge_pbft.h"

/* Early time-outs: as soon as a view has its proposal each hostile member gives the view up, so that its
 * word comes along with the votes and before their certificate. */

struct early {
    struct mind mind;
    uint64_t view; /* the last given up */
};

static struct frame *give_up_hotstuff(struct mind *mind, node_id as) {
    return forge_hotstuff_new_view(&mind->forger, as, mind->facts.view, &mind->facts.high,
                                   &mind->facts.failed);
}

static struct frame *give_up_pbft(struct mind *mind, node_id as) {
    const struct forge_change change = {.sender = as, .signer = as, .view = mind->facts.view + 1};
    return forge_view_change(&mind->forger, &change);
}

static void early_hear(struct adversary *adversary, node_id from, node_id to,
                       const struct message *message, const struct frame *frame) {
    struct early *early = (struct early *)adversary;
    struct mind *mind = &early->mind;
    const bool pbft = mind->family == FAMILY_PBFT;
    const bool proposal =
        message->type == MESSAGE_PBFT_PRE_PREPARE || message->type == MESSAGE_HOTSTUFF_PROPOSAL;
    if (!mind_listen(mind, from, to, message, frame) || !proposal)
        return;
    const uint64_t key = pbft ? mind->facts.view + 1 : mind->facts.view;
    if (key <= early->view)
        return;
    early->view = key;
    mind_each(mind, 0, pbft ? give_up_pbft : give_up_hotstuff);
}

const struct adversary_ops behaviour_early_timeout_hotstuff = {
    .name = "early-timeout",
    .variant = "hotstuff",
    .description = "one NEW_VIEW a view and member, as soon as the proposal leaves",
    .source = "issue 9, A5",
    .size = sizeof(struct early),
    .runs_code = true,
    .start = mind_start,
    .hear = early_hear,
    .deinit = mind_deinit,
};

const struct adversary_ops behaviour_early_timeout_pbft = {
    .name = "early-timeout",
    .variant = "pbft",
    .description = "one VIEW-CHANGE a view and member, as soon as the first proposal leaves",
    .source = "issue 9, A5",
    .size = sizeof(struct early),
    .runs_code = true,
    .start = mind_start,
    .hear = early_hear,
    .deinit = mind_deinit,
};

/* Stale certificates: NEW_VIEW shows genesis, and own proposals stand on the certificate before the
 * highest as soon as a time-out certificate lets them (FK-1). */

static bool stale_proposal(const struct mind *mind, struct frame **frame,
                           const struct message *message) {
    const struct facts *facts = &mind->facts;
    struct proposal in;
    if (proposal_decode(&in, &mind->forger.certification, message) != OK)
        return true;
    const bool proven = facts->failed.frame != NULL &&
                        facts->failed.statement.view + 1 == in.block.view &&
                        facts->older.statement.view + 1 < in.block.view;
    if (!proven)
        return true;
    in.block.parent_view = facts->older.statement.view;
    in.block.parent = facts->older.statement.block;
    in.justify = facts->older;
    in.timeout = facts->failed;
    return mind_replace(frame, proposal_encode(&in, &mind->forger.certification));
}

static bool stale_tamper(struct adversary *adversary, node_id from, node_id to,
                         struct frame **frame, time_ns *delay) {
    struct mind *mind = mind_of(adversary);
    const struct message message = mind_parse(*frame);
    struct new_view in;
    if (message.type == MESSAGE_HOTSTUFF_PROPOSAL)
        return stale_proposal(mind, frame, &message);
    if (message.type != MESSAGE_HOTSTUFF_NEW_VIEW ||
        new_view_decode(&in, &mind->forger.certification, &message) != OK)
        return message.type != MESSAGE_HOTSTUFF_BLOCKS;
    struct certificate genesis = forge_genesis(&mind->forger);
    struct frame *stale =
        forge_hotstuff_new_view(&mind->forger, from, in.view, &genesis, &mind->facts.failed);
    certificate_drop(&genesis);
    return mind_replace(frame, stale);
}

const struct adversary_ops behaviour_stale_certificate = {
    .name = "stale-certificate",
    .variant = "hotstuff",
    .description = "NEW_VIEW shows genesis; proposes on older certificates where it can",
    .source = "FK-1; Niu, Gai, Beschastnikh, Bamboo, ICDCS 2021",
    .size = sizeof(struct mind),
    .runs_code = true,
    .start = mind_start,
    .hear = mind_hear,
    .tamper = stale_tamper,
    .deinit = mind_deinit,
};

/* Forged certificates: signed by the hostile members, and falsely in the name of the others. */

static uint64_t first_members(uint32_t count) {
    return (UINT64_C(1) << count) - 1;
}

static struct forge_certificate false_certificate(const struct mind *mind,
                                                  struct statement statement) {
    return (struct forge_certificate){
        statement, first_members(committee_quorum(&mind->base.view.committee)), 0};
}

static void forge_for_hotstuff(struct mind *mind, node_id as) {
    const struct forger *forger = &mind->forger;
    const uint64_t view = mind->facts.view;
    const struct forge_certificate failed =
        false_certificate(mind, forge_about(forger, VOTE_HOTSTUFF_TIMEOUT, view, NULL));
    const struct forge_certificate few = {failed.statement, mind->base.view.hostile, 0};
    const struct forge_certificate done =
        false_certificate(mind, forge_about(forger, VOTE_HOTSTUFF, view, &mind->facts.block));
    struct certificate forged[] = {forge_certify(forger, &failed), forge_certify(forger, &few),
                                   forge_certify(forger, &done)};
    const struct block_content block = forge_block(view + 1, &forged[2], (struct batch){NULL, 0});
    for (size_t i = 0; i < 2; i++)
        mind_send_all(mind, as, 0,
                      forge_hotstuff_new_view(forger, as, view + 1, &mind->facts.high, &forged[i]));
    mind_send_all(mind, as, 0, forge_hotstuff_new_view(forger, as, view + 1, &forged[2], NULL));
    mind_send_all(mind, as, 0, forge_proposal(forger, &block, &forged[2], NULL));
    mind_send_all(mind, as, 0, forge_blocks(forger, &block, 1, &forged[2]));
    for (size_t i = 0; i < ARRAY_LEN(forged); i++)
        certificate_drop(&forged[i]);
}

static void forge_for_pbft(struct mind *mind, node_id as) {
    const struct forger *forger = &mind->forger;
    const struct facts *facts = &mind->facts;
    uint8_t bytes[8];
    const struct pbft_value value = forge_value(1, facts->view, bytes);
    const struct statement commit = {VOTE_PBFT_COMMIT, mind->base.view.channel, facts->view,
                                     facts->sequence + 1,
                                     forge_digest(forger, facts->sequence + 1, &value)};
    const struct forge_certificate decided = false_certificate(mind, commit);
    const struct statement checkpoint = {VOTE_PBFT_CHECKPOINT, mind->base.view.channel, 0,
                                         PBFT_INTERVAL, facts->block};
    const struct forge_change stable = {.sender = as,
                                        .signer = as,
                                        .view = facts->view + 1,
                                        .stable = PBFT_INTERVAL,
                                        .stable_proof = false_certificate(mind, checkpoint)};
    struct forge_new_view view = {.signer = as, .view = facts->view + 1};
    view.count = committee_quorum(&mind->base.view.committee);
    for (uint32_t i = 0; i < view.count && i < FORGE_CHANGES; i++)
        view.changes[i] = (struct forge_change){
            .sender = mind_node(mind, i), .signer = mind_node(mind, i), .view = view.view};
    mind_send_all(mind, as, 0, forge_decided(forger, &decided, &value));
    mind_send_all(mind, as, 0, forge_view_change(forger, &stable));
    if (view.count <= FORGE_CHANGES)
        mind_send_all(mind, as, 0, forge_pbft_new_view(forger, &view));
}

static void forge_for_honeybadger(struct mind *mind, node_id as) {
    static const uint8_t number[8] = {1};
    mind_send_all(
        mind, as, 0,
        forge_outcome(&mind->forger, mind->facts.view, (struct batch){number, sizeof number}));
}

static void forged_hear(struct adversary *adversary, node_id from, node_id to,
                        const struct message *message, const struct frame *frame) {
    struct mind *mind = mind_of(adversary);
    if (!mind_listen(mind, from, to, message, frame))
        return;
    if (message->type != MESSAGE_PBFT_PRE_PREPARE && message->type != MESSAGE_HOTSTUFF_PROPOSAL &&
        message->type != MESSAGE_BROADCAST_VAL)
        return;
    for (uint32_t i = 0; i < mind_members(mind); i++) {
        if (!mind_is_hostile(mind, i))
            continue;
        if (mind->family == FAMILY_PBFT)
            forge_for_pbft(mind, mind_node(mind, i));
        else if (mind->family == FAMILY_HOTSTUFF)
            forge_for_hotstuff(mind, mind_node(mind, i));
        else
            forge_for_honeybadger(mind, mind_node(mind, i));
    }
}

const struct adversary_ops behaviour_forged_certificate = {
    .name = "forged-certificate",
    .description = "answers each proposal with certificates that nobody, or too few, have signed",
    .source = "PM-1; asonnino/hotstuff #77",
    .size = sizeof(struct mind),
    .start = mind_start,
    .hear = forged_hear,
    .deinit = mind_deinit,
};

/* PBFT: a claim that something else was prepared, with a certificate made up. */

static struct frame *invent_claim(struct mind *mind, node_id as) {
    const struct facts *facts = &mind->facts;
    const struct consensus *peer = mind_peek(mind);
    uint8_t bytes[8];
    const struct pbft_value value = forge_value(1, 0, bytes);
    const uint64_t sequence =
        peer == NULL ? 1 : container_of(peer, const struct pbft, base)->executed + 1;
    const struct digest name = forge_digest(&mind->forger, sequence, &value);
    const struct statement prepare = {VOTE_PBFT_PREPARE, mind->base.view.channel, facts->view,
                                      sequence, name};
    const struct forge_change change = {.sender = as,
                                        .signer = as,
                                        .view = facts->view + 1,
                                        .has_entry = true,
                                        .entry = {sequence, facts->view, name, 0, {{0}}},
                                        .proof = false_certificate(mind, prepare)};
    return forge_view_change(&mind->forger, &change);
}

static void invent_hear(struct adversary *adversary, node_id from, node_id to,
                        const struct message *message, const struct frame *frame) {
    struct mind *mind = mind_of(adversary);
    if (mind_listen(mind, from, to, message, frame) &&
        (message->type == MESSAGE_PBFT_PRE_PREPARE || message->type == MESSAGE_PBFT_VIEW_CHANGE))
        mind_each(mind, 0, invent_claim);
}

const struct adversary_ops behaviour_invented_claim = {
    .name = "invented-claim",
    .variant = "pbft",
    .description = "its VIEW-CHANGE claims that something was prepared that never was",
    .source = "PB-2; Castro, Liskov, OSDI 1999, 4.4",
    .size = sizeof(struct mind),
    .start = mind_start,
    .hear = invent_hear,
    .deinit = mind_deinit,
};
