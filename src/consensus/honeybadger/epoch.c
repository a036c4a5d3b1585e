/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An epoch: the asynchronous common subset (HoneyBadgerBFT, figure 4). A proposal is a byte that says
 * in which form the batch follows (0: plain), and the batch, which may be empty. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "consensus/honeybadger/instance.h"

enum { FORM_PLAIN = 0 };

static void persist_broadcast(void *context) {
    store_broadcast(context);
}

static void persist_agreement(void *context) {
    store_agreement(context);
}

/* Epoch and lane in one number, as messages and traces name it. */
static uint64_t instance_of(const struct lane *lane) {
    return lane->epoch->number << 8 | lane->index;
}

static void start_lane(struct lane *lane) {
    struct honeybadger *self = lane->epoch->owner;
    const struct broadcast_config broadcast = {
        .env = self->base.env,
        .committee = self->base.committee,
        .self = self->base.self_index,
        .sender = lane->index,
        .channel = self->base.channel,
        .instance = instance_of(lane),
        .limit = self->limit,
        .code = &self->code,
        .client = {persist_broadcast, NULL, lane},
    };
    const struct abba_config agreement = {
        .env = self->base.env,
        .committee = self->base.committee,
        .self = self->base.self_index,
        .channel = self->base.channel,
        .instance = instance_of(lane),
        .coin = &self->coin,
        .coins = ABBA_COINS_CHEAP,
        .client = {persist_agreement, NULL, lane},
    };
    broadcast_init(&lane->broadcast, &broadcast);
    abba_init(&lane->agreement, &agreement);
}

struct epoch *epoch_new(struct honeybadger *self, uint64_t number) {
    struct epoch *epoch = memory_new(1, sizeof *epoch);
    epoch->owner = self;
    epoch->number = number;
    epoch->lanes = memory_new(members_of(self), sizeof *epoch->lanes);
    for (uint32_t i = 0; i < members_of(self); i++) {
        epoch->lanes[i].epoch = epoch;
        epoch->lanes[i].index = i;
        start_lane(&epoch->lanes[i]);
    }
    return epoch;
}

void epoch_free(struct epoch *epoch) {
    if (epoch == NULL)
        return;
    for (uint32_t i = 0; i < members_of(epoch->owner); i++) {
        broadcast_deinit(&epoch->lanes[i].broadcast);
        abba_deinit(&epoch->lanes[i].agreement);
    }
    frame_unref(epoch->proposal);
    free(epoch->lanes);
    free(epoch);
}

/* The part of the transactions that @proposer may propose: another one in each epoch. */
static struct part part_of(const struct epoch *epoch, uint32_t proposer) {
    const uint32_t count = members_of(epoch->owner);
    return (struct part){(uint32_t)((proposer + epoch->number) % count), count,
                         epoch->owner->base.batch_limit};
}

void epoch_open(struct epoch *epoch) {
    struct honeybadger *self = epoch->owner;
    const struct consensus_client *client = &self->base.client;
    struct broadcast *own = &epoch->lanes[self->base.self_index].broadcast;
    struct frame *batch =
        client->next_batch(client->context, NULL, 0, part_of(epoch, self->base.self_index));
    if (batch != NULL && batch->size >= self->limit) { /* the client ignored the part's limit */
        frame_unref(batch);
        batch = NULL;
    }
    epoch->open = true;
    epoch->proposal = frame_new(1 + (batch == NULL ? 0 : batch->size));
    epoch->proposal->bytes[0] = FORM_PLAIN;
    if (batch != NULL)
        memcpy(epoch->proposal->bytes + 1, batch->bytes, batch->size);
    frame_unref(batch);
    store_proposal(epoch);
    int error = broadcast_start(own, epoch->proposal->bytes, epoch->proposal->size);
    assert(error == OK);
    env_trace(self->base.env, TRACE_PROPOSED, trace_pair(self->base.channel, epoch->number),
              trace_digest(&own->built));
}

int epoch_receive(struct epoch *epoch, uint32_t lane, uint32_t member,
                  const struct message *message) {
    if (message->type >= MESSAGE_BROADCAST_VAL && message->type <= MESSAGE_BROADCAST_READY)
        return broadcast_receive(&epoch->lanes[lane].broadcast, member, message);
    return abba_receive(&epoch->lanes[lane].agreement, member, message);
}

static struct batch batch_of(const struct lane *lane) {
    return (struct batch){lane->broadcast.pieces + 1, lane->broadcast.size - 1};
}

static bool is_valid(struct lane *lane) {
    const struct consensus_client *client = &lane->epoch->owner->base.client;
    const struct batch batch = batch_of(lane);
    if (lane->checked)
        return false;
    lane->checked = true;
    if (lane->broadcast.pieces[0] != FORM_PLAIN)
        return false;
    return batch.size == 0 ||
           client->valid(client->context, batch, part_of(lane->epoch, lane->index));
}

void epoch_reconsider(struct epoch *epoch, bool poke) {
    for (uint32_t i = 0; i < members_of(epoch->owner); i++) {
        struct lane *lane = &epoch->lanes[i];
        lane->pokes = poke ? lane->pokes + 1 : 0;
        if (lane->pokes < HONEYBADGER_CHECKS)
            lane->checked = false;
    }
}

static void vote(struct lane *lane, bool value) {
    lane->voted = true;
    (void)abba_input(&lane->agreement, value); /* the agreement may be further than that */
}

/* "upon delivery of v_j from RBC_j, if input has not yet been provided to BA_j, then provide input 1
 * to BA_j. upon delivery of value 1 from at least N - f instances of BA, provide input 0 to each
 * instance of BA that has not yet been provided input." */
void epoch_vote(struct epoch *epoch) {
    const uint32_t count = members_of(epoch->owner);
    uint32_t accepted = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct lane *lane = &epoch->lanes[i];
        if (!lane->voted && lane->broadcast.delivered && is_valid(lane))
            vote(lane, true);
    }
    for (uint32_t i = 0; i < count; i++)
        accepted += epoch->lanes[i].agreement.decided && epoch->lanes[i].agreement.value;
    for (uint32_t i = 0; i < count && accepted >= committee_quorum(&epoch->owner->base.committee);
         i++)
        if (!epoch->lanes[i].voted)
            vote(&epoch->lanes[i], false);
}

/* "Once all instances of BA have completed, let C be the indexes of each BA that delivered 1. Wait
 * for the output v_j for each RBC_j such that j in C. Finally output the union of these." */
struct frame *epoch_outcome(const struct epoch *epoch) {
    const uint32_t count = members_of(epoch->owner);
    struct batch batches[LIMIT_COMMITTEE] = {{NULL, 0}};
    for (uint32_t i = 0; i < count; i++) {
        const struct lane *lane = &epoch->lanes[i];
        if (!lane->agreement.decided)
            return NULL;
        if (!lane->agreement.value)
            continue;
        if (!lane->broadcast.delivered)
            return NULL;
        batches[i] = batch_of(lane);
    }
    return honeybadger_write_outcome(epoch->number, batches, count);
}

void epoch_learn(struct epoch *epoch, const struct batch *batches) {
    for (uint32_t i = 0; i < members_of(epoch->owner); i++)
        abba_learn(&epoch->lanes[i].agreement, batches[i].bytes != NULL);
}

static bool has_agreed(const struct lane *lane) {
    return lane->agreement.stopped || lane->agreement.halted;
}

bool epoch_is_settled(const struct epoch *epoch) {
    for (uint32_t i = 0; i < members_of(epoch->owner); i++)
        if (!has_agreed(&epoch->lanes[i]))
            return false;
    return true;
}

void epoch_progress(const struct epoch *epoch, uint8_t *progress) {
    const uint32_t self = epoch->owner->base.self_index;
    for (uint32_t i = 0; i < members_of(epoch->owner); i++) {
        const struct lane *lane = &epoch->lanes[i];
        progress[i] = (uint8_t)((lane->broadcast.echoes[self].frame != NULL ? HAS_VALUE : 0) |
                                (lane->broadcast.delivered ? HAS_DELIVERED : 0) |
                                (has_agreed(lane) ? HAS_AGREED : 0));
    }
}

void epoch_repeat(struct epoch *epoch, node_id to, const uint8_t *progress) {
    for (uint32_t i = 0; i < members_of(epoch->owner); i++) {
        struct lane *lane = &epoch->lanes[i];
        if ((progress[i] & HAS_DELIVERED) == 0)
            broadcast_repeat(&lane->broadcast, to, (progress[i] & HAS_VALUE) == 0);
        if ((progress[i] & HAS_AGREED) == 0)
            abba_repeat(&lane->agreement, to);
    }
}
