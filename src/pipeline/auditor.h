/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Audits, the sender's side, off the critical path: of the pieces of a finished transaction a random
 * share is audited (hold/audit.h), each once, at a random moment before its hold ends. The holder
 * shows some of its blocks, drawn by lot, under the root that its promise names.
 *
 *   transaction done ── audit planned ── challenge ── answer: passed or wrong
 *                                            └─ nothing in time: late
 *
 * What it finds: a holder that lost a share d of a piece's blocks is found by an audit of c blocks
 * with probability 1 - (1 - d)^c, and any holder that does not answer. What it does not: a holder
 * that fetches the blocks elsewhere within the deadline. Verdicts are traced; nobody is punished. */
#ifndef TIERCHAIN_PIPELINE_AUDITOR_H
#define TIERCHAIN_PIPELINE_AUDITOR_H

#include "env/env.h"
#include "hold/promise.h"
#include "wire/message.h"

struct auditor_config {
    uint32_t share_ppm; /* of the promises of finished transactions; 0: no audits */
    uint16_t blocks;    /* of one challenge, 1 … AUDIT_COUNT_MAX */
    time_ns deadline;   /* for the answer */
};

struct piece_audit;

struct auditor {
    struct env *env;
    struct auditor_config config;
    struct rng lots;             /* what is audited, and when */
    struct piece_audit *planned; /* all, a list */
    struct piece_audit *asked;   /* those with an open challenge, by its digest */
    size_t count;
    uint64_t round; /* of the last challenge */
};

void auditor_init(struct auditor *auditor, struct env *env, const struct auditor_config *config);
void auditor_deinit(struct auditor *auditor);

/* Perhaps plans an audit of what was promised for transaction @number. */
void auditor_consider(struct auditor *auditor, uint64_t number, const struct promise *promise);

/* A holder's answer. 0 or the reason for the drop: ERR_STALE: it answers no open challenge, or came
 * too late; ERR_NOT_MEMBER: it comes from someone else; else what is wrong with it, and then the
 * holder has failed. */
int auditor_response(struct auditor *auditor, node_id from, const struct message *message);

#endif
