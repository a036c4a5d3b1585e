/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One interface for all consensus variants. A variant is a folder, its rows in wire/messages.def
 * and one line in registry.c; tests iterate over the registry.
 *
 * Calls go down (start, poke, receive; timers expire by themselves), and up within the same step
 * through struct consensus_client. A leader *asks* for its batch at the moment it may propose (as
 * Tendermint's getValue), rather than being handed one: only then is it known which transactions
 * the uncommitted ancestors already carry. */
#ifndef TIERCHAIN_CONSENSUS_CONSENSUS_H
#define TIERCHAIN_CONSENSUS_CONSENSUS_H

#include "consensus/certificate.h"
#include "consensus/leaders.h"
#include "env/env.h"
#include "wire/message.h"

struct consensus;

/* A batch in place: the payload bytes of one block. Borrowed. */
struct batch {
    const uint8_t *bytes;
    size_t size;
};

/* One of @count parts into which transactions fall by what they are, the same at all members and
 * with both providers. Where every member proposes at once, each proposes another part: so nothing
 * is decided twice. The bytes of a batch are limited along with it. */
struct part {
    uint32_t index, count;
    size_t limit; /* bytes of a batch */
};

#define PART_ALL ((struct part){0, 1, LIMIT_BATCH_BYTES})

struct decision {
    uint64_t height;  /* 1, 2, 3 … without holes: position among the decided non-empty batches */
    uint64_t view;    /* the view in which the block was proposed */
    node_id proposer; /* who proposed it */
    struct digest block; /* the block's id: binds the payload and the chain before it */
    struct batch batch;  /* never empty: null requests and empty blocks are not reported */
    bool again; /* at a start: an earlier life has reported it, from the first that is kept on */
};

/* What stands above a consensus instance. All calls come within a step. */
struct consensus_client {
    /* Whether transactions wait that no decided batch holds. Drives the leader's timer. */
    bool (*pending)(void *context);
    /* Which of them waits longest: its number in order of arrival, 1, 2, 3 … in this life; 0 when none
     * waits. So a timer can stand for one transaction, and whoever passes over it be found out. */
    uint64_t (*oldest)(void *context);
    /* A frame whose bytes are the next batch (no envelope) of @part, without the transactions of
     * @ancestors; NULL when nothing is left to propose. The caller gets the reference. */
    struct frame *(*next_batch)(void *context, const struct batch *ancestors, size_t count,
                                struct part part);
    /* Whether a batch is well-formed, of @part, and may be voted for. */
    bool (*valid)(void *context, struct batch batch, struct part part);
    void (*decide)(void *context, const struct decision *decision);
    void *context;
};

struct consensus_config {
    struct env *env;
    struct committee committee;
    uint16_t channel;     /* of its messages; also part of everything that is signed */
    time_ns view_timeout; /* of the first view; doubles with consecutive failures */
    const struct certificate_scheme *certificates; /* NULL: lists of signatures */
    const struct group_keys *group;                /* frost: the committee's keys; borrowed */
    struct leaders leaders;                        /* zero: the variant's own rule */
    struct consensus_client client;
    const struct record *records; /* durable records of an earlier life, of all owners */
    size_t record_count;
};

/* State that traces and checkers may look at from outside. */
struct consensus_view {
    uint64_t view;
    uint64_t height; /* of the last decision */
    uint64_t locked_view;
    uint64_t high_view; /* of the highest certificate known */
    node_id leader;     /* of the current view */
};

struct consensus_ops {
    const char *name;        /* "pbft", "hotstuff" … */
    const char *description; /* one line for `tierchain list consensus` */
    const char *source;      /* the paper */
    uint32_t good_case_hops; /* one-way delays from proposal to the replicas' decision */
    /* Certificates that are made one after another meanwhile; a signing round prolongs each. 0: this
     * variant has no place for signing rounds. */
    uint32_t good_case_certificates;
    uint32_t members_max; /* of a committee; 0: LIMIT_COMMITTEE */
    /* Bytes of the largest batch of so many members; NULL: LIMIT_BATCH_BYTES. */
    size_t (*batch_limit)(uint32_t members);
    /* The rules that it can follow, its own first; LEADERS_OWN behind the last, or without leaders. */
    enum leaders_rule leaders[LEADERS_RULES];
    size_t size; /* of the variant's struct, which starts with struct consensus */
    /* @self is zeroed memory of ops->size bytes whose base fields are set. */
    void (*init)(struct consensus *self, const struct consensus_config *config);
    void (*start)(struct consensus *self);
    /* New transactions wait (client.pending became true). */
    void (*poke)(struct consensus *self);
    /* 0, or the reason why the message was dropped; nothing has changed then. */
    int (*receive)(struct consensus *self, node_id from, const struct message *message);
    void (*observe)(const struct consensus *self, struct consensus_view *view);
    void (*deinit)(struct consensus *self);
};

/* The base of every variant's struct: its first member. */
struct consensus {
    const struct consensus_ops *ops;
    struct env *env;
    struct committee committee;
    uint32_t self_index; /* own place in the committee */
    uint16_t channel;
    struct certification certification; /* of the committee's votes */
    struct leaders leaders;             /* never LEADERS_OWN, but without leaders */
    time_ns view_timeout;
    size_t batch_limit; /* bytes of the largest batch that the variant ever asks for */
    struct consensus_client client;
};

/* Makes an instance; the env's node must be a member. Free with consensus_free. */
struct consensus *consensus_new(const struct consensus_ops *ops,
                                const struct consensus_config *config);
void consensus_free(struct consensus *self);

/* Bytes of the largest batch that a committee of so many ever asks for: no item may be larger. */
size_t consensus_batch_limit(const struct consensus_ops *ops, uint32_t members);

void consensus_start(struct consensus *self);
void consensus_poke(struct consensus *self);

/* Checks membership and channel, hands over, and counts a drop with its reason. */
void consensus_receive(struct consensus *self, node_id from, const struct message *message);

void consensus_observe(const struct consensus *self, struct consensus_view *view);

/* The variant of that name, or NULL; the registry in order, NULL behind the last. */
const struct consensus_ops *consensus_find(const char *name);
const struct consensus_ops *consensus_at(size_t index);

/* Whether the variant can work with such certificates. */
bool consensus_supports(const struct consensus_ops *ops, const struct certificate_scheme *scheme);

/* One-way delays from proposal to the replicas' decision with such certificates. */
uint32_t consensus_hops(const struct consensus_ops *ops, const struct certificate_scheme *scheme);

/* Whether the variant can follow the rule; LEADERS_OWN it always can. */
bool consensus_follows(const struct consensus_ops *ops, enum leaders_rule rule);

/* The index of the member who leads at @turn, from 0: the n-th view, whatever the first is called. */
uint32_t consensus_leader(const struct consensus *self, uint64_t turn);

/* Broadcasts a frame to the other members. */
void consensus_broadcast(struct consensus *self, struct frame *frame);

/* The durable slot number of an instance: distinct for every channel and @kind (< 2^16). */
uint32_t consensus_slot(const struct consensus *self, uint32_t kind);

#endif
