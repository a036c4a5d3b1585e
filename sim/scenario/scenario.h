/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A resolved scenario: every key of keys.def has its value, as an integer in the base unit.
 *
 * Units: durations and times in ns; sizes in bytes; bandwidths in bit/s; rates in millionths of an
 * event per second; shares and factors in millionths (MILLION = 100 % = factor 1). Optional values
 * that were not given are UNSET. Strings belong to the scenario and live until scenario_deinit. */
#ifndef TIERCHAIN_SIM_SCENARIO_SCENARIO_H
#define TIERCHAIN_SIM_SCENARIO_SCENARIO_H

#include <stdio.h>

#include "base/types.h"
#include "env/work.h"
#include "models/cpu.h"
#include "pipeline/piece_index.h"
#include "sim/scenario/diagnostics.h"
#include "sim/scenario/expectation.h"
#include "tier/ack.h"

#define MILLION               INT64_C(1000000)
#define UNSET                 INT64_C(-1)
#define RATE_AS_RECORDED      INT64_C(0) /* workload.rate: a trace's own */
#define SIZE_CARDANO          INT64_C(0) /* workload.size: drawn from the measured distribution */
#define SCENARIO_KEYS         128        /* capacity for rows of keys.def */
#define SCENARIO_PLACES       1024       /* limits of a file's lists */
#define SCENARIO_FAULTS       1024
#define SCENARIO_GROUPS       16 /* sides of one partition */
#define SCENARIO_TERMS        64 /* of one choice of nodes */
#define SCENARIO_EXPECTATIONS 256
#define SCENARIO_NAME_BYTES   100              /* of the key `name` */
#define SCENARIO_STDIN        "<stdin>"        /* names of sources that are no files */
#define SCENARIO_SETS         "<command line>" /* --set */

enum workload_model { WORKLOAD_POISSON, WORKLOAD_CONSTANT, WORKLOAD_CLOSED_LOOP, WORKLOAD_TRACE };
enum network_mode { NETWORK_LATENCY, NETWORK_FLUID, NETWORK_HYBRID };
enum paths_use { PATHS_ON, PATHS_OFF };
enum targets_use { TARGETS_REPORT, TARGETS_FAIL };
enum stake_model { STAKE_EQUAL, STAKE_PARETO };
enum overlay_use { OVERLAY_ON, OVERLAY_OFF };
enum loss_model_choice { LOSS_INDEPENDENT, LOSS_BURSTS };
enum bandwidth_choice { BANDWIDTH_UNIFORM, BANDWIDTH_MEASURED, BANDWIDTH_STREAM };
enum network_jitter { JITTER_NONE, JITTER_MEASURED, JITTER_HEAVY };
enum fault_kind {
    FAULT_CRASH,
    FAULT_RESTART,
    FAULT_LOSS,
    FAULT_PARTITION,
    FAULT_SLOW,
    FAULT_FORGET,
    FAULT_CLOCK
};
enum clock_sync { CLOCK_SYNC_NONE, CLOCK_SYNC_NTP, CLOCK_SYNC_PTP };
enum node_tier { TIER_ANY, TIER_CITY, TIER_CONTINENT };

/* A list of strings in the order of the file. */
struct name_list {
    const char **names;
    size_t count;
};

/* A city: its users' nodes. */
struct scenario_place {
    const char *id; /* a name that models/places knows */
    int64_t nodes;
    int64_t share;      /* of the load; UNSET: all places in proportion to their nodes */
    int64_t multiplier; /* S1 favours the place's municipality by this factor */
    struct origin origin;
};

/* What the committee of one tier runs. */
struct scenario_tier {
    int64_t committee;        /* members */
    const char *consensus;    /* for consensus_find */
    const char *certificates; /* for certificate_scheme_find */
    const char *leaders;      /* for leaders_find; NULL: as the consensus prefers */
    int64_t batch_size;       /* transactions; a leader proposes at once when so many wait */
    int64_t batch_delay;      /* or when the oldest has waited so long */
    int64_t timeout;          /* of the first view */
};

/* A term of a choice of nodes: the intersection of all that is given. */
struct node_selector {
    enum node_tier tier;
    const char *place;   /* NULL: everywhere */
    int64_t index_first; /* positions among the nodes that tier and place leave; UNSET: all */
    int64_t index_last;  /* included */
    int64_t share;       /* a random share of them (drawn from the seed); UNSET: all */
    struct origin origin;
};

/* A choice of nodes: the union of its terms, or everybody whom no other side names. */
struct node_selection {
    struct node_selector *terms;
    size_t count; /* 0: it was not given, or it is the rest */
    bool rest;    /* a side of a partition only */
    struct origin origin;
};

enum fault_direction { BOTH_WAYS, ONE_WAY };

struct scenario_fault {
    int64_t at;    /* since the start of the run, warm-up included */
    int64_t until; /* UNSET: to the end. A restart has it; a crash never has */
    enum fault_kind kind;
    struct node_selection nodes;    /* not for a partition; loss: what they send or receive */
    struct node_selection from, to; /* loss: instead of nodes; what from sends and to receives */
    int64_t rate;                   /* loss: share of messages lost; forget: of blocks */
    int64_t factor;                 /* slow: how many times slower the CPU is */
    int64_t ahead, behind;          /* clock: by how much it is stepped; one of the two is UNSET */
    struct node_selection *groups;  /* partition: its sides; other nodes talk to all of them */
    size_t group_count;
    struct node_selection isolate; /* partition: instead of groups; from the rest */
    enum fault_direction one_way;  /* partition of two sides: only from the first to the second */
    struct origin origin;
};

/* As scenarios write it. */
const char *fault_kind_name(enum fault_kind kind);

struct scenario_expectation {
    const char *text; /* as written */
    struct expectation bound;
    struct origin origin;
};

/* What was read: the scenario's file, then whatever it includes, newest first. */
struct scenario_file {
    const char *path; /* absolute, or SCENARIO_STDIN */
    const char *text;
    size_t size;
    const struct scenario_file *next;
};

struct scenario {
    int64_t schema;
    const char *name; /* default: the file's name */
    const char *description;
    int64_t seed;
    int64_t repetitions;
    int64_t duration; /* of the load, warm-up included */
    int64_t warmup;   /* transactions submitted before are not counted */
    int64_t drain;    /* after the load ends, for what is still under way */

    enum targets_use targets;
    struct {
        enum paths_use paths;
    } output;

    struct scenario_place *places;
    size_t place_count;
    struct scenario_tier city; /* the committee's members are nodes of the place */
    int64_t city_delegates;    /* drawn from; UNSET: 4 x the committee, at most all */
    enum stake_model stake;
    struct scenario_tier continent;
    struct name_list continent_places; /* the representatives' places, in turns; never empty */
    enum ack_level continent_ack;
    int64_t continent_acks; /* awaited; f + 1 unless given */

    struct {
        int64_t heartbeat, timeout, refresh;
    } presence;
    struct {
        enum overlay_use use;
        int64_t join;                    /* the time over which joins are spread */
        int64_t shuffle;                 /* HyParView's period */
        int64_t heartbeat;               /* likewise */
        int64_t timeout, missing, graft; /* UNSET: by the world's longest delay (overlay.c) */
    } overlay;

    struct {
        int64_t candidates, holders, tolerance, pieces, needed;
        int64_t acks; /* PoH acknowledgements before S5 may start */
        int64_t hold_ttl;
        enum piece_index_kind index;
        struct {
            int64_t share, blocks, deadline;
        } audit;
        int64_t retry; /* before a layer asks again */
    } pipeline;

    struct {
        enum workload_model model;
        int64_t rate;       /* of the whole world; trace: its mean, or RATE_AS_RECORDED */
        int64_t clients;    /* of the whole world; closed-loop */
        int64_t think;      /* closed-loop: between an answer and the next transaction */
        int64_t size;       /* bytes, or SIZE_CARDANO */
        const char *trace;  /* absolute path, NULL unless model is WORKLOAD_TRACE */
        int64_t cross_city; /* share of the transactions that pay a node of another city */
    } workload;

    struct {
        enum network_mode mode;
        int64_t threshold;   /* hybrid: messages of so many bytes or more share bandwidth */
        const char *latency; /* aws, azure, cities, fibre, uniform */
        int64_t delay;       /* uniform: one way between two places */
        int64_t local_delay; /* one way inside a place */
        enum network_jitter jitter;
        int64_t loss;
        enum loss_model_choice loss_model;
        int64_t burst; /* messages lost in a row, bursts */
        enum bandwidth_choice bandwidth;
        int64_t nic, backbone; /* bit/s */
    } network;

    struct {
        const char *table; /* measured, zero, or an absolute path */
        int64_t speed;     /* factor: 2 is twice as fast as the table's machine */
        int64_t cores;     /* of every node; UNSET: as models/machine.h says */
        enum cpu_spread spread;
        int64_t costs[WORK_COUNT]; /* ns of one unit of work; UNSET: the table's */
    } cpu;

    struct {
        const char *provider, *suite; /* for suite_find */
    } crypto;

    struct {
        int64_t offset, noise, amplitude, period;
        int64_t drift; /* parts per 1e9 */
        enum clock_sync sync;
        int64_t poll, reference, asymmetry;
    } clock;

    struct scenario_fault *faults;
    size_t fault_count;
    struct scenario_expectation *expectations;
    size_t expectation_count;

    struct origin origins[SCENARIO_KEYS]; /* of each row of keys.def */
    const struct scenario_file *files;
    struct arena *arena; /* owns the strings and lists */
};

struct scenario_options {
    const char *const *sets; /* "key=value", in order; they win over the file */
    size_t set_count;
    /* The known places' names, NULL behind the last; without it every name is taken. */
    const char *(*place_at)(size_t index);
};

/* Reads and checks a scenario file, or standard input when @path is "-". 0, or ERR_INVALID when @diagnostics holds errors; @scenario is
 * then empty. Free with scenario_deinit in both cases. */
int scenario_load(struct scenario *scenario, const char *path,
                  const struct scenario_options *options, struct diagnostics *diagnostics);

/* The same from memory; @name stands for the path in messages and for includes. */
int scenario_load_text(struct scenario *scenario, const char *name, const char *text, size_t size,
                       const struct scenario_options *options, struct diagnostics *diagnostics);

void scenario_deinit(struct scenario *scenario);

/* All nodes: those of the places and the representatives, which are nodes of their own. */
int64_t scenario_node_count(const struct scenario *scenario);

/* Writes every key as YAML that scenario_load_text reads back to the same scenario. With @origins
 * each line tells where its value comes from, as a comment. */
void scenario_write_resolved(const struct scenario *scenario, FILE *out, bool origins);

#endif
