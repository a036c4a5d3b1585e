/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sweep/trial.h"

#include "sim/sweep/crew.h"

/* The second play is the comparison's; the loop is the one driver that can play twice. */
void trial_play(const struct plan *plan, const struct stage_ops *stage, struct trial *trial) {
    struct outcome silent;
    const bool compares = judge_wants_silent(plan);
    if (compares)
        play(plan, &stage_loop, true, &silent);
    play(plan, stage, false, &trial->outcome);
    judge(plan, &trial->outcome, compares ? &silent : NULL, &trial->verdict);
}

struct task {
    const struct plan *plan;
    const struct stage_ops *stage;
    struct trial *trial;
};

static void work(void *context, size_t task, void *result) {
    const struct task *own = context;
    (void)task;
    trial_play(own->plan, own->stage, result);
}

static void done(void *context, size_t task, const struct crew_end *end, const void *result) {
    const struct task *own = context;
    (void)task;
    *own->trial = *(const struct trial *)result;
    if (end->signal != 0)
        judge_death(end->signal, end->words, &own->trial->verdict);
}

bool trial_run(const struct plan *plan, const struct stage_ops *stage, struct trial *trial) {
    struct task task = {plan, stage, trial};
    const struct crew crew = {
        .jobs = 1, .result_bytes = sizeof *trial, .context = &task, .work = work, .done = done};
    return crew_run(&crew, 1) == 1;
}
