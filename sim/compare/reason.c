/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/reason.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

#define LEAST       1000.0 /* ns; below, it does not matter who is first */
#define SHOWN       3      /* causes in a line */
#define SAME_LENGTH 0.05   /* messages; below, two ways have as many */

static const char *const group_titles[SHARE_GROUPS] = {
    [SHARE_P50] = "the middle tenth",
    [SHARE_P99] = "the slowest 2 %",
};

void reason_measure(const struct variant *variant, enum share_group group, struct reason *reason) {
    *reason = (struct reason){0};
    for (size_t r = 0; r < variant->run_count; r++) {
        const struct share_sum *sum = &variant->runs[r].shares.groups[group];
        if (!variant->runs[r].there)
            continue;
        reason->transactions += sum->count;
        reason->latency += (double)sum->latency;
        reason->messages += (double)sum->messages;
        for (unsigned cause = 0; cause < PATH_CAUSES; cause++)
            reason->causes[cause] += (double)sum->causes[cause];
    }
    double count = reason->transactions > 0 ? (double)reason->transactions : 1;
    reason->latency /= count;
    reason->messages /= count;
    for (unsigned cause = 0; cause < PATH_CAUSES; cause++)
        reason->causes[cause] /= count;
}

size_t reason_order(const struct reason *fast, const struct reason *slow,
                    unsigned order[PATH_CAUSES]) {
    double least = fmax(fabs(slow->latency - fast->latency) / 20, LEAST);
    size_t count = 0;
    for (unsigned cause = 0; cause < PATH_CAUSES; cause++) {
        double amount = fabs(slow->causes[cause] - fast->causes[cause]);
        if (amount < least)
            continue;
        size_t slot = count++;
        for (; slot > 0; slot--) {
            unsigned before = order[slot - 1];
            if (fabs(slow->causes[before] - fast->causes[before]) >= amount)
                break;
            order[slot] = before;
        }
        order[slot] = cause;
    }
    return count;
}

/* "propagation +5.000 ms, timer -0.200 ms" */
static void put_causes(const struct reason *fast, const struct reason *slow, struct text *out) {
    unsigned order[PATH_CAUSES];
    size_t count = size_min(reason_order(fast, slow, order), SHOWN);
    for (size_t i = 0; i < count; i++)
        text_format(out, "%s%s %+.3f ms", i > 0 ? ", " : "", path_cause_name(order[i]),
                    (slow->causes[order[i]] - fast->causes[order[i]]) / NS_PER_MS);
    if (count == 0)
        text_add(out, "no cause stands out");
}

/* "propagation 97 %": what its own time went to, by the largest parts. */
static void put_own(const struct reason *reason, struct text *out) {
    static const struct reason nothing;
    unsigned order[PATH_CAUSES];
    size_t count = size_min(reason_order(&nothing, reason, order), SHOWN);
    for (size_t i = 0; i < count; i++)
        text_format(out, "%s%s %.0f %%", i > 0 ? ", " : "", path_cause_name(order[i]),
                    100 * reason->causes[order[i]] / reason->latency);
}

static void put_line(const struct variant *variant, const struct reason *reason,
                     const struct reason *fast, struct text *out) {
    text_format(out, "%-3s ", variant->letter);
    if (reason->transactions == 0) {
        text_add(out, "no critical paths\n");
        return;
    }
    text_format(out, "%9.3f ms  %5.2f messages in a row; ", reason->latency / NS_PER_MS,
                reason->messages);
    if (reason == fast) {
        put_own(reason, out);
    } else {
        text_format(out, "%+.3f ms: ", (reason->latency - fast->latency) / NS_PER_MS);
        put_causes(fast, reason, out);
    }
    text_add(out, "\n");
}

/* What the ways say of a difference in propagation: more messages, or longer ways. */
static void put_ways(const struct reason *fast, const struct reason *slow, struct text *out) {
    if (fabs(slow->messages - fast->messages) >= SAME_LENGTH)
        text_format(out, " (%.2f messages in a row instead of %.2f)", slow->messages,
                    fast->messages);
    else
        text_format(out, " (as many messages in a row, on other ways: %.3f ms each, not %.3f)",
                    slow->causes[PATH_PROPAGATION] / slow->messages / NS_PER_MS,
                    fast->causes[PATH_PROPAGATION] / fast->messages / NS_PER_MS);
}

static void put_decision(const struct study *study, const struct reason *reasons, size_t fastest,
                         size_t slowest, struct text *out) {
    const struct reason *fast = &reasons[fastest], *slow = &reasons[slowest];
    double extra = slow->latency - fast->latency;
    unsigned order[PATH_CAUSES];
    size_t count = reason_order(fast, slow, order), said = 0;
    if (extra < LEAST) {
        text_add(out, "what decided: nothing; all take the same time\n");
        return;
    }
    text_format(out, "what decided: %s is quickest, %s slowest, by %.3f ms; of this",
                study->variants[fastest].letter, study->variants[slowest].letter,
                extra / NS_PER_MS);
    for (size_t i = 0; i < count && said < SHOWN; i++) {
        double part = slow->causes[order[i]] - fast->causes[order[i]];
        text_format(out, "%s %s %.0f %%", said++ > 0 ? "," : "", path_cause_name(order[i]),
                    100 * part / extra);
        if (order[i] == PATH_PROPAGATION)
            put_ways(fast, slow, out);
    }
    text_add(out, said > 0 ? "\n" : " no cause has a twentieth\n");
}

static void print_group(const struct study *study, enum share_group group, struct text *out) {
    struct reason *reasons = memory_new(study->variant_count, sizeof *reasons);
    size_t fastest = SIZE_MAX, slowest = 0, with = 0;
    for (size_t v = 0; v < study->variant_count; v++) {
        reason_measure(&study->variants[v], group, &reasons[v]);
        if (reasons[v].transactions == 0)
            continue;
        with++;
        if (fastest == SIZE_MAX || reasons[v].latency < reasons[fastest].latency)
            fastest = v;
        if (with == 1 || reasons[v].latency > reasons[slowest].latency)
            slowest = v;
    }
    if (with >= 2) {
        text_format(out, "\nwhy: critical paths of %s, on average\n", group_titles[group]);
        for (size_t v = 0; v < study->variant_count; v++)
            put_line(&study->variants[v], &reasons[v], &reasons[fastest], out);
        put_decision(study, reasons, fastest, slowest, out);
    }
    free(reasons);
}

void reason_print(const struct study *study, struct text *out) {
    for (int group = 0; group < SHARE_GROUPS; group++)
        print_group(study, (enum share_group)group, out);
}

void reason_json(const struct variant *variant, struct json *json) {
    json_open(json, "critical_path", '{');
    for (int group = 0; group < SHARE_GROUPS; group++) {
        struct reason reason;
        reason_measure(variant, (enum share_group)group, &reason);
        json_open(json, share_group_names[group], '{');
        json_put_unsigned(json, "transactions", reason.transactions);
        json_put_double(json, "latency_ns", reason.latency);
        json_put_double(json, "messages", reason.messages);
        json_open(json, "causes_ns", '{');
        for (unsigned cause = 0; cause < PATH_CAUSES; cause++)
            if (reason.causes[cause] != 0)
                json_put_double(json, path_cause_name(cause), reason.causes[cause]);
        json_close(json, '}');
        json_close(json, '}');
    }
    json_close(json, '}');
}
