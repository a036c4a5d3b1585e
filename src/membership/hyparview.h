/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HyParView: partial views of a large overlay (Leitão, Pereira, Rodrigues, DSN 2007). A small
 * symmetric active view carries traffic and notices failures; a larger passive view, refreshed by
 * shuffles, replaces what fails. Parameters are the paper's for 10 000 nodes.
 *
 * Beyond the paper: its TCP connections make a link symmetric by nature, messages don't. So a link
 * stands only after NEIGHBOR and its answer, an acceptance that nobody waits for is answered with
 * DISCONNECT, and so is a walk that comes over a link that does not stand here.
 *
 * And where many join at once: in the paper a contact takes whoever joins and drops a random link for
 * it, and so does the end of each walk. With thousands of joins a second through a few contacts, new
 * nodes are dropped again before their walks have ended, and clusters of them are left that know
 * nobody else. So here no join cuts anybody off:
 *  - A contact without a free place drops nobody, but sends the new node on a gentle walk beside the
 *    paper's: the first node with a free place takes it. While an overlay grows there are plenty.
 *  - Whoever drops a link for a new node tells the dropped peer that node's name, and these two link
 *    up: an edge is split in two instead of being cut.
 *  - The end of a paper's walk asks the new node with low priority; so a node that joins once more
 *    with full views gives up one link at the most, and not all that tie it to its own overlay. */
#ifndef TIERCHAIN_MEMBERSHIP_HYPARVIEW_H
#define TIERCHAIN_MEMBERSHIP_HYPARVIEW_H

#include "env/env.h"
#include "membership/hyparview_messages.h"

#define HYPARVIEW_ACTIVE          5
#define HYPARVIEW_PASSIVE         30
#define HYPARVIEW_PASSIVE_TTL     3 /* PRWL: where a join's walk leaves the new node behind */
#define HYPARVIEW_SHUFFLE_ACTIVE  3 /* ka */
#define HYPARVIEW_SHUFFLE_PASSIVE 4 /* kp */
#define HYPARVIEW_REQUESTS        8 /* unanswered requests at once; more are refused */

struct hyparview;

/* Called within a step, after the views have changed. */
struct hyparview_client {
    void (*up)(void *context, node_id peer);
    void (*down)(void *context, node_id peer);
    void *context;
};

struct hyparview_config {
    struct env *env;
    uint16_t channel;
    uint64_t seed;           /* of its random choices, which shift no other stream of the node */
    time_ns period;          /* between two shuffles; 10 to 60 s is usual, the paper gives none */
    time_ns timeout;         /* of an unanswered JOIN or NEIGHBOR; above one round trip */
    const node_id *contacts; /* whom to join through when the first one doesn't answer; borrowed */
    size_t contact_count;    /* 0: always the first one */
    struct hyparview_client client;
};

/* A set of peers in an order that depends only on the inputs. */
struct hyparview_view {
    size_t count;
    node_id peers[HYPARVIEW_PASSIVE];
};

/* A JOIN or NEIGHBOR that waits for its answer. */
struct hyparview_request {
    struct hyparview *owner;
    struct timer timer; /* running while the request is open */
    node_id peer;
    bool displaces; /* when it is accepted, a link of ours makes room if need be */
};

/* In caller memory; must not move between init and deinit. Views may be read at any time. */
struct hyparview {
    struct hyparview_config config;
    struct rng rng;
    node_id contact;
    struct hyparview_view active;     /* never self, never a peer of the passive view */
    struct hyparview_view passive;    /* never self */
    struct hyparview_view candidates; /* passive peers not yet asked in this round of repair */
    struct hyparview_view shuffled;   /* what the open shuffle carried away */
    bool shuffling;
    struct timer shuffle;
    struct hyparview_request requests[HYPARVIEW_REQUESTS];
};

void hyparview_init(struct hyparview *hyparview, const struct hyparview_config *config);
void hyparview_deinit(struct hyparview *hyparview);

/* Within a step: joins through @contact, or begins alone with NODE_NONE. A node whose last link is
 * gone and that knows nobody else joins again. */
void hyparview_start(struct hyparview *hyparview, node_id contact);

/* Within a step: joins once more, through @contact, though links stand: there may be an overlay that
 * ours is cut off from. Nothing when @contact is linked. */
void hyparview_join(struct hyparview *hyparview, node_id contact);

/* Within a step: a message from @from. Returns 0 or why it was dropped: an error of
 * hyparview_decode, ERR_NOT_MEMBER (the sender is not linked), ERR_STALE (nobody waits for this
 * answer), ERR_INVALID (from or about ourselves), ERR_LIMIT (too many open requests). */
int hyparview_receive(struct hyparview *hyparview, node_id from, const struct message *message);

/* Within a step: the transport says that @peer can't be reached. Forgets and replaces it. */
void hyparview_peer_down(struct hyparview *hyparview, node_id peer);

/* Within a step: OK when @from is linked. Otherwise ERR_NOT_MEMBER, and @from is told so: what comes
 * over a link that does not stand here shows that the other side believes in it. */
int hyparview_check_link(struct hyparview *hyparview, node_id from);

bool hyparview_linked(const struct hyparview *hyparview, node_id peer);

#endif
