/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An assembly with an adversary in it (sim/adversary/adversary.h): hostile members have no code, or the real
 * one with the adversary between it and the network. */
#ifndef TIERCHAIN_SIM_ASSEMBLY_HOSTILE_H
#define TIERCHAIN_SIM_ASSEMBLY_HOSTILE_H

#include "sim/adversary/adversary.h"
#include "sim/assembly/assembly.h"

struct hostile {
    struct assembly *assembly;
    struct adversary *adversary;
    const struct adversary_ops *behaviour;
    uint64_t members; /* bit i: hostile */
    struct rng rng;
    struct assembly_config config;
    /* The config's route: what the network does with what has left. NULL: its delay, and jitter. */
    time_ns (*network)(void *context, const struct assembly_message *message);
    void *network_context;
    time_ns jitter; /* honest messages take up to so much longer; 0 to begin with */
    /* Whether the network loses an honest member's message; NULL: none. */
    bool (*loses)(struct hostile *hostile, node_id from, node_id to, const struct message *message);
    uint64_t phase;                /* for the test's own use */
    uint64_t forged;               /* messages that the adversary has sent itself */
    uint64_t forged_types[0x1000]; /* … by type */
    uint64_t changed, lost, late;  /* messages of the real code by what became of them */
    uint64_t overheard;
};

/* @config without outside; its route is the network behind the adversary, its trace has the hostile as
 * context. @members are the adversary's. In caller memory, not to be moved. */
void hostile_begin(struct hostile *hostile, const struct assembly_config *config,
                   const struct adversary_ops *behaviour, uint64_t members);
void hostile_end(struct hostile *hostile);

/* The committee of a card: HOSTILE_DELAY one way, one seed. Aborts without memory, and fails the test
 * without a behaviour. Free with hostile_free. */
#define HOSTILE_DELAY (10 * NS_PER_MS)
struct hostile *hostile_new(const char *variant, uint32_t count, time_ns view_timeout,
                            const struct adversary_ops *behaviour, uint64_t members);
void hostile_free(struct hostile *hostile);

/* Batches that every honest member has decided. */
uint64_t hostile_decided(const struct hostile *hostile);

#endif
