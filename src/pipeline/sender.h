/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sending pipeline S1–S5 of one node: one file pair per layer (s1.h … s5.h), this file for what
 * they share and for the state of each open transaction.
 *
 *   SUBMIT ─┬─ token check at a gateway ───────────────────────────────┐
 *           └─ S1 select ─ S2 shard ─ S3 request ─ S4 distribute ─ S5 commit ─ continent ─ done
 *
 * The token runs beside the layers: do not add up. A transaction is done, and its sender may close
 * the page, when the token is verified, f + 1 members of the city's committee report the same
 * height, and enough representatives of the continent have acknowledged.
 *
 * Every hop asks again until it is answered (env/ask.h), and then whoever has not answered:
 *
 *   token     the next member of the committee; whoever of those asked answers first, counts
 *   holding   the holders that have not promised, and in the place of one that the lot does not name
 *             any more, for it has left, another. When the promises would expire, a round begins
 *             anew with later ones; after SENDER_ROUNDS it has failed: ERR_NOT_ENOUGH
 *   ordering  the members that have not answered. The record lives as long as its promises; whoever
 *             has ordered it still says so then, so it is asked for once more, and has failed:
 *             ERR_EXPIRED. A new record could be ordered beside the old one
 *   ordered   the representatives that have not acknowledged, without end
 *
 * What the city orders is the record of a transaction (record.h), some kilobytes that don't depend on
 * the content's size: the content goes to its holders in pieces and nowhere else. */
#ifndef TIERCHAIN_PIPELINE_SENDER_H
#define TIERCHAIN_PIPELINE_SENDER_H

#include "coding/erasure.h"
#include "consensus/committee.h"
#include "membership/presence.h"
#include "pipeline/auditor.h"
#include "pipeline/piece_index.h"
#include "pipeline/record.h"
#include "pipeline/settlement.h"
#include "tier/ack.h"
#include "wire/message.h"

struct sender_config {
    const struct presence *presence;
    const struct place_candidate *place;   /* its own, while it is not on the list; may be NULL */
    const struct place_multiplier *events; /* in force for everyone; they steer S1 */
    size_t event_count;
    struct committee city;
    struct committee continent;
    uint16_t city_channel;
    uint32_t candidates;    /* S1 ranks so many nodes by place, <= LIMIT_CANDIDATES */
    uint32_t holders;       /* and takes so many of them by lot; one piece each */
    uint32_t needed;        /* pieces that rebuild the content */
    uint32_t acks;          /* promises before S5 may start */
    struct ack_rule enough; /* representatives that have acknowledged */
    enum ack_level level;   /* and what they have to say */
    time_ns hold_ttl;
    enum piece_index_kind index;
    struct auditor_config audit;
    time_ns retry; /* before a hop asks again (env/ask.h) */
};

#define SENDER_ROUNDS 8 /* of promises, each until they would expire */
#define TOKEN_BYTES   256

enum tx_stage { TX_HOLDING, TX_ORDERING, TX_ORDERED };

struct open_tx;

struct sender {
    struct env *env;
    struct settlement *settlement; /* told what the city has ordered; may be NULL */
    struct sender_config config;
    struct erasure_code code; /* n = 0 until the first transaction */
    struct piece_index index; /* S2: which pieces this node has handed out */
    struct auditor auditor;   /* of finished transactions' holders */
    struct open_tx *open;     /* by number */
};

void sender_init(struct sender *sender, struct env *env, const struct sender_config *config);
void sender_deinit(struct sender *sender);

/* The user submits transaction @number with @size bytes of content. */
void sender_submit(struct sender *sender, uint64_t number, uint32_t size);

/* Answers. Each returns 0 or the reason for the drop. A promise for a piece that this node has not
 * handed out is ERR_UNKNOWN, one that comes late ERR_STALE. */
int sender_token_ok(struct sender *sender, node_id from, const struct message *message);
int sender_hold_ack(struct sender *sender, node_id from, const struct message *message);
int sender_reply(struct sender *sender, node_id from, const struct message *message);

/* A representative's acknowledgement of the batch that holds a transaction. */
int sender_batch_ack(struct sender *sender, node_id from, const struct message *message);

#endif
