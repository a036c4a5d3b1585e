/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/shard_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

bool shard_checker_fired(const struct shard_checker *checker, const char *name) {
    char entry[40];
    snprintf(entry, sizeof entry, "%s;", name);
    return strstr(checker->violated, entry) != NULL;
}

static void violate(struct shard_checker *checker, const char *name, uint64_t a, uint64_t b) {
    if (checker->violation[0] == '\0')
        snprintf(checker->violation, sizeof checker->violation,
                 "%s: %llu, %llu at %lld ns (%u shards, seed %llu)", name, (unsigned long long)a,
                 (unsigned long long)b, (long long)checker->now, checker->config->shards,
                 (unsigned long long)checker->config->seed);
    if (!shard_checker_fired(checker, name)) {
        size_t used = strlen(checker->violated);
        snprintf(checker->violated + used, sizeof checker->violated - used, "%s;", name);
    }
}

static struct seen_transfer *seen_find(const struct shard_checker *checker,
                                       const struct digest *session) {
    struct seen_transfer *seen;
    HASH_FIND(hh, checker->seen, session, sizeof *session, seen);
    return seen;
}

static struct seen_transfer *seen_add(struct shard_checker *checker,
                                      const struct transfer *transfer,
                                      const struct digest *session) {
    struct seen_transfer *seen = seen_find(checker, session);
    if (seen != NULL)
        return seen;
    seen = memory_new(1, sizeof *seen);
    seen->session = *session;
    seen->transfer = *transfer;
    memcpy(seen->signature, transfer->signature, checker->signature_bytes);
    seen->transfer.signature = seen->signature;
    seen->shard_count = transfer_shards(transfer, seen->shards);
    HASH_ADD(hh, checker->seen, session, sizeof seen->session, seen);
    return seen;
}

static void commit_in_home(struct shard_checker *checker, struct seen_transfer *seen,
                           uint16_t shard) {
    for (size_t i = 0; i < seen->shard_count; i++)
        if (seen->shards[i] != shard && (!seen->locked[i] || seen->commits[i] > 0))
            violate(checker, "atomic", seen->transfer.number, seen->shards[i]);
    if (seen->decided == SHARD_ABORT)
        violate(checker, "atomic", seen->transfer.number, shard);
    seen->decided = SHARD_COMMIT;
}

static void count_amounts(struct shard_checker *checker, const struct transfer *transfer,
                          uint16_t shard) {
    for (size_t i = 0; i < transfer->part_count; i++) {
        const struct transfer_part *part = &transfer->parts[i];
        if (part->shard != shard || part->account > checker->accounts)
            continue;
        checker->balances[part->account] +=
            part->debit ? -(int64_t)part->amount : (int64_t)part->amount;
        if (checker->balances[part->account] < 0)
            violate(checker, "double spend", part->account, transfer->number);
    }
}

static void committed(struct shard_checker *checker, struct seen_transfer *seen, size_t place,
                      uint16_t shard) {
    if (seen->commits[place] > 0)
        violate(checker, "once", seen->transfer.number, shard);
    if (shard == transfer_home(&seen->transfer))
        commit_in_home(checker, seen, shard);
    else if (seen->decided != SHARD_COMMIT)
        violate(checker, "atomic", seen->transfer.number, shard);
    seen->commits[place]++;
    seen->locked[place] = false;
    count_amounts(checker, &seen->transfer, shard);
}

static void aborted(struct shard_checker *checker, struct seen_transfer *seen, size_t place,
                    uint16_t shard) {
    bool home = shard == transfer_home(&seen->transfer);
    if (seen->decided == SHARD_COMMIT && (home || seen->commits[place] == 0))
        violate(checker, "atomic", seen->transfer.number, shard);
    if (home)
        seen->decided = SHARD_ABORT;
    seen->locked[place] = false;
}

static void changed(void *context, const struct session *session, enum session_change change) {
    struct reference *reference = context;
    struct shard_checker *checker = reference->checker;
    uint16_t shard = reference->participant.config.shard;
    struct seen_transfer *seen = seen_add(checker, &session->transfer, &session->id);
    size_t place = session_place(session, shard);
    checker->changes[change]++;
    if (change == SESSION_LOCKS)
        seen->locked[place] = true;
    else if (change == SESSION_COMMITS)
        committed(checker, seen, place, shard);
    else if (change == SESSION_ABORTS)
        aborted(checker, seen, place, shard);
    if (checker->config->changed != NULL)
        checker->config->changed(checker->config->context, shard, session, change, checker->now);
}

void shard_checker_init(struct shard_checker *checker, const struct shard_world_config *config,
                        size_t signature_bytes, uint64_t accounts) {
    *checker = (struct shard_checker){
        .config = config, .signature_bytes = signature_bytes, .accounts = accounts};
    checker->balances = memory_new(accounts + 1, sizeof *checker->balances);
    checker->references = memory_new(config->shards, sizeof *checker->references);
    for (uint16_t i = 0; i < config->shards; i++) {
        struct reference *reference = &checker->references[i];
        struct participant_config participant = {
            .shard = i,
            .patience = config->patience,
            .signature_bytes = signature_bytes,
            .client = {changed, reference},
        };
        reference->checker = checker;
        participant_init(&reference->participant, &participant);
    }
}

void shard_checker_deinit(struct shard_checker *checker) {
    struct seen_transfer *seen, *next;
    HASH_ITER(hh, checker->seen, seen, next) {
        HASH_DEL(checker->seen, seen);
        free(seen);
    }
    for (uint16_t i = 0; i < checker->config->shards; i++) {
        participant_deinit(&checker->references[i].participant);
        free(checker->references[i].states);
    }
    free(checker->references);
    free(checker->balances);
}

void shard_checker_open(struct shard_checker *checker, uint16_t shard, uint64_t account,
                        node_id owner) {
    (void)participant_open(&checker->references[shard].participant, account, owner,
                           SHARD_WORLD_BALANCE);
    checker->balances[account] = SHARD_WORLD_BALANCE;
}

static void check_ages(struct shard_checker *checker, const struct participant *participant) {
    for (const struct session *session = participant->sessions; session != NULL;
         session = session->hh.next)
        if (session->home && session->state == SESSION_LOCKED &&
            participant->height - session->height > checker->config->patience)
            violate(checker, "lock age", session->transfer.number, participant->config.shard);
}

static void check_balances(struct shard_checker *checker, uint16_t shard) {
    const struct participant *participant = &checker->references[shard].participant;
    const struct session *lock;
    uint64_t balance;
    for (uint64_t account = 1; account <= checker->accounts; account++)
        if (participant_account(participant, account, &balance, &lock) == OK &&
            (int64_t)balance != checker->balances[account])
            violate(checker, "sum", account, shard);
}

void shard_checker_ordered(struct shard_checker *checker, uint16_t shard,
                           const struct shard_item *item, uint64_t height, time_ns now) {
    struct reference *reference = &checker->references[shard];
    checker->now = now;
    shard_mutant_apply(checker->config->mutant, &reference->participant, item, height);
    check_ages(checker, &reference->participant);
    check_balances(checker, shard);
    reference->states = memory_resize(reference->states, height + 1, sizeof *reference->states);
    participant_digest(&reference->participant, &reference->states[height]);
    reference->heights = height;
}

void shard_checker_state(struct shard_checker *checker, uint16_t shard, uint64_t height,
                         const struct digest *state, node_id node) {
    const struct reference *reference = &checker->references[shard];
    if (height > reference->heights ||
        memcmp(&reference->states[height], state, sizeof *state) != 0)
        violate(checker, "state", node, height);
}

void shard_checker_answer(struct shard_checker *checker, const struct digest *session,
                          bool commit) {
    const struct seen_transfer *seen = seen_find(checker, session);
    if (seen == NULL || seen->decided != (commit ? SHARD_COMMIT : SHARD_ABORT))
        violate(checker, "answer", seen == NULL ? 0 : seen->transfer.number, commit);
}

void shard_checker_finish(struct shard_checker *checker) {
    uint64_t sum = 0, opened = 0;
    for (const struct seen_transfer *seen = checker->seen; seen != NULL; seen = seen->hh.next)
        for (size_t i = 0; i < seen->shard_count; i++)
            if (seen->commits[i] != (seen->decided == SHARD_COMMIT))
                violate(checker, "atomic", seen->transfer.number, seen->shards[i]);
    for (uint16_t i = 0; i < checker->config->shards; i++) {
        const struct participant *participant = &checker->references[i].participant;
        const struct session *lock;
        uint64_t balance;
        for (const struct session *session = participant->sessions; session != NULL;
             session = session->hh.next)
            violate(checker, session->state == SESSION_LOCKED ? "locks" : "memory",
                    session->transfer.number, i);
        for (uint64_t account = 1; account <= checker->accounts; account++)
            if (participant_account(participant, account, &balance, &lock) == OK) {
                sum += balance;
                opened += SHARD_WORLD_BALANCE;
            }
    }
    if (sum != opened)
        violate(checker, "sum", sum, opened);
}

/* Mutants. */

static void settle_old_locks(struct participant *participant) {
    const struct session *session = participant->sessions;
    while (session != NULL) {
        const struct session *next = session->hh.next;
        if (!session->home &&
            participant->height - session->height >= participant->config.patience) {
            struct shard_statement abort = {.word = SHARD_ABORT,
                                            .speaker = transfer_home(&session->transfer),
                                            .session = session->id,
                                            .ticket = session->ticket};
            (void)participant_prove(participant, &abort);
        }
        session = next;
    }
}

static void accept_for_all(struct participant *participant, const struct digest *id) {
    const struct session *session = participant_find(participant, id);
    if (session == NULL || !session->home || session->state != SESSION_LOCKED)
        return;
    struct shard_statement accept = {.word = SHARD_ACCEPT, .session = *id, .ticket = 1};
    uint16_t shards[LIMIT_TRANSFER_PARTS];
    size_t count = session->shard_count;
    memcpy(shards, session->shards, sizeof shards);
    for (size_t i = 0; i < count; i++) {
        accept.speaker = shards[i];
        if (shards[i] != participant->config.shard)
            (void)participant_prove(participant, &accept);
    }
}

void shard_mutant_apply(enum shard_mutant mutant, struct participant *participant,
                        const struct shard_item *item, uint64_t height) {
    participant_advance(participant, height);
    if (mutant == MUTANT_LOCAL_TIMEOUT)
        settle_old_locks(participant);
    if (item->kind == SHARD_ITEM_PREPARE) {
        struct transfer transfer = item->transfer;
        if (mutant == MUTANT_NO_NUMBER)
            transfer.number = height << 32; /* always new */
        (void)participant_prepare(participant, &transfer, &item->session);
        if (mutant == MUTANT_HASTY)
            accept_for_all(participant, &item->session);
    } else if (item->kind == SHARD_ITEM_PROOF) {
        struct shard_statement statement = item->proof.statement;
        const struct session *session = participant_find(participant, &statement.session);
        if (mutant == MUTANT_NO_TICKET && session != NULL && !session->home)
            statement.ticket = session->ticket;
        (void)participant_prove(participant, &statement);
    }
}
