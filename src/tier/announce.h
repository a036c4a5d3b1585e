/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * News of the continent for all full nodes (the representatives and the cities' committees). They
 * form one overlay (HyParView, with heartbeats in place of connections) with a broadcast tree on it
 * (Plumtree) for each representative: a tree that several senders shape at once does not settle
 * while their messages cross. Trees are told apart by their channels.
 *
 * A representative whose block is decided broadcasts an announcement, in a step of its own after
 * the one that decided: nothing that a sender waits for depends on it.
 *
 *   announcement: u16 channel · u64 height · digest block · digest batch · digest previous ·
 *                 u32 previous announcer · u32 announcer · the announcer's signature
 *
 * It is its announcer's word, not a proof: only the block's certificate would be one. Two that
 * contradict each other are an ERR_CONFLICT, and the first one stands. Heights have no holes and
 * an announcement names the block below its own and who announced that, so a missing one is
 * noticed, and asked for under its id: the digest of channel, height and block. What no neighbour
 * has was announced in another overlay, as there are two after a partition, and full views look
 * for no others: then the node joins once more, through that announcer. So does one that has heard
 * no news for ANNOUNCE_SILENCE shuffles, through any representative.
 *
 * What is announced while a node starts, before its first link stands, has no news below it that
 * would show the gap. So neighbours offer a new one what came within the time that joining takes. */
#ifndef TIERCHAIN_TIER_ANNOUNCE_H
#define TIERCHAIN_TIER_ANNOUNCE_H

#include "consensus/consensus.h"
#include "membership/heartbeat.h"
#include "membership/hyparview.h"
#include "membership/plumtree.h"

#define ANNOUNCE_WINDOW  64 /* heights remembered; an announcer's news may overtake so far */
#define ANNOUNCE_SILENCE 3

/* Joins that may go unanswered before a starting node still hears of all that it missed meanwhile. */
#define ANNOUNCE_ATTEMPTS 4

struct announce_config {
    uint64_t seed;
    uint16_t channel;            /* of the chain whose blocks are announced; its group is 0 */
    struct committee announcers; /* its members: also the overlay's well-known contacts */
    time_ns join_spread;         /* a node joins at a random moment within it */
    time_ns shuffle_period;
    time_ns heartbeat_period;
    time_ns request_timeout; /* HyParView's; above one round trip */
    time_ns missing_timeout; /* Plumtree's T1 */
    time_ns graft_timeout;   /* Plumtree's T2 */
};

struct announcement {
    uint64_t height; /* from 1 */
    struct digest block;
    struct digest batch;        /* of the payload */
    struct digest previous;     /* the block below */
    node_id previous_announcer; /* NODE_NONE when the announcer does not know that block */
    node_id announcer;
};

/* A height that was announced here, or decided here. */
struct announce_height {
    uint64_t height; /* 0: none */
    struct digest block;
    node_id announcer;
    bool announced;
};

/* What comes from one representative: its tree, and which heights came. */
struct announce_source {
    struct announce *owner;
    struct plumtree plumtree;
    uint64_t highest;
    uint64_t seen; /* bit i: highest - i came */
};

/* One full node's part. In caller memory; must not move between init and deinit. */
struct announce {
    struct env *env;
    struct announce_config config;
    struct hyparview hyparview;
    struct heartbeat heartbeat;
    struct timer join;
    struct timer broadcast; /* due at once while announcements wait */
    struct timer silence;   /* since the last news, or the last such join */
    time_ns joined;         /* when it last joined once more: at most once in a shuffle's period */
    struct announcement waiting[ANNOUNCE_WINDOW];
    size_t waiting_count;
    uint64_t first;                                   /* the lowest height that came; 0: none yet */
    struct announce_height heights[ANNOUNCE_WINDOW];  /* by height % ANNOUNCE_WINDOW */
    struct announce_source *sources[LIMIT_COMMITTEE]; /* by announcer; NULL: nothing yet */
};

void announce_init(struct announce *announce, struct env *env,
                   const struct announce_config *config);
void announce_deinit(struct announce *announce);

/* Within a step: joins the overlay, soon. */
void announce_start(struct announce *announce);

/* Within a step, of a representative: its chain has decided a block. */
void announce_decided(struct announce *announce, const struct decision *decision);

/* Within a step: a message of the membership module. Returns 0 or why it was dropped: an error of
 * hyparview_receive or plumtree_receive; ERR_MISMATCH (no such channel); of an announcement, ERR_NOT_MEMBER (no representative
 * made it), ERR_SIGNATURE, ERR_MISMATCH (not the id that its content has), ERR_DUPLICATE,
 * ERR_STALE (more than a window behind its announcer's latest), ERR_CONFLICT (another block was
 * announced, or decided, at that height). */
int announce_receive(struct announce *announce, node_id from, const struct message *message);

/* The encoding; @size is that of ANNOUNCEMENT_BYTES and the signature. Errors as of the cursor;
 * ERR_INVALID for height 0. */
#define ANNOUNCEMENT_BYTES (2 + 8 + 3 * DIGEST_BYTES + 4 + 4)
void announcement_write(const struct announcement *in, uint16_t channel,
                        uint8_t out[ANNOUNCEMENT_BYTES]);
int announcement_read(struct announcement *out, uint16_t channel, const uint8_t *bytes, size_t size,
                      size_t signature_bytes, const uint8_t **signature);

#endif
