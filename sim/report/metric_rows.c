/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of metrics, in the order in which they are shown, and what its rows are sampled by.
 * Targets: system.md 5. */
#include "sim/report/metric.h"

#include "env/trace.h"
#include "sim/report/stamp.h"
#include "sim/report/statistics.h"

#include <string.h>

static size_t announced(const struct run_result *run, int64_t *samples) {
    const struct announcement_totals *news = &run->announcements;
    if (news->reached > 0)
        memcpy(samples, news->latencies, news->reached * sizeof *samples);
    return news->reached;
}

static size_t announcements_expected(const struct run_result *run) {
    return run->announcements.expected;
}

static size_t clock_errors(const struct run_result *run, int64_t *samples) {
    if (run->clock_error_count > 0)
        memcpy(samples, run->clock_errors, run->clock_error_count * sizeof *samples);
    return run->clock_error_count;
}

static size_t clocks_watched(const struct run_result *run) {
    return run->clock_error_count;
}

static int64_t share(uint64_t part, uint64_t whole) {
    return whole == 0 ? METRIC_NOTHING : (int64_t)(part * PPM / whole);
}

static uint64_t with_stamp(const struct run_result *run, size_t offset) {
    uint64_t count = 0;
    for (size_t i = 0; i < run->transaction_count; i++)
        count += stamp_at(&run->transactions[i], offset) != TIME_NEVER;
    return count;
}

static int64_t commits(const struct run_result *run) {
    return (int64_t)with_stamp(run, STAMP_OFFSET(done));
}

static int64_t committed_share(const struct run_result *run) {
    return share(with_stamp(run, STAMP_OFFSET(done)), run->transaction_count);
}

static int64_t settled_share(const struct run_result *run) {
    uint64_t transfers = 0, settled = 0;
    for (size_t i = 0; i < run->transaction_count; i++) {
        bool is_transfer = run->transactions[i].transfer != TIME_NEVER;
        transfers += is_transfer;
        settled += is_transfer && run->transactions[i].settled != TIME_NEVER;
    }
    return share(settled, transfers);
}

static int64_t announcements_sent(const struct run_result *run) {
    return (int64_t)run->announcements.sent;
}

static int64_t announce_reach(const struct run_result *run) {
    return share(run->announcements.reached, run->announcements.expected);
}

static int64_t announce_redundancy(const struct run_result *run) {
    return share(run->announcements.redundant, run->announcements.received);
}

static int64_t announce_hops(const struct run_result *run) {
    return run->announcements.reached == 0 ? METRIC_NOTHING
                                           : (int64_t)run->announcements.last_hop_max;
}

static int64_t dropped(const struct run_result *run) {
    int64_t sum = 0;
    for (size_t i = 0; i < run->drop_count; i++)
        sum += (int64_t)run->drops[i].count;
    return sum;
}

static int64_t records_of(const struct run_result *run, enum trace_point point) {
    for (size_t i = 0; i < run->counter_count; i++)
        if (strcmp(run->counters[i].name, trace_name(point)) == 0)
            return (int64_t)run->counters[i].value;
    return 0;
}

static int64_t audits_passed(const struct run_result *run) {
    return records_of(run, TRACE_AUDIT_PASSED);
}

static int64_t audits_late(const struct run_result *run) {
    return records_of(run, TRACE_AUDIT_LATE);
}

static int64_t audits_wrong(const struct run_result *run) {
    return records_of(run, TRACE_AUDIT_WRONG);
}

static int64_t messages_sent(const struct run_result *run) {
    int64_t sum = 0;
    for (size_t i = 0; i < run->message_count; i++)
        sum += (int64_t)run->messages[i].count;
    return sum;
}

static int64_t violations(const struct run_result *run) {
    int64_t sum = 0;
    for (size_t i = 0; i < run->invariant_count; i++)
        sum += (int64_t)run->invariants[i].value;
    return sum;
}

/* The two that follow are known of a run that came to its end. */
static int64_t stuck(const struct run_result *run) {
    return run->complete ? (int64_t)run->stuck : METRIC_NOTHING;
}

static int64_t backlog_end(const struct run_result *run) {
    return run->complete ? (int64_t)run->backlog_end : METRIC_NOTHING;
}

static int64_t backlog_max(const struct run_result *run) {
    return (int64_t)run->backlog_max;
}

#define SPAN(first, last) .from = STAMP_OFFSET(first), .to = STAMP_OFFSET(last)
#define TARGET(ms)        .target = (ms)*NS_PER_MS

const struct metric metrics[] = {
    {"token", METRIC_DURATION, "from the click to the verified token", TARGET(40),
     .prometheus = "token_seconds", SPAN(intended, token),
     .look = {.place = STEP_BESIDE, .label = "token"}},
    {"s1", METRIC_DURATION, "layer S1: the nodes are chosen", TARGET(80),
     .prometheus = "dag_layer_latency_seconds{layer=\"s1\"}", SPAN(intended, s1),
     .look = {STEP_AFTER, "S1 selection", 0x56b4e9, 0x000000}},
    {"s2", METRIC_DURATION, "layer S2: the pieces are made", TARGET(80),
     .prometheus = "dag_layer_latency_seconds{layer=\"s2\"}", SPAN(s1, s2),
     .look = {STEP_AFTER, "S2 sharding", 0x009e73, 0xffffff}},
    {"s3", METRIC_DURATION, "layer S3: from the requests to enough promises; S4 is within",
     TARGET(80), .prometheus = "dag_layer_latency_seconds{layer=\"s3\"}", SPAN(s2, promised),
     .look = {STEP_AFTER, "S3 proof of hold", 0xf0e442, 0x000000}},
    {"s4", METRIC_DURATION, "layer S4: from the pieces' sending until enough are held", TARGET(80),
     .prometheus = "dag_layer_latency_seconds{layer=\"s4\"}", SPAN(requested, held),
     .look = {STEP_WITHIN, "S4 distribution", 0xe69f00, 0x000000}},
    {"s5", METRIC_DURATION, "layer S5: the city has committed", TARGET(80),
     .prometheus = "dag_layer_latency_seconds{layer=\"s5\"}", SPAN(promised, s5),
     .look = {STEP_AFTER, "S5 commit", 0x0072b2, 0xffffff}},
    {"city", METRIC_DURATION, "from the click to the city's commit", TARGET(400),
     .prometheus = "dag_layer_latency_seconds{layer=\"all\"}", SPAN(intended, s5)},
    {"continent", METRIC_DURATION, "from the city's commit to the continent's acknowledgement",
     TARGET(50), .prometheus = "continent_ack_seconds", SPAN(s5, continent_ack),
     .look = {STEP_AFTER, "continent", 0xcc79a7, 0x000000}},
    {"felt", METRIC_DURATION, "from the click until the UI may close", TARGET(450), .also = "total",
     .prometheus = "felt_seconds", SPAN(intended, done)},
    {"received", METRIC_DURATION,
     "from the city's commit until f + 1 representatives hold the batch",
     .prometheus = "continent_received_seconds", SPAN(city_commit, received), .some = true},
    {"durable", METRIC_DURATION, "from the city's commit until f + 1 have made it durable",
     .prometheus = "continent_durable_seconds", SPAN(city_commit, durable), .some = true},
    {"ordered", METRIC_DURATION, "from the city's commit to the continent's order",
     .prometheus = "continent_ordered_seconds", SPAN(city_commit, ordered), .some = true},
    {"settle", METRIC_DURATION, "of a transfer, until the other city has settled",
     .prometheus = "cross_city_settle_seconds", SPAN(transfer, settled), .some = true},
    {"announce", METRIC_DURATION, "from a continental block's decision to a full node's news of it",
     .prometheus = "announce_seconds", .sample = announced, .population = announcements_expected,
     .overlay = true},
    {"clock_error", METRIC_DURATION, "how wrong the nodes' clocks are, corrected",
     .prometheus = "clock_error_seconds", .sample = clock_errors, .population = clocks_watched},

    {"commits", METRIC_NUMBER, "transactions finished", .unit = "transactions", .value = commits},
    {"committed_share", METRIC_SHARE, "of those submitted", .value = committed_share},
    {"stuck", METRIC_NUMBER, "transactions that did not come to their end, after the drain",
     .unit = "transactions", .value = stuck},
    {"backlog.max", METRIC_NUMBER, "city batches that the continent had not ordered, at most",
     .unit = "batches", .value = backlog_max},
    {"backlog.end", METRIC_NUMBER, "the same after the drain", .unit = "batches",
     .value = backlog_end},
    {"settled_share", METRIC_SHARE, "of the transfers to other cities", .value = settled_share},
    {"announcements", METRIC_NUMBER, "continental blocks announced", .unit = "blocks",
     .value = announcements_sent, .overlay = true},
    {"announce.reach", METRIC_SHARE, "of the living full nodes", .value = announce_reach,
     .overlay = true},
    {"announce.redundancy", METRIC_SHARE, "payloads that came again, of those that were new (RMR)",
     .value = announce_redundancy, .overlay = true},
    {"announce.hops", METRIC_NUMBER, "to the last receiver, at most (LDH)", .unit = "hops",
     .value = announce_hops, .overlay = true},
    {"dropped", METRIC_NUMBER, "messages dropped by receivers", .unit = "messages",
     .value = dropped},
    {"audits.passed", METRIC_NUMBER, "audits that a holder passed", .unit = "audits",
     .value = audits_passed},
    {"audits.late", METRIC_NUMBER, "audits not answered in time", .unit = "audits",
     .value = audits_late},
    {"audits.wrong", METRIC_NUMBER, "audits that showed a missing block", .unit = "audits",
     .value = audits_wrong},
    {"messages", METRIC_NUMBER, "messages sent", .unit = "messages", .value = messages_sent},
    {"invariants.violations", METRIC_NUMBER, "checked invariants that broke", .unit = "violations",
     .value = violations},
};
const size_t metric_count = ARRAY_LEN(metrics);
