/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard/participant.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

struct shard_account {
    uint64_t number;
    UT_hash_handle hh;
    node_id owner;
    uint64_t balance;
    uint64_t last_transfer; /* the highest number that was ordered with it as sender */
    struct session *lock;   /* NULL: free */
};

static struct shard_account *account_find(const struct participant *participant, uint64_t number) {
    struct shard_account *account;
    HASH_FIND(hh, participant->accounts, &number, sizeof number, account);
    return account;
}

static struct session *session_find(const struct participant *participant,
                                    const struct digest *id) {
    struct session *session;
    HASH_FIND(hh, participant->sessions, id, sizeof *id, session);
    return session;
}

static struct session *session_new(const struct participant *participant,
                                   const struct transfer *transfer, const struct digest *id) {
    size_t signature_bytes = participant->config.signature_bytes;
    struct session *session = memory_new(1, sizeof *session + signature_bytes);
    session->id = *id;
    session->home = transfer_home(transfer) == participant->config.shard;
    session->height = participant->height;
    session->transfer = *transfer;
    session->transfer.signature = session->signature;
    if (signature_bytes > 0)
        memcpy(session->signature, transfer->signature, signature_bytes);
    session->shard_count = (uint8_t)transfer_shards(transfer, session->shards);
    return session;
}

size_t session_place(const struct session *session, uint16_t shard) {
    size_t place = 0;
    while (place < session->shard_count && session->shards[place] != shard)
        place++;
    return place;
}

static void report(const struct participant *participant, const struct session *session,
                   enum session_change change) {
    participant->config.client.changed(participant->config.client.context, session, change);
}

void participant_init(struct participant *participant, const struct participant_config *config) {
    *participant = (struct participant){.config = *config};
}

void participant_deinit(struct participant *participant) {
    struct shard_account *account, *next_account;
    struct session *session, *next_session;
    HASH_ITER(hh, participant->sessions, session, next_session) {
        HASH_DEL(participant->sessions, session);
        free(session);
    }
    HASH_ITER(hh, participant->accounts, account, next_account) {
        HASH_DEL(participant->accounts, account);
        free(account);
    }
}

int participant_open(struct participant *participant, uint64_t number, node_id owner,
                     uint64_t balance) {
    if (balance > ACCOUNT_BALANCE_MAX)
        return ERR_INVALID;
    if (account_find(participant, number) != NULL)
        return ERR_DUPLICATE;
    if (HASH_COUNT(participant->accounts) == LIMIT_SHARD_ACCOUNTS)
        return ERR_LIMIT;
    struct shard_account *account = memory_new(1, sizeof *account);
    account->number = number;
    account->owner = owner;
    account->balance = balance;
    HASH_ADD(hh, participant->accounts, number, sizeof account->number, account);
    return OK;
}

/* The transfer's next part in this shard from place *@at on, with its account (NULL: not here);
 * NULL behind the last. */
static const struct transfer_part *own_part(const struct participant *participant,
                                            const struct transfer *transfer, size_t *at,
                                            struct shard_account **account) {
    while (*at < transfer->part_count) {
        const struct transfer_part *part = &transfer->parts[(*at)++];
        if (part->shard == participant->config.shard) {
            *account = account_find(participant, part->account);
            return part;
        }
    }
    return NULL;
}

/* Whether all parts in this shard can be locked. No waiting: what is locked is a conflict. */
static bool possible(const struct participant *participant, const struct transfer *transfer) {
    const struct transfer_part *part;
    struct shard_account *account;
    size_t at = 0;
    if (HASH_COUNT(participant->sessions) == LIMIT_SHARD_SESSIONS)
        return false;
    while ((part = own_part(participant, transfer, &at, &account)) != NULL) {
        if (account == NULL || account->lock != NULL)
            return false;
        if (part->debit && (account->owner != transfer->origin || account->balance < part->amount))
            return false;
        if (!part->debit && account->balance > ACCOUNT_BALANCE_MAX - part->amount)
            return false;
    }
    return true;
}

static void set_locks(struct participant *participant, const struct session *session,
                      struct session *lock) {
    struct shard_account *account;
    size_t at = 0;
    while (own_part(participant, &session->transfer, &at, &account) != NULL)
        account->lock = lock;
}

static void move_amounts(struct participant *participant, const struct session *session) {
    const struct transfer_part *part;
    struct shard_account *account;
    size_t at = 0;
    while ((part = own_part(participant, &session->transfer, &at, &account)) != NULL) {
        assert(!part->debit || account->balance >= part->amount);
        if (part->debit)
            account->balance -= part->amount;
        else
            account->balance += part->amount;
    }
}

/* The end of a locked session here. A commit stays in the home shard's memory. */
static void settle(struct participant *participant, struct session *session, bool commit) {
    set_locks(participant, session, NULL);
    if (commit)
        move_amounts(participant, session);
    bool keep = commit && session->home && session->shard_count > 1;
    session->state = SESSION_COMMITTED;
    if (!keep)
        HASH_DEL(participant->sessions, session);
    report(participant, session, commit ? SESSION_COMMITS : SESSION_ABORTS);
    if (!keep)
        free(session);
}

void participant_advance(struct participant *participant, uint64_t height) {
    struct session *session, *next;
    if (height <= participant->height)
        return;
    participant->height = height;
    HASH_ITER(hh, participant->sessions, session, next) {
        if (height - session->height < participant->config.patience)
            break; /* in order of locking */
        if (session->home && session->state == SESSION_LOCKED)
            settle(participant, session, false);
    }
}

bool participant_stale(const struct participant *participant, const struct transfer *transfer) {
    const struct shard_account *account =
        account_find(participant, transfer->parts[transfer->sender].account);
    return account == NULL || account->owner != transfer->origin ||
           transfer->number <= account->last_transfer;
}

static void lock(struct participant *participant, struct session *session) {
    HASH_ADD(hh, participant->sessions, id, sizeof session->id, session);
    set_locks(participant, session, session);
    if (!session->home)
        session->ticket = ++participant->ticket;
    if (session->shard_count == 1)
        settle(participant, session, true); /* nobody else to ask */
    else
        report(participant, session, SESSION_LOCKS);
}

int participant_prepare(struct participant *participant, const struct transfer *transfer,
                        const struct digest *id) {
    struct session *session = session_find(participant, id);
    struct shard_account *account;
    size_t at = 0;
    if (session != NULL)
        return ERR_DUPLICATE;
    if (own_part(participant, transfer, &at, &account) == NULL)
        return ERR_INVALID;
    bool home = transfer_home(transfer) == participant->config.shard;
    if (home) {
        if (participant_stale(participant, transfer))
            return ERR_STALE;
        /* Also when it is rejected: this is the memory that it was decided. */
        account_find(participant, transfer->parts[transfer->sender].account)->last_transfer =
            transfer->number;
    }
    session = session_new(participant, transfer, id);
    if (possible(participant, transfer)) {
        lock(participant, session);
    } else {
        report(participant, session, home ? SESSION_ABORTS : SESSION_REJECTS);
        free(session);
    }
    return OK;
}

static int home_wants(const struct session *session, const struct shard_statement *statement) {
    size_t place = session_place(session, statement->speaker);
    if (place == session->shard_count)
        return ERR_MISMATCH;
    if (statement->word == SHARD_ACCEPT)
        return session->state == SESSION_LOCKED && !session->accepted[place] ? OK : ERR_STALE;
    if (statement->word == SHARD_REJECT)
        return session->state == SESSION_LOCKED ? OK : ERR_STALE;
    if (statement->word != SHARD_SETTLED || session->state != SESSION_COMMITTED)
        return ERR_STALE;
    if (statement->ticket != session->tickets[place])
        return ERR_MISMATCH;
    return session->settled[place] ? ERR_STALE : OK;
}

static int remote_wants(const struct session *session, const struct shard_statement *statement) {
    if (statement->word != SHARD_COMMIT && statement->word != SHARD_ABORT)
        return ERR_STALE;
    if (statement->speaker != transfer_home(&session->transfer) ||
        statement->ticket != session->ticket)
        return ERR_MISMATCH;
    return OK;
}

int participant_wants(const struct participant *participant,
                      const struct shard_statement *statement) {
    const struct session *session = session_find(participant, &statement->session);
    if (session == NULL)
        return ERR_UNKNOWN;
    return session->home ? home_wants(session, statement) : remote_wants(session, statement);
}

/* Whether all shards but the home shard have done it. */
static bool all_others(const struct session *session, const bool *done) {
    for (size_t i = 0; i < session->shard_count; i++)
        if (!done[i] && session->shards[i] != transfer_home(&session->transfer))
            return false;
    return true;
}

static void home_proved(struct participant *participant, struct session *session,
                        const struct shard_statement *statement) {
    size_t place = session_place(session, statement->speaker);
    if (statement->word == SHARD_REJECT) {
        settle(participant, session, false);
    } else if (statement->word == SHARD_ACCEPT) {
        session->accepted[place] = true;
        session->tickets[place] = statement->ticket;
        if (all_others(session, session->accepted))
            settle(participant, session, true); /* the point of no return */
    } else {
        session->settled[place] = true;
        if (all_others(session, session->settled)) {
            HASH_DEL(participant->sessions, session);
            report(participant, session, SESSION_RETIRES);
            free(session);
        }
    }
}

int participant_prove(struct participant *participant, const struct shard_statement *statement) {
    int error = participant_wants(participant, statement);
    if (error != OK)
        return error;
    struct session *session = session_find(participant, &statement->session);
    if (session->home)
        home_proved(participant, session, statement);
    else
        settle(participant, session, statement->word == SHARD_COMMIT);
    return OK;
}

const struct session *participant_find(const struct participant *participant,
                                       const struct digest *session) {
    return session_find(participant, session);
}

int participant_account(const struct participant *participant, uint64_t number, uint64_t *balance,
                        const struct session **locked) {
    const struct shard_account *account = account_find(participant, number);
    if (account == NULL)
        return ERR_UNKNOWN;
    *balance = account->balance;
    *locked = account->lock;
    return OK;
}

static void digest_session(crypto_generichash_state *hash, const struct session *session) {
    uint8_t bytes[DIGEST_BYTES + 1 + 8 + 8 + LIMIT_TRANSFER_PARTS * 10];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_digest(&writer, &session->id);
    write_u8(&writer, (uint8_t)session->state);
    write_u64(&writer, session->height);
    write_u64(&writer, session->ticket);
    for (size_t i = 0; i < session->shard_count; i++) {
        write_u64(&writer, session->tickets[i]);
        write_u8(&writer, session->accepted[i]);
        write_u8(&writer, session->settled[i]);
    }
    assert(writer.error == OK);
    crypto_generichash_update(hash, bytes, writer.at);
}

static void digest_account(crypto_generichash_state *hash, const struct shard_account *account) {
    static const struct digest free_account;
    uint8_t bytes[8 + 4 + 8 + 8 + DIGEST_BYTES];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_u64(&writer, account->number);
    write_u32(&writer, account->owner);
    write_u64(&writer, account->balance);
    write_u64(&writer, account->last_transfer);
    write_digest(&writer, account->lock == NULL ? &free_account : &account->lock->id);
    assert(writer.error == OK);
    crypto_generichash_update(hash, bytes, writer.at);
}

void participant_digest(const struct participant *participant, struct digest *out) {
    crypto_generichash_state hash;
    uint8_t head[16];
    struct writer writer;
    crypto_generichash_init(&hash, NULL, 0, DIGEST_BYTES);
    writer_init(&writer, head, sizeof head);
    write_u64(&writer, participant->height);
    write_u64(&writer, participant->ticket);
    crypto_generichash_update(&hash, head, sizeof head);
    for (const struct shard_account *account = participant->accounts; account != NULL;
         account = account->hh.next)
        digest_account(&hash, account);
    for (const struct session *session = participant->sessions; session != NULL;
         session = session->hh.next)
        digest_session(&hash, session);
    crypto_generichash_final(&hash, out->bytes, DIGEST_BYTES);
}
