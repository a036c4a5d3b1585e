/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard/coordinator.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "shard/shard_messages.h"

struct recent {
    struct digest session;
    UT_hash_handle hh;
    enum session_change outcome;
};

static const struct committee *committee_of(const struct coordinator *self, uint16_t shard) {
    return &self->config.map->committees[shard];
}

static uint16_t channel_of(const struct coordinator *self, uint16_t shard) {
    return (uint16_t)(self->config.map->channel + shard);
}

static const struct recent *recent_find(const struct coordinator *self,
                                        const struct digest *session) {
    struct recent *recent;
    HASH_FIND(hh, self->recent, session, sizeof *session, recent);
    return recent;
}

static void recent_forget(struct coordinator *self, struct recent *recent) {
    HASH_DEL(self->recent, recent);
    free(recent);
}

static void remember(struct coordinator *self, const struct digest *session,
                     enum session_change outcome) {
    struct recent *recent;
    HASH_FIND(hh, self->recent, session, sizeof *session, recent);
    if (recent != NULL)
        recent_forget(self, recent);
    if (HASH_COUNT(self->recent) == COORDINATOR_RECENT)
        recent_forget(self, self->recent);
    recent = memory_new(1, sizeof *recent);
    recent->session = *session;
    recent->outcome = outcome;
    HASH_ADD(hh, self->recent, session, sizeof recent->session, recent);
}

/* Speaking. */

static struct shard_statement statement_to(const struct coordinator *self, uint16_t listener,
                                           const struct digest *session, enum shard_word word,
                                           uint64_t ticket) {
    return (struct shard_statement){
        .word = word,
        .epoch = self->config.map->epoch,
        .speaker = self->config.shard,
        .listener = listener,
        .session = *session,
        .ticket = ticket,
    };
}

static struct frame *sign(struct coordinator *self, const struct shard_statement *statement) {
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    shard_statement_sign(self->config.env, statement, signature);
    struct shard_signed message = {*statement, signature};
    return shard_signed_encode(&message, channel_of(self, statement->listener),
                               self->signature_bytes);
}

static void say(struct coordinator *self, uint16_t listener, const struct digest *session,
                enum shard_word word, uint64_t ticket) {
    struct shard_statement statement = statement_to(self, listener, session, word, ticket);
    const struct committee *to = committee_of(self, listener);
    if (self->mute)
        return;
    env_broadcast(self->config.env, to->members, to->count, sign(self, &statement));
}

static void answer(struct coordinator *self, node_id to, uint16_t listener,
                   const struct digest *session, enum shard_word word, uint64_t ticket) {
    struct shard_statement statement = statement_to(self, listener, session, word, ticket);
    env_send(self->config.env, to, sign(self, &statement));
}

static void tell_origin(struct coordinator *self, node_id origin, const struct digest *session,
                        bool commit) {
    struct shard_result result = {commit ? SHARD_COMMIT : SHARD_ABORT, *session};
    if (self->mute)
        return;
    env_send(self->config.env, origin,
             shard_result_encode(&result, channel_of(self, self->config.shard)));
}

static void remind(struct coordinator *self, const struct session *session, uint16_t shard) {
    struct shard_prepare prepare = {self->config.shard, session->ticket, session->transfer};
    const struct committee *to = committee_of(self, shard);
    env_broadcast(self->config.env, to->members, to->count,
                  shard_prepare_encode(&prepare, channel_of(self, shard), self->signature_bytes));
}

/* Whoever holds a lock for a session that the home shard has aborted may let go. One signature for
 * all members that name the same ticket. */
static void release_askers(struct coordinator *self, const struct session *session,
                           const struct talk *talk) {
    for (size_t place = 0; place < session->shard_count; place++) {
        const struct committee *shard = committee_of(self, session->shards[place]);
        struct frame *frame = NULL;
        uint64_t ticket = 0;
        for (uint32_t i = 0; i < shard->count; i++) {
            const struct heard *heard = talk_heard(&self->hearsay, talk, session, place, i);
            if (heard->word != SHARD_ACCEPT)
                continue;
            if (frame == NULL || heard->ticket != ticket) {
                frame_unref(frame);
                ticket = heard->ticket;
                struct shard_statement statement =
                    statement_to(self, session->shards[place], &session->id, SHARD_ABORT, ticket);
                frame = sign(self, &statement);
            }
            env_send(self->config.env, shard->members[i], frame_ref(frame));
        }
        frame_unref(frame);
    }
}

/* Ordering. */

static int submit(struct coordinator *self, const struct shard_item *item) {
    struct digest key;
    struct frame *frame = shard_item_encode(item, self->config.map, self->signature_bytes);
    shard_item_key(item, &key);
    int error =
        self->config.client.submit(self->config.client.context, &key, frame->bytes, frame->size);
    frame_unref(frame);
    return error;
}

/* Puts a proof up when enough members have said the same, and it is news to the chain. */
static void try_proof(struct coordinator *self, const struct talk *talk,
                      const struct session *session, size_t place,
                      const struct shard_statement *statement) {
    struct shard_item item = {.kind = SHARD_ITEM_PROOF};
    uint8_t *memory;
    if (participant_wants(&self->participant, statement) != OK ||
        talk_prove(&self->hearsay, talk, session, place, statement, &item.proof, &memory) != OK)
        return;
    /* Another attempt is another item: one that was ordered before the session was known here, when
     * it could change nothing, does not stand in the way. */
    item.proof.attempt = talk->retries;
    (void)submit(self, &item);
    free(memory);
}

/* Looks at everything that was heard about a session. */
static void review(struct coordinator *self, const struct talk *talk,
                   const struct session *session) {
    for (size_t place = 0; place < session->shard_count; place++) {
        uint16_t shard = session->shards[place];
        for (uint32_t i = 0; i < committee_of(self, shard)->count; i++) {
            const struct heard *heard = talk_heard(&self->hearsay, talk, session, place, i);
            if (heard->word == 0)
                continue;
            struct shard_statement statement =
                statement_to(self, self->config.shard, &session->id, heard->word, heard->ticket);
            statement.speaker = shard;
            try_proof(self, talk, session, place, &statement);
        }
    }
}

static void start_timer(struct coordinator *self) {
    if (!timer_running(&self->timer))
        env_timer_start(self->config.env, &self->timer, self->config.tick);
}

/* What the replicated state did. */

static void locked(struct coordinator *self, const struct session *session) {
    struct talk *talk = hearsay_open(&self->hearsay, session);
    talk->due = self->config.env->now + self->config.retry;
    start_timer(self);
    if (!session->home)
        say(self, transfer_home(&session->transfer), &session->id, SHARD_ACCEPT, session->ticket);
    review(self, talk, session);
}

static void committed(struct coordinator *self, const struct session *session, struct talk *talk) {
    remember(self, &session->id, SESSION_COMMITS);
    if (!session->home) {
        hearsay_close(&self->hearsay, talk);
        say(self, transfer_home(&session->transfer), &session->id, SHARD_SETTLED, session->ticket);
        return;
    }
    for (size_t i = 0; i < session->shard_count; i++)
        if (session->shards[i] != self->config.shard)
            say(self, session->shards[i], &session->id, SHARD_COMMIT, session->tickets[i]);
    if (talk != NULL) { /* ask for settlement from now on */
        talk->retries = 0;
        talk->due = self->config.env->now + self->config.retry;
    }
    tell_origin(self, session->transfer.origin, &session->id, true);
}

static void aborted(struct coordinator *self, const struct session *session, struct talk *talk) {
    remember(self, &session->id, SESSION_ABORTS);
    if (session->home) {
        if (talk == NULL) /* never locked, but others may have */
            talk = hearsay_open(&self->hearsay, session);
        release_askers(self, session, talk);
        tell_origin(self, session->transfer.origin, &session->id, false);
    }
    hearsay_close(&self->hearsay, talk);
}

static void changed(void *context, const struct session *session, enum session_change change) {
    struct coordinator *self = context;
    struct talk *talk = hearsay_find(&self->hearsay, &session->id);
    switch (change) {
    case SESSION_LOCKS:
        locked(self, session);
        break;
    case SESSION_REJECTS:
        remember(self, &session->id, SESSION_REJECTS);
        say(self, transfer_home(&session->transfer), &session->id, SHARD_REJECT, 0);
        break;
    case SESSION_COMMITS:
        committed(self, session, talk);
        break;
    case SESSION_ABORTS:
        aborted(self, session, talk);
        break;
    case SESSION_RETIRES:
        hearsay_close(&self->hearsay, talk);
        break;
    }
    if (self->config.client.changed != NULL && !self->mute)
        self->config.client.changed(self->config.client.context, session, change);
}

/* Reminders and ticks. */

static void again(struct coordinator *self, struct talk *talk, const struct session *session) {
    uint32_t doublings =
        talk->retries < COORDINATOR_BACKOFF_MAX ? talk->retries : COORDINATOR_BACKOFF_MAX;
    talk->retries++;
    talk->due = self->config.env->now + (self->config.retry << doublings);
    if (!session->home) {
        uint16_t home = transfer_home(&session->transfer);
        remind(self, session, home);
        say(self, home, &session->id, SHARD_ACCEPT, session->ticket);
    }
    for (size_t i = 0; i < session->shard_count && session->home; i++) {
        if (session->shards[i] == self->config.shard)
            continue;
        if (session->state == SESSION_LOCKED && !session->accepted[i])
            remind(self, session, session->shards[i]);
        if (session->state == SESSION_COMMITTED && !session->settled[i])
            say(self, session->shards[i], &session->id, SHARD_COMMIT, session->tickets[i]);
    }
    review(self, talk, session);
}

/* Heights measure a chain's traffic. Where there is none, members make it rise as long as a decision
 * waits for it. The number names the height and the try, so that all members mean the same item. */
static void tick(struct coordinator *self) {
    bool waits = false;
    for (const struct session *session = self->participant.sessions; session != NULL && !waits;
         session = session->hh.next)
        waits = session->home && session->state == SESSION_LOCKED;
    self->quiet = self->participant.height == self->seen_height ? self->quiet + 1 : 0;
    self->seen_height = self->participant.height;
    if (!waits || self->quiet == 0)
        return;
    struct shard_item item = {.kind = SHARD_ITEM_TICK,
                              .tick = self->participant.height << 16 | (self->quiet & 0xffff)};
    (void)submit(self, &item);
}

static void expired(struct timer *timer) {
    struct coordinator *self = container_of(timer, struct coordinator, timer);
    struct talk *talk, *next;
    HASH_ITER(hh, self->hearsay.talks, talk, next) {
        const struct session *session = participant_find(&self->participant, &talk->session);
        if (talk->due <= self->config.env->now)
            again(self, talk, session);
    }
    tick(self);
    if (self->hearsay.talks != NULL)
        start_timer(self);
}

void coordinator_init(struct coordinator *self, const struct coordinator_config *config) {
    *self = (struct coordinator){.config = *config,
                                 .signature_bytes = identity_signature_bytes(config->env)};
    struct participant_config participant = {
        .shard = config->shard,
        .patience = config->patience,
        .signature_bytes = self->signature_bytes,
        .client = {changed, self},
    };
    participant_init(&self->participant, &participant);
    hearsay_init(&self->hearsay, config->map, self->signature_bytes);
    timer_init(&self->timer, expired);
}

void coordinator_deinit(struct coordinator *self) {
    env_timer_stop(self->config.env, &self->timer);
    while (self->recent != NULL)
        recent_forget(self, self->recent);
    hearsay_deinit(&self->hearsay);
    participant_deinit(&self->participant);
}

/* From the chain. */

void coordinator_mute(struct coordinator *self, bool mute) {
    self->mute = mute;
}

bool coordinator_valid(struct coordinator *self, const struct digest *key, const uint8_t *bytes,
                       size_t size) {
    struct shard_item item;
    struct digest own;
    if (shard_item_decode(&item, bytes, size, self->config.map, self->signature_bytes) != OK)
        return false;
    shard_item_key(&item, &own);
    return memcmp(&own, key, sizeof own) == 0 &&
           shard_item_verify(self->config.env, &item, self->config.map, self->config.shard) == OK;
}

void coordinator_height(struct coordinator *self, uint64_t height) {
    participant_advance(&self->participant, height);
}

void coordinator_ordered(struct coordinator *self, const uint8_t *bytes, size_t size,
                         uint64_t height) {
    struct shard_item item;
    coordinator_height(self, height);
    if (shard_item_decode(&item, bytes, size, self->config.map, self->signature_bytes) != OK)
        return; /* a quorum voted for it, so it was valid; only more than f faults lead here */
    /* Without effect when it comes twice or too late: then the state says so, not this member. */
    if (item.kind == SHARD_ITEM_PREPARE)
        (void)participant_prepare(&self->participant, &item.transfer, &item.session);
    else if (item.kind == SHARD_ITEM_PROOF)
        (void)participant_prove(&self->participant, &item.proof.statement);
}

/* From other nodes. */

/* About a session that is not open here. */
static int heard_of_unknown(struct coordinator *self, node_id from, uint32_t member,
                            const struct shard_signed *in) {
    const struct shard_statement *statement = &in->statement;
    const struct recent *recent = recent_find(self, &statement->session);
    /* A lock with a ticket that was given and that is gone was settled. */
    if (statement->word == SHARD_COMMIT && statement->ticket <= self->participant.ticket) {
        answer(self, from, statement->speaker, &statement->session, SHARD_SETTLED,
               statement->ticket);
        return OK;
    }
    /* Decided here and forgotten: aborted, or settled by all, also by the asker's correct members. */
    if (statement->word == SHARD_ACCEPT && recent != NULL && recent->outcome != SESSION_REJECTS) {
        answer(self, from, statement->speaker, &statement->session, SHARD_ABORT, statement->ticket);
        return OK;
    }
    if (recent != NULL)
        return ERR_STALE;
    if (hearsay_early_known(&self->hearsay, member, statement))
        return ERR_DUPLICATE;
    if (!shard_statement_verify(self->config.env, from, statement, in->signature))
        return ERR_SIGNATURE;
    hearsay_note_early(&self->hearsay, member, statement, in->signature);
    return OK;
}

static int heard_of_open(struct coordinator *self, node_id from, uint32_t member,
                         const struct session *session, const struct shard_signed *in) {
    const struct shard_statement *statement = &in->statement;
    size_t place = session_place(session, statement->speaker);
    int error = participant_wants(&self->participant, statement);
    if (error == ERR_STALE && session->home && session->state == SESSION_COMMITTED &&
        statement->word == SHARD_ACCEPT && session->tickets[place] == statement->ticket) {
        answer(self, from, statement->speaker, &session->id, SHARD_COMMIT, statement->ticket);
        return OK;
    }
    if (error != OK)
        return error;
    struct talk *talk = hearsay_find(&self->hearsay, &session->id);
    const struct heard *heard = talk_heard(&self->hearsay, talk, session, place, member);
    if (heard->word == statement->word && heard->ticket == statement->ticket)
        return ERR_DUPLICATE;
    if (!shard_statement_verify(self->config.env, from, statement, in->signature))
        return ERR_SIGNATURE;
    hearsay_note(&self->hearsay, talk, session, place, member, statement, in->signature);
    if (talk_count(&self->hearsay, talk, session, place, statement) ==
        committee_validity(committee_of(self, statement->speaker)))
        try_proof(self, talk, session, place, statement);
    return OK;
}

static int on_statement(struct coordinator *self, node_id from, const struct message *message) {
    struct shard_signed in;
    int error = shard_signed_decode(&in, message, self->signature_bytes);
    if (error != OK)
        return error;
    if (in.statement.epoch != self->config.map->epoch)
        return ERR_STALE;
    if (in.statement.listener != self->config.shard ||
        in.statement.speaker >= self->config.map->count)
        return ERR_INVALID;
    uint32_t member = committee_index(committee_of(self, in.statement.speaker), from);
    if (member == MEMBER_NONE)
        return ERR_NOT_MEMBER;
    const struct session *session = participant_find(&self->participant, &in.statement.session);
    return session == NULL ? heard_of_unknown(self, from, member, &in)
                           : heard_of_open(self, from, member, session, &in);
}

/* A transfer that is open here: the asker gets what was decided, or how we voted. */
static int asked_about_open(struct coordinator *self, node_id from, const struct session *session,
                            const struct shard_prepare *in) {
    if (in->asker == SHARD_NONE)
        return ERR_DUPLICATE;
    if (!session->home) {
        if (in->asker == transfer_home(&session->transfer))
            answer(self, from, in->asker, &session->id, SHARD_ACCEPT, session->ticket);
        return OK;
    }
    size_t place = session_place(session, in->asker);
    if (session->state == SESSION_COMMITTED && session->tickets[place] == in->ticket)
        answer(self, from, in->asker, &session->id, SHARD_COMMIT, in->ticket);
    return OK;
}

/* One that is finished here. ERR_UNKNOWN when it is not, as far as this member knows. */
static int asked_about_past(struct coordinator *self, node_id from, const struct digest *session,
                            const struct shard_prepare *in) {
    const struct recent *recent = recent_find(self, session);
    uint16_t home = transfer_home(&in->transfer);
    if (home != self->config.shard) {
        if (recent == NULL)
            return ERR_UNKNOWN;
        if (recent->outcome == SESSION_REJECTS && in->asker == home)
            answer(self, from, home, session, SHARD_REJECT, 0);
        return OK;
    }
    if (!participant_stale(&self->participant, &in->transfer))
        return ERR_UNKNOWN;
    if (in->ticket != 0) /* presumed abort: commits are remembered until all have settled */
        answer(self, from, in->asker, session, SHARD_ABORT, in->ticket);
    if (in->asker == SHARD_NONE && recent != NULL)
        tell_origin(self, from, session, recent->outcome == SESSION_COMMITS);
    return OK;
}

static bool may_prepare(const struct coordinator *self, node_id from,
                        const struct shard_prepare *in) {
    uint16_t shards[LIMIT_TRANSFER_PARTS];
    size_t count = transfer_shards(&in->transfer, shards);
    if (in->asker == SHARD_NONE)
        return from == in->transfer.origin;
    for (size_t i = 0; i < count; i++)
        if (shards[i] == in->asker && in->asker < self->config.map->count &&
            in->asker != self->config.shard)
            return committee_index(committee_of(self, in->asker), from) != MEMBER_NONE;
    return false;
}

static int on_prepare(struct coordinator *self, node_id from, const struct message *message) {
    struct shard_prepare in;
    struct shard_item item = {.kind = SHARD_ITEM_PREPARE};
    int error = shard_prepare_decode(&in, message, self->signature_bytes);
    if (error != OK)
        return error;
    if (!may_prepare(self, from, &in))
        return ERR_NOT_MEMBER;
    if (in.transfer.epoch != self->config.map->epoch)
        return ERR_STALE;
    item.transfer = in.transfer;
    transfer_session(&in.transfer, &item.session);
    env_charge_hash(self->config.env, transfer_bytes(&in.transfer, 0));
    const struct session *session = participant_find(&self->participant, &item.session);
    if (session != NULL)
        return asked_about_open(self, from, session, &in);
    if (asked_about_past(self, from, &item.session, &in) == OK)
        return OK;
    error = shard_item_verify(self->config.env, &item, self->config.map, self->config.shard);
    return error != OK ? error : submit(self, &item);
}

int coordinator_receive(struct coordinator *self, node_id from, const struct message *message) {
    if (message->type == MESSAGE_SHARD_PREPARE)
        return on_prepare(self, from, message);
    if (message->type == MESSAGE_SHARD_STATEMENT)
        return on_statement(self, from, message);
    return ERR_UNKNOWN_TYPE;
}
