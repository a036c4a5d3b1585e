/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/observe/announcements.h"

#include <stdlib.h>
#include <uthash.h>

#include "base/error.h"
#include "base/memory.h"
#include "sim/report/statistics.h"
#include "wire/message.h"

struct announcement_sent {
    uint64_t key; /* as traced: channel and height */
    time_ns at;
    node_id announcer;
    uint64_t last_hop; /* of its counted deliveries */
    UT_hash_handle hh;
};

struct announcement_delivery {
    struct announcement_sent *sent;
    node_id node;
    time_ns latency;
    uint64_t hops;
};

void announcements_init(struct announcements *announcements, uint32_t node_count, time_ns from,
                        time_ns until) {
    *announcements = (struct announcements){.from = from, .until = until};
    announcements->node_count = node_count;
    announcements->alive_since = memory_new(node_count, sizeof *announcements->alive_since);
    for (node_id node = 0; node < node_count; node++)
        announcements->alive_since[node] = TIME_NEVER;
}

void announcements_deinit(struct announcements *announcements) {
    struct announcement_sent *sent, *next;
    HASH_ITER(hh, announcements->sent, sent, next) {
        HASH_DEL(announcements->sent, sent);
        free(sent);
    }
    free(announcements->deliveries);
    free(announcements->alive_since);
    *announcements = (struct announcements){0};
}

void announcements_alive(struct announcements *announcements, node_id node, time_ns now) {
    announcements->alive_since[node] = now;
}

void announcements_dead(struct announcements *announcements, node_id node) {
    announcements->alive_since[node] = TIME_NEVER;
}

static struct announcement_sent *find(const struct announcements *announcements, uint64_t key) {
    struct announcement_sent *sent;
    HASH_FIND(hh, announcements->sent, &key, sizeof key, sent);
    return sent;
}

/* A representative that restarts announces what it catches up on again: the first time counts. */
static void on_sent(struct announcements *announcements, const struct trace_record *record) {
    if (record->time < announcements->from || record->time >= announcements->until ||
        find(announcements, record->a) != NULL)
        return;
    struct announcement_sent *sent = memory_new(1, sizeof *sent);
    sent->key = record->a;
    sent->at = record->time;
    sent->announcer = record->node;
    HASH_ADD(hh, announcements->sent, key, sizeof sent->key, sent);
}

static void on_delivered(struct announcements *announcements, const struct trace_record *record) {
    struct announcement_sent *sent = find(announcements, record->a);
    announcements->received += record->time >= announcements->from;
    if (sent == NULL)
        return;
    if (announcements->delivery_count == announcements->delivery_capacity) {
        announcements->delivery_capacity = 2 * announcements->delivery_capacity + 1024;
        announcements->deliveries =
            memory_resize(announcements->deliveries, announcements->delivery_capacity,
                          sizeof *announcements->deliveries);
    }
    announcements->deliveries[announcements->delivery_count++] =
        (struct announcement_delivery){sent, record->node, record->time - sent->at, record->b};
}

void announcements_record(struct announcements *announcements, const struct trace_record *record) {
    if (record->point == TRACE_ANNOUNCE)
        on_sent(announcements, record);
    else if (record->point == TRACE_ANNOUNCED)
        on_delivered(announcements, record);
    else if (record->point == TRACE_DROPPED && record->a == MESSAGE_PLUMTREE_GOSSIP &&
             record->b == (uint64_t)-ERR_DUPLICATE && record->time >= announcements->from)
        announcements->redundant++;
}

static bool should_reach(const struct announcements *announcements,
                         const struct announcement_sent *sent, node_id node) {
    return node != sent->announcer && announcements->alive_since[node] <= sent->at;
}

static void count_expected(const struct announcements *announcements,
                           struct announcement_totals *out) {
    for (struct announcement_sent *sent = announcements->sent; sent != NULL; sent = sent->hh.next) {
        out->sent++;
        sent->last_hop = 0;
        for (node_id node = 0; node < announcements->node_count; node++)
            out->expected += should_reach(announcements, sent, node);
    }
}

void announcements_total(const struct announcements *announcements,
                         struct announcement_totals *out) {
    *out = (struct announcement_totals){
        .received = announcements->received,
        .redundant = announcements->redundant,
    };
    int64_t *latencies = memory_new(announcements->delivery_count, sizeof *latencies);
    count_expected(announcements, out);
    for (size_t i = 0; i < announcements->delivery_count; i++) {
        const struct announcement_delivery *delivery = &announcements->deliveries[i];
        struct announcement_sent *sent = delivery->sent;
        if (!should_reach(announcements, sent, delivery->node))
            continue;
        latencies[out->reached++] = delivery->latency;
        sent->last_hop = delivery->hops > sent->last_hop ? delivery->hops : sent->last_hop;
    }
    for (struct announcement_sent *sent = announcements->sent; sent != NULL; sent = sent->hh.next) {
        out->last_hops += sent->last_hop;
        out->last_hop_max = sent->last_hop > out->last_hop_max ? sent->last_hop : out->last_hop_max;
    }
    statistics_sort(latencies, out->reached);
    out->latencies = latencies;
}
