/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sweep/judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <signal.h>
#include <string.h>

/* Rules about what the committee has decided; all others are about what one member does. */
#define AGREEMENT_RULES                                                                            \
    (UINT32_C(1) << RULE_AGREEMENT | UINT32_C(1) << RULE_VALIDITY | UINT32_C(1) << RULE_HEIGHTS |  \
     UINT32_C(1) << RULE_ONE_CERTIFICATE)

static const char *const names[FAILURE_KINDS] = {
    [FAILURE_NONE] = "none",   [FAILURE_VIOLATION] = "violation", [FAILURE_LIVE] = "not live",
    [FAILURE_STORM] = "storm", [FAILURE_ABORT] = "abort",         [FAILURE_COUNT] = "count",
};

const char *failure_kind_name(enum failure_kind kind) {
    return names[kind];
}

static void fail(struct verdict *verdict, enum failure_kind kind, const char *cause,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The first failure stands. */
static void fail(struct verdict *verdict, enum failure_kind kind, const char *cause,
                 const char *format, ...) {
    va_list arguments;
    if (verdict->kind != FAILURE_NONE)
        return;
    verdict->kind = kind;
    snprintf(verdict->cause, sizeof verdict->cause, "%s: %s", names[kind], cause);
    va_start(arguments, format);
    vsnprintf(verdict->words, sizeof verdict->words, format, arguments);
    va_end(arguments);
}

static void judge_rules(const struct outcome *outcome, uint32_t rules, enum plan_verdict expected,
                        const char *what, struct verdict *verdict) {
    const uint32_t broken = outcome->violations & rules;
    if (expected == PLAN_VIOLATED && broken == 0)
        fail(verdict, FAILURE_VIOLATION, "none reported", "%s was to be violated, and was not",
             what);
    if (expected != PLAN_HOLDS)
        return;
    if (broken != 0) /* by the first of them: the others follow from it */
        fail(verdict, FAILURE_VIOLATION,
             assembly_rule_name((enum assembly_rule)__builtin_ctz(broken)), "%s",
             outcome->violation);
}

static bool is_stuck(const struct outcome *outcome) {
    return outcome->end == PLAY_STUCK || outcome->end == PLAY_NOT_WOKEN;
}

static void judge_life(const struct plan *plan, const struct outcome *outcome,
                       struct verdict *verdict) {
    char cause[80];
    snprintf(cause, sizeof cause, "%s%s", outcome->end == PLAY_NOT_WOKEN ? "after a rest, " : "",
             outcome->cause);
    if (plan->expect.live == PLAN_HOLDS && is_stuck(outcome))
        fail(verdict, FAILURE_LIVE, cause, "%s", outcome->state);
    if (plan->expect.live == PLAN_VIOLATED && outcome->end == PLAY_DONE)
        fail(verdict, FAILURE_LIVE, "alive", "it was to stop, and did not");
}

/* Frames of correct members that recovery may take: a view change and what it fetches for every member
 * and every doubling of the time-out, and what each decision takes. */
static uint64_t budget(const struct plan *plan, const struct outcome *outcome) {
    const uint64_t n = (uint64_t)plan->n, members = n * n;
    const uint64_t timeouts =
        outcome->recovered == TIME_NEVER ? 0 : (uint64_t)(outcome->recovered / plan->view_timeout);
    const uint64_t decided = outcome->ordered + 1;
    return members * (1000 + 40 * timeouts + 60 * n * decided) +
           JUDGE_ANSWERS * n * outcome->heard_after;
}

static void judge_messages(const struct plan *plan, const struct outcome *outcome,
                           struct verdict *verdict) {
    if (outcome->end == PLAY_STORM)
        fail(verdict, FAILURE_STORM, "steps", "more than %d steps", PLAY_STEPS_MAX);
    if (outcome->recovered != TIME_NEVER && outcome->sent_after > budget(plan, outcome))
        fail(verdict, FAILURE_STORM, "recovery",
             "%" PRIu64 " messages after heal, at most %" PRIu64, outcome->sent_after,
             budget(plan, outcome));
    const bool loud = outcome->sent_idle > JUDGE_ANSWERS * (uint64_t)plan->n * outcome->heard_idle;
    if (loud && plan->expect.quiet == PLAN_HOLDS)
        fail(verdict, FAILURE_STORM, "not quiet", "%" PRIu64 " messages in %.0f s of rest, %s",
             outcome->sent_idle, (double)outcome->idle / (double)NS_PER_S, outcome->state);
    if (!loud && plan->expect.quiet == PLAN_VIOLATED && outcome->idle > 0)
        fail(verdict, FAILURE_STORM, "quiet", "it was not to be quiet, and was");
}

static void judge_counts(const struct plan *plan, const struct outcome *outcome,
                         const struct outcome *silent, struct verdict *verdict) {
    const struct plan_expect *expect = &plan->expect;
    const int64_t decided = (int64_t)outcome->decided;
    if (expect->decided_least != PLAN_UNSET && decided < expect->decided_least)
        fail(verdict, FAILURE_COUNT, "too few", "%" PRId64 " decided at heal, at least %" PRId64,
             decided, expect->decided_least);
    if (expect->decided_most != PLAN_UNSET && decided > expect->decided_most)
        fail(verdict, FAILURE_COUNT, "too many", "%" PRId64 " decided at heal, at most %" PRId64,
             decided, expect->decided_most);
    if (silent != NULL && decided * PLAN_MILLION < (int64_t)silent->decided * expect->keeps)
        fail(verdict, FAILURE_COUNT, "slowed",
             "%" PRId64 " decided at heal, %" PRIu64 " with the adversary silent", decided,
             silent->decided);
}

void judge(const struct plan *plan, const struct outcome *outcome, const struct outcome *silent,
           struct verdict *verdict) {
    *verdict = (struct verdict){0};
    judge_rules(outcome, AGREEMENT_RULES, plan->expect.agreement, "agreement", verdict);
    judge_rules(outcome, ~AGREEMENT_RULES, plan->expect.local, "a rule of one member", verdict);
    judge_life(plan, outcome, verdict);
    judge_messages(plan, outcome, verdict);
    judge_counts(plan, outcome, silent, verdict);
}

bool judge_wants_silent(const struct plan *plan) {
    return plan->expect.keeps != PLAN_UNSET && plan_behaviour(plan) != NULL;
}

/* Where an assertion stands says what it is: "program: file:line: function: Assertion …". */
void judge_death(int signal, const char *last_words, struct verdict *verdict) {
    const bool late = signal == SIGXCPU || signal == SIGALRM;
    *verdict = (struct verdict){0};
    const char *words = strstr(last_words, ": ");
    words = words == NULL ? last_words : words + 2;
    const int length = (int)strcspn(words, "\n");
    char cause[64];
    if (length > 0)
        snprintf(cause, sizeof cause, "%.*s", length, words);
    else
        snprintf(cause, sizeof cause, "%s", late ? "it ran for too long" : strsignal(signal));
    fail(verdict, late ? FAILURE_STORM : FAILURE_ABORT, cause, "%s: %.*s", strsignal(signal),
         length, words);
}
