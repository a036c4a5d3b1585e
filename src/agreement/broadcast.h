/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reliable broadcast with erasure coding: AVID of Cachin and Tessaro (SRDS 05), as HoneyBadgerBFT
 * uses it. If one correct member delivers, all do, and the same bytes; if the sender is correct, all
 * deliver what it sent. Each member sends about n / (n - 2f) times the message's size, not n times.
 *
 *   VAL    the sender codes the message, k = n - 2f of n, and gives each member its fragment.
 *   ECHO   a member passes its fragment on to all.
 *   READY  on n - f ECHO of one commitment: rebuild, code again, and if that gives the commitment's
 *          root say READY. On f + 1 READY say it too.
 *   On 2f + 1 READY and k ECHO: rebuild and deliver.
 *
 * Coding again is what makes a faulty sender harmless: fragments that are no codeword would give
 * different messages to different members. Members agree on fragment_commitment, which binds the
 * message's size along with the root.
 *
 * Cost: 3 hops, (n - 1)(2n + 1) messages. Traces: VOTED at phase 1 (ECHO) and 2 (READY), CERTIFIED at
 * 2 (delivered), with the view instance << 8 and the commitment in place of a block.
 *
 * Links are assumed reliable: where they are not, the owner calls broadcast_repeat. Memory: one
 * fragment a member, whoever they claim to come from, and the rebuilt pieces. */
#ifndef TIERCHAIN_AGREEMENT_BROADCAST_H
#define TIERCHAIN_AGREEMENT_BROADCAST_H

#include "agreement/broadcast_messages.h"
#include "agreement/member_set.h"
#include "consensus/committee.h"
#include "env/env.h"

struct broadcast_client {
    /* Called before messages leave that bind this member: what broadcast_store writes must be
     * durable before anything that follows. May be NULL: then a restart is not possible. */
    void (*persist)(void *context);
    /* Once, at the end of the call that led to it. The bytes live until deinit. May be NULL: the
     * owner reads @delivered, and then @pieces and @size. */
    void (*deliver)(void *context, const uint8_t *bytes, size_t size);
    void *context;
};

struct broadcast_config {
    struct env *env;
    struct committee committee; /* at most LIMIT_PIECES members */
    uint32_t self;              /* own index */
    uint32_t sender;
    uint16_t channel;
    uint64_t instance;         /* tells it from the channel's others */
    size_t limit;              /* bytes of the largest message */
    struct erasure_code *code; /* n - 2f of n; borrowed */
    bool unchecked;            /* broken, for tests: what was rebuilt is not coded again */
    struct broadcast_client client;
};

struct broadcast_echo {
    struct frame *frame; /* an ECHO; NULL: none */
    struct digest commitment;
};

/* In caller memory; must not move between init and deinit. */
struct broadcast {
    struct broadcast_config config;
    struct broadcast_echo *echoes; /* per member; the own one makes the durable state */
    struct member_set ready_from;
    struct digest *readies; /* per member of ready_from; the own one is what was said */
    uint8_t *pieces;        /* all n, rebuilt or made by the sender; the message is their start */
    size_t size;            /* of the message */
    struct digest built;    /* the commitment to the pieces, while there are some */
    struct digest *nodes;   /* the sender's Merkle tree over them */
    bool delivered;
    bool aborted; /* the sender is faulty: what it committed to is no message */
    bool reporting, echoing, readying, sending;
    struct member_set faulty; /* said two things */
};

void broadcast_init(struct broadcast *broadcast, const struct broadcast_config *config);
void broadcast_deinit(struct broadcast *broadcast);

/* Within a step, as the sender: 1 … limit bytes. After a restart the sender must give the same
 * message again, which it has kept durable itself. 0; ERR_LIMIT; ERR_CONFLICT for another message
 * than before; ERR_DUPLICATE. */
int broadcast_start(struct broadcast *broadcast, const void *bytes, size_t size);

/* Within a step: a message of @member. 0, or why it was dropped: errors of broadcast_decode;
 * ERR_UNKNOWN (another instance); ERR_STALE (delivered or aborted); ERR_NOT_LEADER (VAL of another
 * than the sender); ERR_INVALID (fragment of another member, code or size); ERR_PROOF;
 * ERR_DUPLICATE; ERR_CONFLICT. */
int broadcast_receive(struct broadcast *broadcast, uint32_t member, const struct message *message);

/* Sends to @to all that this member has said; with @value and as the sender, also its fragment. */
void broadcast_repeat(struct broadcast *broadcast, node_id to, bool value);

/* The durable state: what was said. broadcast_restore goes on from there on a fresh instance.
 * Errors: of the cursor or of broadcast_decode, for bytes that broadcast_store did not write. */
size_t broadcast_store_bytes(const struct broadcast *broadcast);
void broadcast_store(const struct broadcast *broadcast, struct writer *writer);
int broadcast_restore(struct broadcast *broadcast, struct reader *reader);

#endif
