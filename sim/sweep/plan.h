/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A plan: all that happens to a committee alone, as explicit rows, so that it can be played again, shrunk
 * and written down. Two phases: faults until @heal; then a perfect network on which everybody is back, but
 * for those that crash for good and the adversary's.
 *
 * Members are named by bits: bit i is the station of member i, bit PLAN_TWIN + i that of its twin, in files
 * i and i'. Every random draw while a plan plays comes from the row's own @draw, the pair of stations and
 * the count of frames between them: a row more or less moves no other row's draws. */
#ifndef TIERCHAIN_SIM_SWEEP_PLAN_H
#define TIERCHAIN_SIM_SWEEP_PLAN_H

#include <stdio.h>

#include "sim/assembly/assembly.h"
#include "sim/scenario/diagnostics.h"

#define PLAN_MEMBERS   31 /* of a committee, at most */
#define PLAN_TWIN      32
#define PLAN_LOADS     400
#define PLAN_FAULTS    200
#define PLAN_MILLION   INT64_C(1000000)
#define PLAN_UNSET     INT64_C(-1)
#define PLAN_FILE_NAME "sweep"

enum plan_kind {
    PLAN_LOSS,      /* a share of the messages is lost */
    PLAN_SPIKE,     /* a share takes up to @delay more */
    PLAN_SLOW,      /* each takes @delay more */
    PLAN_DUPLICATE, /* a share comes once more, up to @delay later */
    PLAN_CUT,       /* nothing passes between @from and @to */
    PLAN_CRASH,     /* members stop; they are back at @until, if there is one */
    PLAN_TWINS,     /* each member's key has a second station */
    PLAN_HOSTILE,   /* the adversary's, from the beginning */
    PLAN_KINDS
};

enum plan_lose { PLAN_LOSE_NOTHING, PLAN_LOSE_ALL };

struct plan_load {
    int64_t at;
    int64_t count;    /* of transactions */
    uint64_t members; /* who hears of them; 0: all */
    int64_t spread;   /* each at a moment of its own, up to so much later */
    int64_t draw;
    struct origin origin;
};

struct plan_fault {
    enum plan_kind kind;
    int64_t at, until;   /* until: PLAN_UNSET: heal; of a crash: for good */
    uint64_t members;    /* crash, twins, hostile */
    uint64_t from, to;   /* of links; 0: all */
    unsigned one_way;    /* cut: only what @from sends to @to */
    int64_t every;       /* cut: @from moves on by one member so often; PLAN_UNSET: never */
    int64_t rate;        /* loss, spike, duplicate: millionths */
    int64_t delay;       /* spike, slow, duplicate: ns */
    const char *type;    /* links: of messages; NULL: all */
    int64_t view;        /* links: whose body starts with this view or epoch; PLAN_UNSET: all */
    int64_t after;       /* crash: by itself after so many effects from @at; PLAN_UNSET: at @at */
    enum plan_lose lose; /* crash: of what was durable; who loses all of it is faulty */
    const char *behaviour;
    int64_t draw;
    struct origin origin;
};

enum plan_verdict { PLAN_ANY, PLAN_HOLDS, PLAN_VIOLATED };

/* What is expected. What is not given in a file is expected to hold, except the counts. */
struct plan_expect {
    enum plan_verdict agreement, local, live, quiet;
    int64_t decided_least, decided_most; /* batches in the log at heal; PLAN_UNSET: any */
    int64_t keeps; /* millionths of what is decided until heal with the adversary silent */
};

struct plan {
    struct arena *arena;                          /* of a plan that was read; else NULL */
    const char *variant, *certificates, *leaders; /* leaders NULL: the variant's own */
    int64_t n, batch;
    int64_t delay, jitter; /* one way: delay … delay + jitter */
    int64_t view_timeout;
    int64_t seed;
    int64_t heal; /* when the faults end */
    int64_t
        resend; /* clients tell all members what is not decided after so long; PLAN_UNSET: at heal */
    int64_t bound; /* after heal all is decided within so long */
    struct {
        struct plan_load *items;
        size_t count;
    } loads;
    struct {
        struct plan_fault *items;
        size_t count;
    } faults;
    struct plan_expect expect;
};

/* An empty plan, with defaults. */
void plan_init(struct plan *plan);

/* A copy whose rows can be changed; strings are shared with @from. */
void plan_copy(struct plan *plan, const struct plan *from);
void plan_deinit(struct plan *plan);

/* Adds a zeroed row with defaults; NULL when there is no room. Not to a plan that was read. */
struct plan_load *plan_add_load(struct plan *plan);
struct plan_fault *plan_add_fault(struct plan *plan, enum plan_kind kind);

/* Members by bits of their index, without regard to stations. */
uint64_t plan_twins(const struct plan *plan);
uint64_t plan_hostile(const struct plan *plan);
uint64_t plan_amnesiac(const struct plan *plan);
uint64_t plan_gone(const struct plan *plan);   /* crashed for good */
uint64_t plan_faulty(const struct plan *plan); /* all of these: who is to be tolerated */
const struct plan_fault *
plan_behaviour(const struct plan *plan); /* the row of the adversary, or NULL */

static inline uint32_t plan_count(uint64_t members) {
    return (uint32_t)__builtin_popcountll(members);
}

/* f. */
static inline uint32_t plan_tolerated(const struct plan *plan) {
    return (uint32_t)(plan->n - 1) / 3;
}

/* Whether the protocol promises that everything is decided once healed. Not with more than f faulty
 * members; nor does HotStuff with rotating leaders unless four correct ones lead in a row (hotstuff.h). */
bool plan_is_live(const struct plan *plan);

const char *plan_kind_name(enum plan_kind kind);

/* Reads a file or a text; 0, or ERR_INVALID with what is wrong in @diagnostics. */
int plan_read(struct plan *plan, const char *path, struct diagnostics *diagnostics);
int plan_read_text(struct plan *plan, const char *name, const char *text, size_t size,
                   struct diagnostics *diagnostics);

/* As plan_read reads it. */
void plan_write(const struct plan *plan, FILE *out);

#endif
