/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The adversary: one mind behind all hostile identities of a committee. It overhears every message at
 * the moment it leaves, looks into every honest member, and sends in the name of its identities whatever
 * it likes, with their keys only. A *behaviour* is a row of registry.c. Whoever runs a committee
 * (sim/assembly/hostile.h) gives it the functions of struct adversary_view and calls those of
 * struct adversary_ops, between two steps or at the end of one.
 *
 * A hostile identity may run the real code beside (runs_code); then what that code sends passes through
 * @tamper on its way, message by message and receiver by receiver. */
#ifndef TIERCHAIN_SIM_ADVERSARY_ADVERSARY_H
#define TIERCHAIN_SIM_ADVERSARY_ADVERSARY_H

#include "consensus/consensus.h"

struct adversary;

/* What it may do and see. */
struct adversary_view {
    const struct consensus_ops *ops;
    struct committee committee; /* at most 64 members */
    uint16_t channel;
    uint64_t hostile; /* bit i: member i is the adversary's */
    time_ns delay, view_timeout;
    /* An env that signs as this hostile member; good until the next call. What it charges goes nowhere. */
    struct env *(*signer)(void *context, node_id hostile);
    /* Sends in the name of a hostile member, @after from now; takes over the reference. It arrives one
     * delay later. */
    void (*send)(void *context, node_id as, node_id to, time_ns after, struct frame *frame);
    /* An honest member's state; NULL while it is down. */
    const struct consensus *(*peek)(void *context, node_id member);
    /* Has ops->wake called @after from now. */
    void (*wake)(void *context, time_ns after);
    time_ns (*now)(void *context);
    struct rng *rng;
    void *context;
    const struct certificate_scheme *certificates;
    const struct group_keys *group; /* frost: the committee's */
};

struct adversary_ops {
    const char *name;
    const char *variant;     /* the start of the name of the variants that it is for; NULL: all */
    const char *description; /* one line */
    const char *source;      /* of the attack */
    size_t size;             /* of its struct, which starts with struct adversary */
    bool runs_code;          /* hostile members run the real code too */
    /* Each may be NULL. */
    void (*start)(struct adversary *adversary);
    /* An honest member sends @frame to @to. */
    void (*hear)(struct adversary *adversary, node_id from, node_id to,
                 const struct message *message, const struct frame *frame);
    void (*wake)(struct adversary *adversary);
    /* The real code of hostile @from sends *@frame to honest @to: false when it is not to leave. The
     * frame is the caller's; one that is put in its place becomes the caller's, instead of the old one
     * that is given back. */
    bool (*tamper)(struct adversary *adversary, node_id from, node_id to, struct frame **frame,
                   time_ns *delay);
    void (*deinit)(struct adversary *adversary);
};

/* The base of every behaviour's struct: its first member. */
struct adversary {
    const struct adversary_ops *ops;
    struct adversary_view view;
};

/* A behaviour at work; starts it. Free with adversary_free. */
struct adversary *adversary_new(const struct adversary_ops *ops, const struct adversary_view *view);
void adversary_free(struct adversary *adversary);

/* The behaviour of that name for a variant, or NULL; the registry in order, NULL behind the last. */
const struct adversary_ops *adversary_find(const char *name, const char *variant);
const struct adversary_ops *adversary_at(size_t index);
bool adversary_applies(const struct adversary_ops *ops, const char *variant);

#endif
