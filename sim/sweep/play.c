/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sweep/play.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/assembly/hostile.h"
#include "sim/sweep/state.h"
#include "sim/sweep/weather.h"

#define SETTLE      (60 * NS_PER_S)   /* until everything has come to rest */
#define REST        (1000 * NS_PER_S) /* how long messages are counted then */
#define REST_ACTIVE (5 * NS_PER_S)    /* both when somebody faulty goes on for ever */
#define UNASKED     NS_PER_S          /* after heal, where nothing is promised */

enum phase { PHASE_FAULTS, PHASE_RECOVERY, PHASE_SETTLING, PHASE_REST, PHASE_WAKE };

struct player;

/* Something to be done at a time of its own. */
struct cue {
    struct player *player;
    const struct plan_fault *fault;
    uint64_t last; /* load: the number of its last transaction … */
    uint32_t count;
};

struct player {
    const struct plan *plan;
    struct outcome *outcome;
    struct assembly *assembly;
    struct hostile *hostile; /* NULL: nobody is */
    struct weather weather;
    uint32_t *down; /* by station: crashes that are on */
    struct cue *cues;
    size_t cue_count;
    enum phase phase;
    time_ns until; /* the end of the phase at the latest */
    time_ns begun; /* of the phase */
    uint64_t sent, heard;
    bool active; /* somebody faulty goes on after heal */
};

static struct cue *cue_of(uint64_t argument) {
    return (struct cue *)(uintptr_t)argument;
}

static struct cue *add_cue(struct player *player) {
    struct cue *cue = &player->cues[player->cue_count++];
    *cue = (struct cue){.player = player};
    return cue;
}

static bool bit(uint64_t set, node_id station) {
    return (set >> station & 1) != 0;
}

/* Lives. */

static bool is_outside(const struct player *player, node_id station) {
    return player->hostile != NULL && !player->hostile->behaviour->runs_code &&
           bit(plan_hostile(player->plan), assembly_identity(player->assembly, station));
}

static void fall(void *assembly, uint64_t argument) {
    const struct cue *cue = cue_of(argument);
    struct player *player = cue->player;
    const uint64_t stations = weather_stations(player->plan, cue->fault->members);
    for (node_id station = 0; station < player->weather.stations; station++) {
        if (!bit(stations, station) || is_outside(player, station))
            continue;
        if (player->down[station]++ > 0 || !assembly_alive(assembly, station))
            continue;
        if (cue->fault->after == PLAN_UNSET)
            assembly_crash(assembly, station);
        else
            assembly_crash_after(assembly, station, (uint64_t)cue->fault->after);
    }
}

static void raise(struct player *player, node_id station, bool empty) {
    if (assembly_alive(player->assembly, station)) /* the effects did not come */
        assembly_crash(player->assembly, station);
    if (empty)
        assembly_restart_empty(player->assembly, station);
    else
        assembly_restart(player->assembly, station);
}

static void rise(void *assembly, uint64_t argument) {
    const struct cue *cue = cue_of(argument);
    struct player *player = cue->player;
    const uint64_t stations = weather_stations(player->plan, cue->fault->members);
    (void)assembly;
    for (node_id station = 0; station < player->weather.stations; station++)
        if (bit(stations, station) && !is_outside(player, station) && --player->down[station] == 0)
            raise(player, station, cue->fault->lose == PLAN_LOSE_ALL);
}

/* What everybody is to know. */

static bool is_counted(const struct player *player, node_id station) {
    return !assembly_faulty(player->assembly, station) && player->down[station] == 0;
}

/* All of it, decided by every correct member that is up. */
static bool all_is_decided(const struct player *player) {
    const struct assembly *assembly = player->assembly;
    if (assembly_decided(assembly) < assembly_submitted(assembly))
        return false;
    for (node_id station = 0; station < player->weather.stations; station++)
        if (is_counted(player, station) &&
            (assembly_height(assembly, station) < assembly_log_height(assembly) ||
             assembly_waiting(assembly, station) > 0))
            return false;
    return true;
}

static void tell_again(void *assembly, uint64_t argument) {
    const struct cue *cue = cue_of(argument);
    assembly_tell(assembly, assembly_now(assembly) + 1, cue->last, cue->count, UINT64_MAX);
}

/* Frames of correct members, and of all others. */
static void count_frames(const struct player *player, uint64_t *sent, uint64_t *heard) {
    *sent = 0;
    *heard = player->hostile != NULL ? player->hostile->forged : 0;
    for (node_id station = 0; station < player->weather.stations; station++)
        *(assembly_faulty(player->assembly, station) ? heard : sent) +=
            assembly_sent(player->assembly, station);
}

/* The phases after the faults, looked at now and then. */

static void look(void *assembly, uint64_t argument);

static void look_at(struct player *player, time_ns at) {
    assembly_at(player->assembly, at, look, (uintptr_t)player);
}

static void end(struct player *player, enum play_end how) {
    player->outcome->end = how;
    if (how != PLAY_DONE && how != PLAY_NOT_ASKED)
        state_describe(player->assembly, player->down, player->outcome);
    assembly_stop(player->assembly);
}

static void enter(struct player *player, enum phase phase, time_ns at_most) {
    player->phase = phase;
    player->begun = assembly_now(player->assembly);
    player->until = player->begun + at_most;
    count_frames(player, &player->sent, &player->heard);
}

static void heal(struct player *player) {
    const struct plan *plan = player->plan;
    struct assembly *assembly = player->assembly;
    player->outcome->decided = assembly_log_height(assembly);
    if (!plan_is_live(plan)) {
        enter(player, PHASE_RECOVERY, UNASKED);
        look_at(player, player->until);
        return;
    }
    assembly_submit_to(assembly, assembly_now(assembly) + 1, 1, UINT64_MAX);
    assembly_tell(assembly, assembly_now(assembly) + 2, assembly_submitted(assembly),
                  (uint32_t)assembly_submitted(assembly), UINT64_MAX);
    enter(player, PHASE_RECOVERY, plan->bound);
    look_at(player, player->begun + plan->view_timeout / 2);
}

/* What the faults have delayed may still be on its way for so long. */
static time_ns longest_delay(const struct plan *plan) {
    time_ns longest = 0;
    for (size_t i = 0; i < plan->faults.count; i++)
        if (plan->faults.items[i].delay > longest)
            longest = plan->faults.items[i].delay;
    return longest;
}

static void recovered(struct player *player) {
    struct outcome *outcome = player->outcome;
    uint64_t sent, heard;
    count_frames(player, &sent, &heard);
    outcome->recovered = assembly_now(player->assembly) - player->begun;
    outcome->sent_after = sent - player->sent;
    outcome->heard_after = heard - player->heard;
    enter(player, PHASE_SETTLING,
          (player->active ? REST_ACTIVE : SETTLE) + longest_delay(player->plan));
    look_at(player, player->until);
}

static void rested(struct player *player) {
    struct outcome *outcome = player->outcome;
    uint64_t sent, heard;
    count_frames(player, &sent, &heard);
    outcome->idle = assembly_now(player->assembly) - player->begun;
    outcome->sent_idle = sent - player->sent;
    outcome->heard_idle = heard - player->heard;
    if (outcome->sent_idle > 0)
        state_describe(player->assembly, player->down, outcome);
    assembly_submit_to(player->assembly, assembly_now(player->assembly) + 1, 1, UINT64_MAX);
    enter(player, PHASE_WAKE, player->plan->bound);
    look_at(player, player->begun + player->plan->view_timeout / 2);
}

static void look_again(struct player *player, enum play_end otherwise) {
    if (assembly_now(player->assembly) >= player->until)
        end(player, otherwise);
    else
        look_at(player, assembly_now(player->assembly) + player->plan->view_timeout / 2);
}

static void look(void *assembly, uint64_t argument) {
    struct player *player = (struct player *)(uintptr_t)argument;
    const time_ns now = assembly_now(assembly);
    if (assembly_steps(assembly) > PLAY_STEPS_MAX) {
        end(player, PLAY_STORM);
        return;
    }
    switch (player->phase) {
    case PHASE_FAULTS:
        if (now >= player->plan->heal)
            heal(player);
        else
            look_at(player, now + player->plan->view_timeout < player->plan->heal
                                ? now + player->plan->view_timeout
                                : player->plan->heal);
        break;
    case PHASE_RECOVERY:
        if (!plan_is_live(player->plan))
            end(player, PLAY_NOT_ASKED);
        else if (all_is_decided(player))
            recovered(player);
        else
            look_again(player, PLAY_STUCK);
        break;
    case PHASE_SETTLING:
        enter(player, PHASE_REST, player->active ? REST_ACTIVE : REST);
        look_at(player, player->until);
        break;
    case PHASE_REST:
        rested(player);
        break;
    case PHASE_WAKE:
        if (all_is_decided(player))
            end(player, PLAY_DONE);
        else
            look_again(player, PLAY_NOT_WOKEN);
        break;
    }
}

/* Setting up. */

static void schedule_loads(struct player *player) {
    const struct plan *plan = player->plan;
    uint64_t last = 0;
    for (size_t i = 0; i < plan->loads.count; i++) {
        const struct plan_load *load = &plan->loads.items[i];
        const uint64_t stations =
            load->members == 0 ? UINT64_MAX : weather_stations(plan, load->members);
        const uint32_t count = (uint32_t)load->count;
        last += count;
        assembly_submit_to(player->assembly, load->at, count, 0);
        for (node_id station = 0; station < player->weather.stations; station++) {
            time_ns at = load->at;
            if (load->spread > 0)
                at += (time_ns)weather_draw(plan, load->draw, station, i, (uint64_t)load->spread);
            if (bit(stations, station))
                assembly_tell(player->assembly, at, last, count, UINT64_C(1) << station);
        }
        if (plan->resend == PLAN_UNSET || load->at + load->spread + plan->resend >= plan->heal)
            continue;
        struct cue *cue = add_cue(player);
        cue->last = last;
        cue->count = count;
        assembly_at(player->assembly, load->at + load->spread + plan->resend, tell_again,
                    (uintptr_t)cue);
    }
}

static void schedule_faults(struct player *player) {
    const struct plan *plan = player->plan;
    for (size_t i = 0; i < plan->faults.count; i++) {
        const struct plan_fault *fault = &plan->faults.items[i];
        if (fault->kind != PLAN_CRASH || fault->at >= plan->heal)
            continue;
        struct cue *cue = add_cue(player);
        cue->fault = fault;
        assembly_at(player->assembly, fault->at, fall, (uintptr_t)cue);
        if (fault->until != PLAN_UNSET)
            assembly_at(player->assembly, fault->until < plan->heal ? fault->until : plan->heal,
                        rise, (uintptr_t)cue);
    }
}

/* A storm may leave no time for a look. */
static time_ns route(void *context, const struct assembly_message *message) {
    struct player *player = context;
    if (player->assembly != NULL && assembly_steps(player->assembly) > PLAY_STEPS_MAX) {
        assembly_stop(player->assembly);
        return -1;
    }
    return weather_route(&player->weather, message);
}

/* At the latest. */
static time_ns end_of(const struct plan *plan) {
    return plan->heal + 2 * plan->bound + SETTLE + longest_delay(plan) + REST + NS_PER_S;
}

static struct assembly_config config_of(struct player *player, const struct stage_ops *stage) {
    const struct plan *plan = player->plan;
    const uint64_t twins = plan_twins(plan);
    uint64_t transactions = 3;
    for (size_t i = 0; i < plan->loads.count; i++)
        transactions += (uint64_t)plan->loads.items[i].count;
    struct assembly_config config = {
        .ops = consensus_find(plan->variant),
        .count = (uint32_t)plan->n,
        .delay = plan->delay,
        .view_timeout = plan->view_timeout,
        .batch = (uint32_t)plan->batch,
        .seed = (uint64_t)plan->seed,
        .faulty = plan_amnesiac(plan),
        .certificates = certificate_scheme_find(plan->certificates),
        .transactions = transactions,
        .exact = true,
        .stage = stage,
        .end = end_of(plan),
        .route = route,
        .context = player,
    };
    if (plan->leaders != NULL)
        config.leaders = (struct leaders){leaders_find(plan->leaders), config.seed};
    for (node_id member = 0; member < config.count; member++)
        if (bit(twins, member))
            config.twin_of[config.twins++] = member;
    return config;
}

static void open(struct player *player, const struct stage_ops *stage, bool silent) {
    const struct plan *plan = player->plan;
    const struct plan_fault *mind = plan_behaviour(plan);
    struct assembly_config config = config_of(player, stage);
    weather_init(&player->weather, plan);
    player->down = memory_new(player->weather.stations, sizeof *player->down);
    player->cues = memory_new(plan->faults.count + plan->loads.count, sizeof *player->cues);
    player->active = plan_twins(plan) != 0 ||
                     (mind != NULL && !silent && strcmp(mind->behaviour, "silent") != 0);
    if (mind == NULL) {
        player->assembly = player->weather.assembly = assembly_new(&config);
        return;
    }
    player->hostile = memory_new(1, sizeof *player->hostile);
    hostile_begin(player->hostile, &config,
                  adversary_find(silent ? "silent" : mind->behaviour, plan->variant),
                  plan_hostile(plan));
    player->assembly = player->weather.assembly = player->hostile->assembly;
}

static void close(struct player *player) {
    if (player->hostile != NULL)
        hostile_end(player->hostile);
    else
        assembly_free(player->assembly);
    free(player->hostile);
    free(player->down);
    free(player->cues);
    weather_deinit(&player->weather);
}

static void collect(const struct player *player) {
    struct outcome *outcome = player->outcome;
    const struct assembly *assembly = player->assembly;
    const char *violation = assembly_violation(assembly);
    uint64_t heard;
    outcome->violations = assembly_violations(assembly);
    if (violation != NULL)
        snprintf(outcome->violation, sizeof outcome->violation, "%s", violation);
    outcome->submitted = assembly_submitted(assembly);
    outcome->ordered = assembly_decided(assembly);
    outcome->steps = assembly_steps(assembly);
    outcome->ended = assembly_now(assembly);
    outcome->trace_hash = assembly_trace_hash(assembly);
    count_frames(player, &outcome->sent, &heard);
}

void play(const struct plan *plan, const struct stage_ops *stage, bool silent,
          struct outcome *outcome) {
    struct player player = {.plan = plan, .outcome = outcome};
    *outcome = (struct outcome){.end = PLAY_STORM, .recovered = TIME_NEVER};
    open(&player, stage, silent);
    schedule_loads(&player);
    schedule_faults(&player);
    look_at(&player, plan->view_timeout);
    assembly_run(player.assembly, end_of(plan));
    collect(&player);
    close(&player);
}
