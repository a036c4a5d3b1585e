/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/honeybadger/honeybadger.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "consensus/honeybadger/instance.h"
#include "crypto/identity.h"

enum { VIEW_START, VIEW_NEXT }; /* causes in traces */

/* Joining: the current epoch's state is made when it is first needed. */

static struct epoch *current_epoch(struct honeybadger *self) {
    if (self->current == NULL && store_allows(self, self->number)) {
        self->current = epoch_new(self, self->number);
        store_restore(self->current);
        if (self->number > self->promised)
            store_forget(self); /* the lives before have nothing more to say */
    }
    return self->current;
}

static void open_epoch(struct honeybadger *self) {
    struct epoch *epoch = current_epoch(self);
    if (epoch != NULL && !epoch->open)
        epoch_open(epoch);
}

/* @member has opened the current epoch; with f + 1 one of them is correct and has a reason. */
static void note_opened(struct honeybadger *self, struct epoch *epoch, uint32_t member) {
    member_set_add(&epoch->opened, member);
    if (!epoch->open &&
        member_set_count(&epoch->opened) >= committee_validity(&self->base.committee))
        epoch_open(epoch);
}

static int hear(struct honeybadger *self, uint32_t lane, uint32_t member,
                const struct message *message) {
    struct epoch *epoch = current_epoch(self);
    if (epoch == NULL)
        return ERR_UNSAFE; /* an earlier life took part in it, and forgot what it said */
    int error = epoch_receive(epoch, lane, member, message);
    if (error == OK && message->type == MESSAGE_BROADCAST_VAL)
        note_opened(self, epoch, member);
    return error;
}

/* Messages of the next epoch wait until the current one has ended. */

static int keep_early(struct honeybadger *self, uint32_t member, struct frame *frame) {
    if (self->early_messages[member] == HONEYBADGER_EARLY_MESSAGES * members_of(self) ||
        self->early_bytes[member] + frame->size > LIMIT_FRAME_BYTES)
        return ERR_LIMIT;
    if (self->early_count == self->early_capacity) {
        self->early_capacity = self->early_capacity == 0 ? 64 : 2 * self->early_capacity;
        self->early = memory_resize(self->early, self->early_capacity, sizeof *self->early);
    }
    self->early_messages[member]++;
    self->early_bytes[member] += frame->size;
    self->early[self->early_count++] = (struct early){member, frame_ref(frame)};
    return OK;
}

/* Hands over what was kept, or what of it still counts after others' outcomes were taken. */
static void replay_early(struct honeybadger *self) {
    for (size_t i = 0; i < self->early_count; i++) {
        struct message message;
        struct reader reader;
        int error = message_parse(&message, self->early[i].frame);
        assert(error == OK); /* it was when it came */
        reader_init(&reader, message.body, message.size);
        const uint64_t instance = read_u64(&reader);
        error = instance >> 8 == self->number
                    ? hear(self, instance & 0xff, self->early[i].member, &message)
                    : ERR_STALE;
        if (error != OK)
            env_drop(self->base.env, message.type, error);
        frame_unref(self->early[i].frame);
    }
    self->early_count = 0;
    for (uint32_t i = 0; i < members_of(self); i++) {
        self->early_messages[i] = 0;
        self->early_bytes[i] = 0;
    }
}

/* What has to be done at the end of every step. */

static void begin_epoch(struct honeybadger *self) {
    env_trace(self->base.env, TRACE_VIEW, trace_pair(self->base.channel, self->number), VIEW_NEXT);
    if (self->number <= self->promised)
        (void)current_epoch(self); /* an earlier life took part in it: so it goes on */
    replay_early(self);
}

static bool end_epoch(struct honeybadger *self) {
    struct frame *known = store_known_outcome(self);
    if (known != NULL) {
        ledger_append(self, known, true);
        return true;
    }
    if (self->base.client.pending(self->base.client.context))
        open_epoch(self);
    if (self->current != NULL) {
        epoch_vote(self->current);
        struct frame *outcome = epoch_outcome(self->current);
        if (outcome != NULL) {
            ledger_append_new(self, outcome);
            return true;
        }
    }
    return ledger_adopt(self);
}

/* f + 1 members are further: at least one correct member is. */
static bool is_behind(const struct honeybadger *self) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < members_of(self); i++)
        count += self->ahead[i] > self->number;
    return count >= committee_validity(&self->base.committee) || self->number < self->promised;
}

static bool is_unsettled(const struct epoch *epoch) {
    return epoch != NULL && epoch->open && !epoch_is_settled(epoch);
}

static bool is_waiting(const struct honeybadger *self) {
    return (self->current != NULL && self->current->open) || is_unsettled(self->previous) ||
           is_behind(self) || self->base.client.pending(self->base.client.context);
}

static void start_sync_timer(struct honeybadger *self) {
    const uint32_t doublings =
        self->pauses < HONEYBADGER_DOUBLINGS ? self->pauses : HONEYBADGER_DOUBLINGS;
    const time_ns pause = self->base.view_timeout / HONEYBADGER_SYNC_PER_VIEW;
    env_timer_start(self->base.env, &self->sync_timer, pause << doublings);
}

static void settle(struct honeybadger *self) {
    const uint64_t before = self->number;
    if (self->settling)
        return; /* the client pokes from within decide */
    self->settling = true;
    while (end_epoch(self))
        begin_epoch(self);
    self->settling = false;
    if (!is_waiting(self))
        env_timer_stop(self->base.env, &self->sync_timer);
    else if (self->number > before || !timer_running(&self->sync_timer))
        start_sync_timer(self);
}

/* Asking again. */

static void fetch(struct honeybadger *self, uint64_t number, const struct epoch *epoch) {
    uint8_t progress[LIMIT_COMMITTEE] = {0};
    const struct honeybadger_fetch fetch = {number, epoch != NULL && epoch->open, progress};
    if (epoch != NULL)
        epoch_progress(epoch, progress);
    consensus_broadcast(&self->base,
                        honeybadger_write_fetch(self->base.channel, members_of(self), &fetch));
}

static void on_sync_timer(struct timer *timer) {
    struct honeybadger *self = container_of(timer, struct honeybadger, sync_timer);
    if (is_unsettled(self->previous))
        fetch(self, self->previous->number, self->previous);
    fetch(self, self->number, self->current);
    self->pauses++;
    start_sync_timer(self);
    if (self->current != NULL)
        epoch_reconsider(self->current, false);
    settle(self);
}

static void note_ahead(struct honeybadger *self, uint32_t member, uint64_t number) {
    if (number > self->ahead[member])
        self->ahead[member] = number;
}

/* Who took the last outcome from others without a part in the epoch still lends its weight when a
 * member asks for it: what it says is that it knows the outcome. */
static void revive_previous(struct honeybadger *self) {
    struct batch batches[LIMIT_COMMITTEE];
    const struct honeybadger_outcome outcome = ledger_outcome(self->ledger[self->number - 2]);
    if (self->previous != NULL || self->number <= self->promised)
        return;
    (void)honeybadger_read_outcome(&outcome, &self->base.committee, batches); /* was checked */
    self->previous = epoch_new(self, self->number - 1);
    epoch_learn(self->previous, batches);
}

static int on_fetch(struct honeybadger *self, uint32_t member, const struct message *message) {
    const node_id to = self->base.committee.members[member];
    const time_ns now = self->base.env->now;
    struct honeybadger_fetch fetch;
    int error = honeybadger_read_fetch(message, members_of(self), &fetch);
    if (error != OK)
        return error;
    note_ahead(self, member, fetch.epoch);
    if (fetch.epoch < self->number && quota_take(&self->outcomes_told, member, now))
        ledger_report(self, to, fetch.epoch);
    if (fetch.epoch == self->number && fetch.open && current_epoch(self) != NULL)
        note_opened(self, self->current, member);
    if (!quota_take(&self->repeats, member, now))
        return ERR_LIMIT;
    if (fetch.epoch + 1 == self->number && fetch.open)
        revive_previous(self);
    if (fetch.epoch + 1 == self->number && self->previous != NULL)
        epoch_repeat(self->previous, to, fetch.progress);
    if (fetch.epoch == self->number && self->current != NULL)
        epoch_repeat(self->current, to, fetch.progress);
    return OK;
}

static int on_decided(struct honeybadger *self, uint32_t member, const struct message *message) {
    const uint64_t before = self->number;
    int error = ledger_on_decided(self, member, message);
    if (error != OK)
        return error;
    settle(self);
    if (self->number > before)
        fetch(self, self->number, self->current); /* until there is nothing more */
    return OK;
}

/* A message of a broadcast or an agreement: its body starts with epoch and lane. */
static int on_lane(struct honeybadger *self, uint32_t member, const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    const uint64_t instance = read_u64(&reader);
    const uint64_t number = instance >> 8;
    const uint32_t lane = instance & 0xff;
    if (reader.error != OK)
        return reader.error;
    if (lane >= members_of(self))
        return ERR_UNKNOWN;
    note_ahead(self, member, number);
    if (number == self->number)
        return hear(self, lane, member, message);
    if (number == self->number + 1)
        return keep_early(self, member, message->frame);
    if (number > self->number)
        return ERR_FUTURE;
    if (number + 1 == self->number && self->previous != NULL)
        return epoch_receive(self->previous, lane, member, message);
    return ERR_STALE;
}

static int receive(struct consensus *base, node_id from, const struct message *message) {
    struct honeybadger *self = honeybadger_of(base);
    const uint32_t member = committee_index(&base->committee, from);
    int error;
    if (message->type == MESSAGE_HONEYBADGER_DECIDED)
        return on_decided(self, member, message);
    if (message->type == MESSAGE_HONEYBADGER_FETCH)
        error = on_fetch(self, member, message);
    else if (message->type >= MESSAGE_ABBA_BVAL && message->type <= MESSAGE_BROADCAST_READY)
        error = on_lane(self, member, message);
    else
        return ERR_UNKNOWN_TYPE;
    settle(self); /* also a message that was dropped may show that others are ahead */
    return error;
}

/* Of a proposal with its form: all of an epoch must fit into one message. */
static size_t proposal_limit(uint32_t members) {
    return size_min(LIMIT_BATCH_BYTES, HONEYBADGER_OUTCOME_BYTES / members);
}

static size_t batch_limit(uint32_t members) {
    return proposal_limit(members) - 1; /* behind the form */
}

static void init(struct consensus *base, const struct consensus_config *config) {
    struct honeybadger *self = honeybadger_of(base);
    const uint32_t members = base->committee.count;
    const uint32_t faults = committee_faults(&base->committee);
    assert(members <= LIMIT_PIECES);
    int error = group_keys_deal(&self->keys, &frost_ristretto255, members, faults + 1,
                                base->env->identity->directory->seed, base->channel, "coin");
    if (error == OK)
        error = erasure_code_init(&self->code, members - 2 * faults, members, 2);
    assert(error == OK);
    common_coin_init(&self->coin, base->env, &self->keys, base->self_index);
    self->limit = proposal_limit(members);
    self->number = 1;
    self->ahead = memory_new(members, sizeof *self->ahead);
    self->reports = memory_new(members, sizeof *self->reports);
    self->early_messages = memory_new(members, sizeof *self->early_messages);
    self->early_bytes = memory_new(members, sizeof *self->early_bytes);
    quota_init(&self->outcomes_told, members, HONEYBADGER_TOLD,
               base->view_timeout / HONEYBADGER_TOLD);
    quota_init(&self->repeats, members, HONEYBADGER_REPEATS,
               base->view_timeout / HONEYBADGER_REPEATS);
    timer_init(&self->sync_timer, on_sync_timer);
    store_keep(self, config->records, config->record_count);
}

static void start(struct consensus *base) {
    struct honeybadger *self = honeybadger_of(base);
    env_trace(base->env, TRACE_VIEW, trace_pair(base->channel, self->number), VIEW_START);
    const bool recovered = self->promised > 0;
    if (recovered)
        (void)current_epoch(self);
    settle(self);
    if (recovered)
        fetch(self, self->number, self->current);
}

static void poke(struct consensus *base) {
    struct honeybadger *self = honeybadger_of(base);
    if (self->current != NULL && !self->settling)
        epoch_reconsider(self->current, true);
    settle(self);
}

static void observe(const struct consensus *base, struct consensus_view *view) {
    const struct honeybadger *self = (const struct honeybadger *)base;
    *view = (struct consensus_view){
        .view = self->number,
        .height = self->height,
        .high_view = self->promised,
        .leader = NODE_NONE,
    };
}

static void deinit(struct consensus *base) {
    struct honeybadger *self = honeybadger_of(base);
    env_timer_stop(base->env, &self->sync_timer);
    epoch_free(self->current);
    epoch_free(self->previous);
    for (uint64_t i = 0; i + 1 < self->number; i++)
        frame_unref(self->ledger[i]);
    for (uint32_t i = 0; i < base->committee.count; i++)
        frame_unref(self->reports[i]);
    for (size_t i = 0; i < self->early_count; i++)
        frame_unref(self->early[i].frame);
    store_forget(self);
    common_coin_deinit(&self->coin);
    group_keys_deinit(&self->keys);
    erasure_code_deinit(&self->code);
    free(self->ledger);
    free(self->ahead);
    free(self->reports);
    free(self->early);
    free(self->early_messages);
    free(self->early_bytes);
    quota_deinit(&self->outcomes_told);
    quota_deinit(&self->repeats);
}

const struct consensus_ops honeybadger_ops = {
    .name = "honeybadger",
    .description = "no leader, no assumption about time: n broadcasts, n binary agreements",
    .source = "Miller, Xia, Croman, Shi, Song: The Honey Badger of BFT Protocols, CCS 2016",
    .good_case_hops = 5,
    .members_max = LIMIT_PIECES, /* a fragment each */
    .batch_limit = batch_limit,
    .size = sizeof(struct honeybadger),
    .init = init,
    .start = start,
    .poke = poke,
    .receive = receive,
    .observe = observe,
    .deinit = deinit,
};
