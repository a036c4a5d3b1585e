/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/hotstuff/pacemaker.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "consensus/hotstuff/hotstuff.h"
#include "crypto/identity.h"

static const struct digest no_block;

node_id pacemaker_leader(const struct hotstuff *self, uint64_t view) {
    return self->base.committee.members[consensus_leader(&self->base, view - 1)];
}

/* A leader that has just failed in the view before has had the long wait already: it gets no second
 * one. Whatever the network needs, the next leader's first view waits for it. */
static bool is_second_chance(const struct hotstuff *self) {
    const struct certificate *timeout = &self->pacemaker.timeout;
    const uint64_t view = self->pacemaker.view;
    return timeout->frame != NULL && timeout->statement.view + 1 == view &&
           pacemaker_leader(self, view - 1) == pacemaker_leader(self, view);
}

/* Whether another member waits in this view or a later one. */
static bool is_alone(const struct hotstuff *self) {
    for (uint32_t i = 0; i < self->base.committee.count; i++)
        if (i != self->base.self_index && self->pacemaker.waits[i] >= self->pacemaker.view)
            return false;
    return true;
}

static time_ns duration(const struct hotstuff *self) {
    const struct pacemaker *pacemaker = &self->pacemaker;
    uint32_t doublings = is_second_chance(self) ? 0 : pacemaker->failures;
    uint32_t lonely = is_alone(self) && pacemaker->repeats > 1 ? pacemaker->repeats - 1 : 0;
    if (lonely > PACEMAKER_LONELY)
        lonely = PACEMAKER_LONELY;
    return self->base.view_timeout << (doublings > lonely ? doublings : lonely);
}

static void restart_timer(struct hotstuff *self) {
    struct pacemaker *pacemaker = &self->pacemaker;
    const time_ns wait = duration(self);
    env_timer_start(self->base.env, &pacemaker->timer, wait);
    pacemaker->reminders = 0;
    if (pacemaker->repeats == 0)
        env_timer_start(self->base.env, &pacemaker->reminder, wait / (PACEMAKER_REMINDERS + 1));
}

static void on_reminder(struct timer *timer) {
    struct hotstuff *self = container_of(timer, struct hotstuff, pacemaker.reminder);
    struct pacemaker *pacemaker = &self->pacemaker;
    if (!hotstuff_has_work(self))
        return;
    votes_say_again(self);
    if (++pacemaker->reminders < PACEMAKER_REMINDERS)
        env_timer_start(self->base.env, timer, duration(self) / (PACEMAKER_REMINDERS + 1));
}

void pacemaker_enter(struct hotstuff *self, uint64_t view, enum view_cause cause) {
    struct pacemaker *pacemaker = &self->pacemaker;
    if (view <= pacemaker->view)
        return;
    pacemaker->view = view;
    pacemaker->repeats = 0;
    env_trace(self->base.env, TRACE_VIEW, trace_pair(self->base.channel, view), cause);
    if (timer_running(&pacemaker->timer))
        restart_timer(self);
}

void pacemaker_forget(struct hotstuff *self) {
    collector_move(&self->pacemaker.timeouts, hotstuff_proven_view(self) + 1);
}

/* The view that one's own vote had led to begins for all: whoever waited there before waits anew. */
static void begin_again(struct hotstuff *self) {
    struct pacemaker *pacemaker = &self->pacemaker;
    pacemaker->repeats = 0;
    if (timer_running(&pacemaker->timer))
        restart_timer(self);
}

void pacemaker_adopt(struct hotstuff *self, const struct certificate *timeout) {
    struct pacemaker *pacemaker = &self->pacemaker;
    const uint64_t view = timeout->statement.view;
    if (pacemaker->timeout.frame != NULL && view <= pacemaker->timeout.statement.view)
        return;
    certificate_keep(&pacemaker->timeout, timeout);
    /* The wait was too short for one leader more; a leader that stays away for all its views shows
     * nothing new about the network. */
    node_id leader = pacemaker_leader(self, view);
    if (leader != pacemaker->failed_leader && pacemaker->failures < PACEMAKER_DOUBLINGS &&
        hotstuff_is_tried(self, view))
        pacemaker->failures++;
    pacemaker->failed_leader = leader;
    if (pacemaker->view == view + 1)
        begin_again(self);
    pacemaker_enter(self, view + 1, VIEW_TIMEOUT);
    pacemaker_forget(self);
}

bool pacemaker_hears_all(const struct hotstuff *self) {
    const uint32_t count = self->base.committee.count;
    for (uint32_t i = 0; i < count; i++)
        if (i != self->base.self_index &&
            self->pacemaker.waits[i] + 2 * count < self->pacemaker.view)
            return false;
    return true;
}

void pacemaker_succeeded(struct hotstuff *self) {
    if (self->pacemaker.failures > 0)
        self->pacemaker.failures--;
}

void pacemaker_progress(struct hotstuff *self) {
    self->pacemaker.failures = 0;
    self->pacemaker.failed_leader = NODE_NONE;
}

void pacemaker_watch(struct hotstuff *self) {
    struct timer *timer = &self->pacemaker.timer;
    if (!hotstuff_has_work(self)) {
        env_timer_stop(self->base.env, timer);
        env_timer_stop(self->base.env, &self->pacemaker.reminder);
    } else if (!timer_running(timer))
        restart_timer(self);
}

/* What this member knows to be over, to be sent along with a message. */
static const struct certificate *newer_timeout(const struct hotstuff *self) {
    static const struct certificate none;
    const struct certificate *timeout = &self->pacemaker.timeout;
    bool newer = timeout->frame != NULL && timeout->statement.view > self->high.statement.view;
    return newer ? timeout : &none;
}

static struct frame *new_view_frame(const struct hotstuff *self, uint64_t view,
                                    const uint8_t *signature) {
    struct new_view new_view = {view, signature, self->high, *newer_timeout(self)};
    return new_view_encode(&new_view, &self->base.certification);
}

static struct statement timeout_statement(const struct hotstuff *self, uint64_t view) {
    return (struct statement){
        .kind = VOTE_HOTSTUFF_TIMEOUT, .channel = self->base.channel, .view = view};
}

/* Makes the timeout certificate when enough members gave the view up. */
static void conclude(struct hotstuff *self, uint64_t view) {
    struct certificate timeout;
    struct statement statement = timeout_statement(self, view);
    const struct vote_set *set = collector_find(&self->pacemaker.timeouts, view);
    if (set == NULL || vote_set_certify(set, self->base.env, &statement,
                                        committee_quorum(&self->base.committee), &timeout) != OK)
        return;
    certificate_remember(&self->verified, self->base.env, &timeout);
    pacemaker_adopt(self, &timeout);
    certificate_drop(&timeout);
}

/* Own signature on the failure of @view, made once and kept in the set. */
static const uint8_t *own_signature(struct hotstuff *self, struct vote_set *set, uint64_t view) {
    const uint32_t own = self->base.self_index;
    if (!bitmap_has(set->voted, own)) {
        uint8_t signature[LIMIT_SIGNATURE_BYTES];
        struct statement statement = timeout_statement(self, view);
        statement_sign(self->base.env, &statement, signature);
        vote_set_add(set, own, &no_block, signature);
        env_trace(self->base.env, TRACE_TIMEOUT, trace_pair(self->base.channel, view), 0);
    }
    return vote_set_signature(set, own);
}

/* Who went ahead by its own vote has waited for a view that may not have begun for anybody else, as when
 * a hostile leader told it alone: it says so, but stays free to vote there. */
static void give_up(struct hotstuff *self, uint64_t view) {
    struct pacemaker *pacemaker = &self->pacemaker;
    if (collector_check(&pacemaker->timeouts, view) != OK)
        return;
    struct vote_set *set = collector_open(&pacemaker->timeouts, view);
    if (view > pacemaker->timed_out_view && view <= hotstuff_proven_view(self) + 1)
        pacemaker->timed_out_view = view;
    const uint8_t *signature = own_signature(self, set, view);
    consensus_broadcast(&self->base, new_view_frame(self, view, signature));
    conclude(self, view);
}

/* The view before the own one, when this member backs those who wait there. */
static void say_again(struct hotstuff *self, uint64_t view) {
    const struct vote_set *set = collector_find(&self->pacemaker.timeouts, view);
    const uint32_t own = self->base.self_index;
    if (view < self->pacemaker.view && set != NULL && bitmap_has(set->voted, own))
        consensus_broadcast(&self->base, new_view_frame(self, view, vote_set_signature(set, own)));
}

static void on_timer(struct timer *timer) {
    struct hotstuff *self = container_of(timer, struct hotstuff, pacemaker.timer);
    if (!hotstuff_has_work(self))
        return;
    self->busy = true;
    self->pacemaker.repeats++;
    restart_timer(self);
    say_again(self, hotstuff_proven_view(self) + 1);
    give_up(self, self->pacemaker.view);
    if (self->pacemaker.repeats > 1)
        sync_doubt(self);
    hotstuff_settle(self);
}

void pacemaker_init(struct hotstuff *self, uint64_t view) {
    struct pacemaker *pacemaker = &self->pacemaker;
    timer_init(&pacemaker->timer, on_timer);
    timer_init(&pacemaker->reminder, on_reminder);
    pacemaker->view = view;
    pacemaker->failed_leader = NODE_NONE;
    pacemaker->certification = certification_without_round(&self->base.certification);
    collector_init(&pacemaker->timeouts, &pacemaker->certification);
    pacemaker->waits = memory_new(self->base.committee.count, sizeof *pacemaker->waits);
    pacemaker->overtaken = memory_new(self->base.committee.count, sizeof *pacemaker->overtaken);
    quota_init(&pacemaker->answers, self->base.committee.count, PACEMAKER_ANSWERS,
               self->base.view_timeout / PACEMAKER_ANSWERS);
    pacemaker_forget(self);
}

void pacemaker_deinit(struct hotstuff *self) {
    env_timer_stop(self->base.env, &self->pacemaker.timer);
    env_timer_stop(self->base.env, &self->pacemaker.reminder);
    collector_deinit(&self->pacemaker.timeouts);
    certificate_drop(&self->pacemaker.timeout);
    quota_deinit(&self->pacemaker.answers);
    free(self->pacemaker.waits);
    free(self->pacemaker.overtaken);
}

/* An answer to @from, unless it has had too many. */
static int answer(struct hotstuff *self, node_id from, struct frame *frame) {
    const uint32_t member = committee_index(&self->base.committee, from);
    if (!quota_take(&self->pacemaker.answers, member, self->base.env->now)) {
        frame_unref(frame);
        return ERR_LIMIT;
    }
    env_send(self->base.env, from, frame);
    return OK;
}

/* What this member knows to be over, for one who knows less. */
static int prove(struct hotstuff *self, node_id from) {
    struct blocks proof = {.certificate = self->high, .timeout = *newer_timeout(self)};
    return answer(self, from, blocks_encode(&proof, &self->base.certification));
}

/* Proof that a view is over, for one who waits in it; from f + 1 members, so that a correct one is
 * among them, and from the others when it says so again: those may not know it themselves. */
static int help(struct hotstuff *self, node_id from, bool again) {
    const struct committee *committee = &self->base.committee;
    uint32_t distance =
        (self->base.self_index + committee->count - committee_index(committee, from)) %
        committee->count;
    if (distance > committee_validity(committee) && !again)
        return ERR_STALE;
    return prove(self, from);
}

static int verify(struct hotstuff *self, node_id from, const struct new_view *new_view) {
    int error = hotstuff_verify(self, &new_view->high);
    if (error == OK && new_view->timeout.frame != NULL)
        error = hotstuff_verify(self, &new_view->timeout);
    if (error != OK)
        return error;
    struct statement statement = timeout_statement(self, new_view->view);
    bool good = statement_verify(self->base.env, from, &statement, new_view->signature);
    return good ? OK : ERR_SIGNATURE;
}

/* The highest view that f + 1 others have reached: a correct one is there. */
static uint64_t common_view(const struct hotstuff *self) {
    const uint32_t count = self->base.committee.count;
    const uint64_t *waits = self->pacemaker.waits;
    uint64_t common = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t reached = 0;
        for (uint32_t j = 0; j < count; j++)
            reached += j != self->base.self_index && waits[j] >= waits[i];
        if (reached >= committee_validity(&self->base.committee) && waits[i] > common)
            common = waits[i];
    }
    return common;
}

/* A view that @from gave up and that may still be open. No single member moves this one: with fewer
 * than f + 1 all who wait may be faulty, and a time-out certificate would overtake the votes. */
static void count(struct hotstuff *self, const struct new_view *new_view, uint32_t member) {
    struct pacemaker *pacemaker = &self->pacemaker;
    const uint64_t view = new_view->view;
    struct vote_set *set = collector_open(&pacemaker->timeouts, view);
    const uint32_t own = self->base.self_index;
    vote_set_add(set, member, &no_block, new_view->signature);
    if (view > pacemaker->waits[member])
        pacemaker->waits[member] = view;
    const uint64_t common = common_view(self);
    if (common > pacemaker->view) {
        pacemaker_enter(self, common, VIEW_JOINED);
        give_up(self, common);
    } else if (!bitmap_has(set->voted, own) && view <= pacemaker->view &&
               set->count >= committee_validity(&self->base.committee)) {
        give_up(self, view);
    }
    conclude(self, view);
}

/* Whether @from shows less than what is known to be over here. */
static bool lags(const struct hotstuff *self, const struct new_view *new_view) {
    uint64_t shown = new_view->high.statement.view;
    if (new_view->timeout.frame != NULL)
        shown = new_view->timeout.statement.view;
    return new_view->high.statement.view < self->high.statement.view ||
           shown < hotstuff_proven_view(self);
}

/* A repetition comes from one who misses something. Who waits too repeats itself by its timer and
 * answers nothing; who has nothing to wait for owes its proof, or its own time-out, that were lost.
 */
static int repeated(struct hotstuff *self, node_id from, const struct new_view *new_view) {
    const uint64_t view = new_view->view;
    const struct pacemaker *pacemaker = &self->pacemaker;
    const struct vote_set *set = collector_find(&pacemaker->timeouts, view);
    const uint32_t own = self->base.self_index;
    if (timer_running(&pacemaker->timer))
        return ERR_DUPLICATE;
    if (lags(self, new_view))
        return prove(self, from);
    if (!bitmap_has(set->voted, own))
        return ERR_DUPLICATE;
    return answer(self, from, new_view_frame(self, view, vote_set_signature(set, own)));
}

/* A view that is over here. Its leaver may still hold a higher certificate for a block. */
static int overtaken(struct hotstuff *self, node_id from, const struct new_view *new_view) {
    struct pacemaker *pacemaker = &self->pacemaker;
    const uint32_t member = committee_index(&self->base.committee, from);
    const bool again = new_view->view == pacemaker->overtaken[member];
    pacemaker->overtaken[member] = new_view->view;
    if (new_view->high.statement.view > self->high.statement.view) {
        int error = hotstuff_verify(self, &new_view->high);
        if (error != OK)
            return error;
        hotstuff_adopt(self, &new_view->high, from);
        (void)help(self, from, again);
        return OK;
    }
    return help(self, from, again);
}

/* Whether the member has counted among those who gave @view up. */
static bool counted(const struct hotstuff *self, uint64_t view, uint32_t member) {
    const struct vote_set *set = collector_find(&self->pacemaker.timeouts, view);
    return set != NULL && bitmap_has(set->voted, member);
}

int pacemaker_new_view(struct hotstuff *self, node_id from, const struct message *message) {
    struct new_view new_view;
    int error = new_view_decode(&new_view, &self->base.certification, message);
    if (error != OK)
        return error;
    const uint32_t member = committee_index(&self->base.committee, from);
    const uint64_t before = hotstuff_proven_view(self);
    if (new_view.view <= before)
        return overtaken(self, from, &new_view);
    uint64_t shown = new_view.high.statement.view;
    if (new_view.timeout.frame != NULL)
        shown = new_view.timeout.statement.view; /* the newer of the two, or it were not there */
    const uint64_t proven = shown > before ? shown : before;
    if (new_view.view - proven >= LIMIT_FUTURE_MESSAGES)
        return ERR_FUTURE;
    bool known = new_view.high.statement.view <= self->high.statement.view && proven == before;
    if (known && counted(self, new_view.view, member))
        return repeated(self, from, &new_view);
    error = verify(self, from, &new_view);
    if (error != OK)
        return error;
    hotstuff_adopt(self, &new_view.high, from);
    if (new_view.timeout.frame != NULL)
        pacemaker_adopt(self, &new_view.timeout);
    if (new_view.view > hotstuff_proven_view(self) && !counted(self, new_view.view, member))
        count(self, &new_view, member);
    if (lags(self, &new_view) && !timer_running(&self->pacemaker.timer))
        (void)prove(self, from);
    return OK;
}
