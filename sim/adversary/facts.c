/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/adversary/facts.h"

#include "base/error.h"
#include "sim/adversary/forge_honeybadger.h"
#include "sim/adversary/forge_hotstuff.h"
#include "sim/adversary/forge_pbft.h"

void facts_init(struct mind *mind) {
    if (mind->family != FAMILY_HOTSTUFF)
        return;
    mind->facts.high = forge_genesis(&mind->forger);
    certificate_keep(&mind->facts.older, &mind->facts.high);
}

void facts_deinit(struct mind *mind) {
    certificate_drop(&mind->facts.high);
    certificate_drop(&mind->facts.older);
    certificate_drop(&mind->facts.failed);
    frame_unref(mind->facts.payload);
}

static void keep_payload(struct facts *facts, const uint8_t *bytes, size_t size) {
    if (size == 0)
        return;
    frame_unref(facts->payload);
    facts->payload = frame_copy(bytes, size);
}

static void hear_pbft(struct mind *mind, const struct message *message) {
    struct facts *facts = &mind->facts;
    struct pbft_pre_prepare proposal;
    struct pbft_new_view new_view;
    if (message->type == MESSAGE_PBFT_PRE_PREPARE &&
        pbft_read_pre_prepare(message, &mind->forger.certification, &proposal) == OK) {
        if (proposal.view > facts->view || proposal.sequence > facts->sequence)
            facts->sequence = proposal.sequence;
        if (proposal.view > facts->view)
            facts->view = proposal.view;
        facts->block = forge_digest(&mind->forger, proposal.sequence, &proposal.value);
        keep_payload(facts, proposal.value.bytes, proposal.value.size);
    } else if (message->type == MESSAGE_PBFT_NEW_VIEW &&
               pbft_read_new_view(message, &mind->forger.certification, &new_view) == OK) {
        if (new_view.view > facts->view)
            facts->view = new_view.view;
    }
}

static void keep_high(struct facts *facts, const struct certificate *certificate) {
    if (certificate->statement.view <= facts->high.statement.view)
        return;
    certificate_keep(&facts->older, &facts->high);
    certificate_keep(&facts->high, certificate);
}

static void keep_failed(struct facts *facts, const struct certificate *certificate) {
    if (certificate->frame == NULL)
        return;
    if (facts->failed.frame == NULL || certificate->statement.view > facts->failed.statement.view)
        certificate_keep(&facts->failed, certificate);
}

static void hear_hotstuff(struct mind *mind, const struct message *message) {
    struct facts *facts = &mind->facts;
    struct proposal proposal;
    struct new_view new_view;
    if (message->type == MESSAGE_HOTSTUFF_PROPOSAL &&
        proposal_decode(&proposal, &mind->forger.certification, message) == OK) {
        if (proposal.block.view > facts->view)
            facts->view = proposal.block.view;
        facts->block = forge_block_id(&mind->forger, &proposal.block);
        keep_high(facts, &proposal.justify);
        keep_failed(facts, &proposal.timeout);
        keep_payload(facts, proposal.block.payload.bytes, proposal.block.payload.size);
    } else if (message->type == MESSAGE_HOTSTUFF_NEW_VIEW &&
               new_view_decode(&new_view, &mind->forger.certification, message) == OK) {
        keep_high(facts, &new_view.high);
        keep_failed(facts, &new_view.timeout);
    }
}

static void hear_honeybadger(struct mind *mind, const struct message *message) {
    struct facts *facts = &mind->facts;
    struct broadcast_message broadcast;
    if (broadcast_decode(&broadcast, message) != OK)
        return;
    if (broadcast.instance >> 8 > facts->view)
        facts->view = broadcast.instance >> 8;
    if (message->type == MESSAGE_BROADCAST_READY)
        facts->block = broadcast.commitment;
    else
        fragment_commitment(&broadcast.fragment, &facts->block);
}

void facts_hear(struct mind *mind, const struct message *message) {
    switch (mind->family) {
    case FAMILY_PBFT:
        hear_pbft(mind, message);
        break;
    case FAMILY_HOTSTUFF:
        hear_hotstuff(mind, message);
        break;
    case FAMILY_HONEYBADGER:
        hear_honeybadger(mind, message);
        break;
    }
}
