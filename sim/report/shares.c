/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/shares.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "wire/message.h"

const char *const share_group_names[SHARE_GROUPS] = {[SHARE_P50] = "p50", [SHARE_P99] = "p99"};

static int by_latency(const void *left, const void *right) {
    const struct path_record *a = *(const struct path_record *const *)left;
    const struct path_record *b = *(const struct path_record *const *)right;
    if (a->latency != b->latency)
        return a->latency < b->latency ? -1 : 1;
    return (a->transaction > b->transaction) - (a->transaction < b->transaction);
}

static void add(struct share_sum *sum, const struct path_record *path) {
    sum->count++;
    sum->latency += path->latency;
    sum->messages += path->messages;
    for (unsigned cause = 0; cause < PATH_CAUSES; cause++)
        sum->causes[cause] += path->causes[cause];
}

void shares_measure(const struct run_result *runs, size_t count, struct shares *shares) {
    size_t total = 0;
    *shares = (struct shares){0};
    for (size_t r = 0; r < count; r++)
        total += runs[r].path_count;
    const struct path_record **sorted = memory_new(total, sizeof *sorted);
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < runs[r].path_count; i++)
            sorted[shares->paths++] = &runs[r].paths[i];
    if (total > 0)
        qsort(sorted, total, sizeof *sorted, by_latency);
    for (size_t i = total * 45 / 100; i < (total * 55 + 99) / 100; i++)
        add(&shares->groups[SHARE_P50], sorted[i]);
    for (size_t i = total * 98 / 100; i < total; i++)
        add(&shares->groups[SHARE_P99], sorted[i]);
    free(sorted);
}

size_t shares_order(const struct shares *shares, unsigned order[PATH_CAUSES]) {
    const time_ns *slow = shares->groups[SHARE_P99].causes;
    const time_ns *usual = shares->groups[SHARE_P50].causes;
    size_t count = 0;
    for (unsigned cause = 0; cause < PATH_CAUSES; cause++) {
        if (slow[cause] == 0 && usual[cause] == 0)
            continue;
        size_t slot = count++;
        for (; slot > 0 && slow[order[slot - 1]] < slow[cause]; slot--)
            order[slot] = order[slot - 1];
        order[slot] = cause;
    }
    return count;
}

static void print_cell(const struct share_sum *sum, time_ns part, struct text *out) {
    text_format(out, "  %11.3f %5.1f %%", (double)part / (double)sum->count / (double)NS_PER_MS,
                sum->latency > 0 ? 100 * (double)part / (double)sum->latency : 0.0);
}

static void print_row(const char *name, const struct shares *shares, const time_ns *parts,
                      struct text *out) {
    text_format(out, "%-22s", name);
    for (int group = 0; group < SHARE_GROUPS; group++)
        print_cell(&shares->groups[group], parts[group], out);
    text_add(out, "\n");
}

void shares_print(const struct run_result *runs, size_t count, struct text *out) {
    struct shares shares;
    unsigned order[PATH_CAUSES];
    time_ns rest[SHARE_GROUPS] = {0}, all[SHARE_GROUPS];
    shares_measure(runs, count, &shares);
    if (shares.paths == 0)
        return;
    text_add(out, "what to fix first          the middle tenth        the slowest 2 %\n");
    size_t causes = shares_order(&shares, order);
    for (size_t i = 0; i < causes; i++) {
        time_ns parts[SHARE_GROUPS];
        bool much = false;
        for (int group = 0; group < SHARE_GROUPS; group++) {
            parts[group] = shares.groups[group].causes[order[i]];
            much = much || 100 * llabs(parts[group]) >= shares.groups[group].latency;
        }
        if (much)
            print_row(path_cause_name(order[i]), &shares, parts, out);
        for (int group = 0; group < SHARE_GROUPS; group++)
            rest[group] += much ? 0 : parts[group];
    }
    print_row("all below 1 %", &shares, rest, out);
    for (int group = 0; group < SHARE_GROUPS; group++)
        all[group] = shares.groups[group].latency;
    print_row("felt, on average", &shares, all, out);
    text_format(out, "%-22s", "messages in a row");
    for (int group = 0; group < SHARE_GROUPS; group++)
        text_format(out, "%*.2f", group == 0 ? 13 : 21,
                    (double)shares.groups[group].messages / (double)shares.groups[group].count);
    text_add(out, "\n");
}

void shares_json(struct json *json, const struct run_result *runs, size_t count) {
    struct shares shares;
    shares_measure(runs, count, &shares);
    if (shares.paths == 0)
        return;
    json_open(json, "critical_path", '{');
    for (int group = 0; group < SHARE_GROUPS; group++) {
        const struct share_sum *sum = &shares.groups[group];
        json_open(json, share_group_names[group], '{');
        json_put_unsigned(json, "transactions", sum->count);
        json_put_integer(json, "latency_ns", sum->latency);
        json_put_unsigned(json, "messages", sum->messages);
        json_open(json, "causes_ns", '{');
        for (unsigned cause = 0; cause < PATH_CAUSES; cause++)
            if (sum->causes[cause] != 0)
                json_put_integer(json, path_cause_name(cause), sum->causes[cause]);
        json_close(json, '}');
        json_close(json, '}');
    }
    json_close(json, '}');
}

static void put_node(node_id node, struct text *out) {
    text_add(out, ",");
    if (node != NODE_NONE)
        text_format(out, "%" PRIu32, node);
}

void csv_paths(const struct run_result *runs, size_t count, struct text *out) {
    text_add(out, "repetition,transaction,hop,cause,message,node,from,begin_ns,duration_ns\n");
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < runs[r].path_part_count; i++) {
            const struct path_part *part = &runs[r].path_parts[i];
            const char *message = message_name(part->message);
            text_format(out, "%" PRIu32 ",%" PRIu64 ",%" PRIu32 ",%s,%s", runs[r].repetition,
                        part->transaction, part->hop, path_cause_name(part->cause),
                        message != NULL ? message : "");
            put_node(part->node, out);
            put_node(part->from, out);
            text_format(out, ",%" PRId64 ",%" PRId64 "\n", part->begin, part->duration);
        }
}
