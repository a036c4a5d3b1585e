/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tier/uplink.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/error.h"
#include "base/memory.h"

struct upward_batch {
    uint64_t height;
    UT_hash_handle hh; /* its application order is the order of arrival */
    struct uplink *uplink;
    struct digest key;
    struct frame *frame; /* batch.up as sent */
    struct member_set receipts;
    struct ask ask;
};

void uplink_init(struct uplink *uplink, const struct uplink_config *config) {
    *uplink = (struct uplink){.config = *config};
}

static void batch_free(struct upward_batch *batch) {
    struct uplink *uplink = batch->uplink;
    if (uplink->next == batch)
        uplink->next = batch->hh.next;
    uplink->under_way -= ask_running(&batch->ask);
    ask_end(&batch->ask);
    HASH_DEL(uplink->batches, batch);
    frame_unref(batch->frame);
    free(batch);
}

void uplink_deinit(struct uplink *uplink) {
    struct upward_batch *batch, *next;
    HASH_ITER(hh, uplink->batches, batch, next)
    batch_free(batch);
}

size_t uplink_count(const struct uplink *uplink) {
    return HASH_COUNT(uplink->batches);
}

static void send(const struct upward_batch *batch) {
    const struct uplink_config *config = &batch->uplink->config;
    for (uint32_t i = 0; i < config->continent.count; i++)
        if (!member_set_has(&batch->receipts, i))
            env_send(config->env, config->continent.members[i], frame_ref(batch->frame));
}

static void again(struct ask *ask) {
    send(container_of(ask, struct upward_batch, ask));
}

static void fill_window(struct uplink *uplink) {
    while (uplink->next != NULL && uplink->under_way < UPLINK_WINDOW) {
        struct upward_batch *batch = uplink->next;
        uplink->next = batch->hh.next;
        uplink->under_way++;
        send(batch);
        ask_begin(&batch->ask);
    }
}

void uplink_send(struct uplink *uplink, const struct batch_up *up) {
    struct env *env = uplink->config.env;
    struct upward_batch *batch;
    HASH_FIND(hh, uplink->batches, &up->height, sizeof up->height, batch);
    if (uplink->config.continent.count == 0 || batch != NULL)
        return;
    if (HASH_COUNT(uplink->batches) == UPLINK_BATCHES) {
        env_drop(env, MESSAGE_BATCH_UP, ERR_LIMIT);
        batch_free(uplink->batches);
    }
    batch = memory_new(1, sizeof *batch);
    batch->uplink = uplink;
    batch->height = up->height;
    batch->frame = batch_up_frame(env, up, &batch->key);
    ask_init(&batch->ask,
             &(struct ask_config){.env = env, .base = uplink->config.retry, .again = again});
    HASH_ADD(hh, uplink->batches, height, sizeof batch->height, batch);
    if (uplink->next == NULL)
        uplink->next = batch;
    fill_window(uplink);
}

int uplink_receipt(struct uplink *uplink, node_id from, const struct message *message) {
    struct batch_receipt receipt;
    struct upward_batch *batch;
    int error = batch_receipt_read(message, &receipt);
    if (error != OK)
        return error;
    uint32_t member = committee_index(&uplink->config.continent, from);
    if (member == MEMBER_NONE)
        return ERR_NOT_MEMBER;
    HASH_FIND(hh, uplink->batches, &receipt.height, sizeof receipt.height, batch);
    if (batch == NULL)
        return OK;
    if (memcmp(&batch->key, &receipt.key, sizeof receipt.key) != 0)
        return ERR_MISMATCH;
    member_set_add(&batch->receipts, member);
    if (ack_rule_met(&uplink->config.enough, &uplink->config.continent, &batch->receipts)) {
        batch_free(batch);
        fill_window(uplink);
    }
    return OK;
}
