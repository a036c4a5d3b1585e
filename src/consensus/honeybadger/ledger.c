/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chain of outcomes, and how those who lag come by it. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "consensus/honeybadger/instance.h"
#include "crypto/identity.h"

static const uint8_t block_domain[16] = "tierchain/badg/1";

/* A block's name binds epoch, proposer, content and the chain before it. */
static void extend_chain(struct honeybadger *self, uint32_t member, const struct batch *batch) {
    uint8_t bytes[sizeof block_domain + 8 + 2 + 2 * DIGEST_BYTES];
    struct digest content;
    struct writer writer;
    identity_hash(self->base.env, &content, batch->bytes, batch->size);
    writer_init(&writer, bytes, sizeof bytes);
    write_bytes(&writer, block_domain, sizeof block_domain);
    write_u64(&writer, self->number);
    write_u16(&writer, (uint16_t)member);
    write_digest(&writer, &self->chain);
    write_digest(&writer, &content);
    identity_hash(self->base.env, &self->chain, bytes, sizeof bytes);
}

static void report(struct honeybadger *self, uint32_t member, const struct batch *batch,
                   bool again) {
    const struct consensus_client *client = &self->base.client;
    extend_chain(self, member, batch);
    self->height++;
    const struct decision decision = {
        .height = self->height,
        .view = self->number,
        .proposer = self->base.committee.members[member],
        .block = self->chain,
        .batch = *batch,
        .again = again,
    };
    if (!again)
        env_trace(self->base.env, TRACE_DECIDED, trace_pair(self->base.channel, self->height),
                  trace_digest(&self->chain));
    client->decide(client->context, &decision);
}

struct honeybadger_outcome ledger_outcome(const struct frame *frame) {
    return (struct honeybadger_outcome){frame->bytes + 8, frame->size - 8};
}

void ledger_append(struct honeybadger *self, struct frame *frame, bool again) {
    const struct honeybadger_outcome outcome = ledger_outcome(frame);
    struct batch batches[LIMIT_COMMITTEE];
    (void)honeybadger_read_outcome(&outcome, &self->base.committee, batches); /* was checked */
    if (self->number > self->ledger_capacity) {
        self->ledger_capacity = 2 * self->number;
        self->ledger = memory_resize(self->ledger, self->ledger_capacity, sizeof *self->ledger);
    }
    self->ledger[self->number - 1] = frame;
    if (self->current != NULL)
        epoch_learn(self->current, batches);
    for (uint32_t i = 0; i < members_of(self); i++)
        if (batches[i].size > 0)
            report(self, i, &batches[i], again);
    epoch_free(self->previous);
    self->previous = self->current;
    self->current = NULL;
    self->number++;
    self->pauses = 0;
}

void ledger_append_new(struct honeybadger *self, struct frame *frame) {
    store_outcome(self, frame);
    ledger_append(self, frame, false);
}

void ledger_report(struct honeybadger *self, node_id to, uint64_t first) {
    struct honeybadger_decided decided = {.first = first};
    size_t size = 0;
    while (first + decided.count < self->number && decided.count < HONEYBADGER_OUTCOMES_MAX &&
           size < HONEYBADGER_REPLY_BYTES) {
        const struct frame *frame = self->ledger[first + decided.count - 1];
        /* One outcome always fits, another large one may not. */
        if (decided.count > 0 && size + frame->size > HONEYBADGER_REPLY_BYTES)
            break;
        decided.outcomes[decided.count++] = ledger_outcome(frame);
        size += frame->size;
    }
    struct frame *frame = honeybadger_write_decided(self->base.channel, &decided);
    if (frame != NULL)
        env_send(self->base.env, to, frame);
}

int ledger_on_decided(struct honeybadger *self, uint32_t member, const struct message *message) {
    struct honeybadger_decided decided;
    int error = honeybadger_read_decided(message, &self->base.committee, &decided);
    if (error != OK)
        return error;
    if (decided.first > self->number)
        return ERR_FUTURE;
    if (decided.first + decided.count <= self->number)
        return ERR_STALE;
    frame_unref(self->reports[member]);
    self->reports[member] = frame_ref(message->frame);
    return OK;
}

/* What @member reports of the current epoch; its last report is dropped when it is too old. */
static bool reported(struct honeybadger *self, uint32_t member, struct honeybadger_outcome *out) {
    struct honeybadger_decided decided;
    struct message message;
    if (self->reports[member] == NULL)
        return false;
    bool covers = message_parse(&message, self->reports[member]) == OK &&
                  honeybadger_read_decided(&message, &self->base.committee, &decided) == OK &&
                  decided.first <= self->number && decided.first + decided.count > self->number;
    if (covers) {
        *out = decided.outcomes[self->number - decided.first];
        return true;
    }
    frame_unref(self->reports[member]);
    self->reports[member] = NULL;
    return false;
}

static void adopt(struct honeybadger *self, const struct honeybadger_outcome *outcome) {
    struct batch batches[LIMIT_COMMITTEE];
    (void)honeybadger_read_outcome(outcome, &self->base.committee, batches); /* was checked */
    ledger_append_new(self, honeybadger_write_outcome(self->number, batches, members_of(self)));
}

/* f + 1 equal reports: one of them is a correct member's. */
bool ledger_adopt(struct honeybadger *self) {
    struct honeybadger_outcome outcomes[LIMIT_COMMITTEE];
    uint32_t count = 0;
    for (uint32_t i = 0; i < members_of(self); i++)
        count += reported(self, i, &outcomes[count]);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t equal = 0;
        for (uint32_t j = 0; j < count; j++)
            equal += outcomes[j].size == outcomes[i].size &&
                     memcmp(outcomes[j].bytes, outcomes[i].bytes, outcomes[i].size) == 0;
        if (equal < committee_validity(&self->base.committee))
            continue;
        adopt(self, &outcomes[i]);
        return true;
    }
    return false;
}
