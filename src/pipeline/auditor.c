/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/auditor.h"

#include <assert.h>
#include <stdlib.h>
#include <uthash.h>
#include <utlist.h>

#include "base/error.h"
#include "base/memory.h"
#include "crypto/identity.h"
#include "hold/audit.h"

#define MILLION 1000000

/* From the decision to audit to the verdict. */
struct piece_audit {
    struct auditor *auditor;
    struct piece_audit *prev, *next;
    struct timer timer; /* until the challenge, then until its deadline */
    UT_hash_handle hh;
    struct digest id; /* of the challenge */
    uint64_t number;  /* of the transaction */
    struct promise promise;
    struct audit audit;
    bool asked;
};

void auditor_init(struct auditor *auditor, struct env *env, const struct auditor_config *config) {
    *auditor = (struct auditor){.env = env, .config = *config};
    struct rng node = env->rng; /* a copy: nobody else's draws shift */
    rng_init(&auditor->lots, rng_next(&node), env->self, "audits");
}

static void close_audit(struct piece_audit *open) {
    struct auditor *auditor = open->auditor;
    timers_stop(&auditor->env->timers, &open->timer);
    if (open->asked)
        HASH_DEL(auditor->asked, open);
    DL_DELETE(auditor->planned, open);
    auditor->count--;
    free(open);
}

void auditor_deinit(struct auditor *auditor) {
    while (auditor->planned != NULL)
        close_audit(auditor->planned);
}

static void verdict(struct piece_audit *open, enum trace_point point) {
    env_trace(open->auditor->env, point, open->number, open->promise.holder);
    close_audit(open);
}

static void deadline_passed(struct timer *timer) {
    verdict(container_of(timer, struct piece_audit, timer), TRACE_AUDIT_LATE);
}

static void ask(struct timer *timer) {
    struct piece_audit *open = container_of(timer, struct piece_audit, timer);
    struct auditor *auditor = open->auditor;
    struct env *env = auditor->env;
    struct audit_challenge *challenge = &open->audit.challenge;
    struct writer writer;
    *challenge = (struct audit_challenge){
        .id = open->promise.id,
        .root = open->promise.root,
        .size = open->promise.size,
        .auditor = env->self,
        .holder = open->promise.holder,
        .round = ++auditor->round,
        .deadline = env_clock(env) + auditor->config.deadline,
        .count = auditor->config.blocks,
    };
    env_charge(env, WORK_VRF_PROVE, 1);
    int error =
        audit_challenge_prove(identity_suite(env), env->identity->vrf_seed,
                              identity_vrf_key(env, env->self), challenge, &open->audit.draw);
    assert(error == OK);
    audit_challenge_digest(challenge, &open->id);
    HASH_ADD(hh, auditor->asked, id, sizeof open->id, open);
    open->asked = true;
    struct frame *frame = message_new(MESSAGE_AUDIT_CHALLENGE, 0, AUDIT_CHALLENGE_BYTES, &writer);
    audit_challenge_write(&writer, challenge);
    env_send(env, challenge->holder, frame);
    env_trace(env, TRACE_AUDIT_ASKED, open->number, challenge->holder);
    timer_init(&open->timer, deadline_passed);
    env_timer_start(env, &open->timer, auditor->config.deadline);
}

void auditor_consider(struct auditor *auditor, uint64_t number, const struct promise *promise) {
    struct env *env = auditor->env;
    /* The last moment at which an answer would still fall into the hold. */
    time_ns left = promise->expiry - env_clock(env) - auditor->config.deadline;
    if (auditor->config.share_ppm == 0 ||
        !rng_chance(&auditor->lots, auditor->config.share_ppm, MILLION) || left <= 0 ||
        auditor->count == LIMIT_AUDITS)
        return;
    struct piece_audit *planned = memory_new(1, sizeof *planned);
    planned->auditor = auditor;
    planned->number = number;
    planned->promise = *promise;
    timer_init(&planned->timer, ask);
    DL_APPEND(auditor->planned, planned);
    auditor->count++;
    env_timer_start(env, &planned->timer, (time_ns)rng_below(&auditor->lots, (uint64_t)left));
}

/* Hashing the blocks shown, and their branches up to the root. */
static void charge_judging(struct env *env, const struct audit *audit) {
    size_t blocks = audit_block_count(audit->challenge.size), hashes = 0;
    for (size_t i = 0; i < audit->draw.count; i++)
        hashes += 1 + merkle_inclusion_count(audit->draw.blocks[i], blocks);
    env_charge(env, WORK_MERKLE_LEAF, hashes);
}

int auditor_response(struct auditor *auditor, node_id from, const struct message *message) {
    struct piece_audit *open;
    struct digest id;
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    read_digest(&reader, &id);
    if (reader.error != OK)
        return reader.error;
    HASH_FIND(hh, auditor->asked, &id, sizeof id, open);
    if (open == NULL)
        return ERR_STALE;
    if (from != open->promise.holder)
        return ERR_NOT_MEMBER;
    charge_judging(auditor->env, &open->audit);
    /* It is in time, or the timer would have closed the audit: time that has passed, which no
     * setting of the clock in between can falsify. */
    int error = audit_judge(&open->audit, 0, message->body, message->size);
    verdict(open, error == OK ? TRACE_AUDIT_PASSED : TRACE_AUDIT_WRONG);
    return error;
}
