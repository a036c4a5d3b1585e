/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shared by the assembly's own files: what a member is, what its client does (client.c), what the
 * checkers remember (checkers.c, and those with a file of their own). */
#ifndef TIERCHAIN_SIM_ASSEMBLY_INSIDE_H
#define TIERCHAIN_SIM_ASSEMBLY_INSIDE_H

#include <uthash.h>

#include "base/error.h"
#include "crypto/group.h"
#include "sim/assembly/assembly.h"

#define NUMBER_BYTES 8 /* of a transaction: its number */

/* Certificates that checkers have found good, by a hash of their bytes: the same ones are sent again and again. */
#define ASSEMBLY_GOOD 4096

/* What a member knows of a transaction. */
enum { CLIENT_KNOWN = 1, CLIENT_DECIDED = 2 };

/* A station: the code of one member, or of its twin. */
struct member {
    struct process process; /* env and timers of this life */
    struct assembly *assembly;
    node_id station;
    struct identity identity;
    struct consensus *consensus; /* NULL while down */
    /* The client: durable. */
    uint8_t *transactions; /* by number: CLIENT_… */
    uint64_t *arrivals;    /* numbers in the order in which they became known */
    uint64_t known;        /* how many */
    uint64_t waiting;      /* those of them that are not decided */
    uint64_t oldest;       /* all arrivals before it are decided */
    uint64_t highest;      /* number that is known */
    uint64_t height;
    uint64_t reported;                    /* the highest of all lives */
    uint64_t repeated;                    /* decisions marked as again */
    bool new_life;                        /* nothing decided yet in this life */
    bool doomed;                          /* crashes in the middle of a step */
    struct consensus_view seen;           /* the last observation of this life */
    struct consensus_view durable;        /* the last locked and high view of all lives */
    struct consensus_view durable_before; /* … seen at an earlier time than durable_at */
    time_ns durable_at;
    /* Of the step whose effects happen now. */
    bool persisted;      /* something was */
    bool vote_undurable; /* a vote was cast, and nothing persisted before */
    /* The lock, as the trace told it, and how much of it is durable. */
    struct lock {
        uint64_t view, block;
    } lock, lock_durable;
    /* Frames to each node in the window of one view timeout that is on. */
    uint32_t *sent_window;
    time_ns window;
    uint64_t window_progress; /* decisions of all when it began */
    uint64_t window_forged;   /* frames that the adversary had sent */
    uint64_t sent;            /* frames, over all lives */
};

struct entry {
    struct digest block;
    uint64_t view;
    node_id proposer;
    uint8_t *bytes;
    size_t size;
};

/* Where someone voted or a certificate stands, and for which block. */
struct position {
    struct {
        uint64_t who; /* station + 1, beside it what is said; 0: a certificate */
        uint64_t at;
    } key;
    uint64_t block;
    UT_hash_handle hh;
};

/* A block that was proposed, by what traces call it. */
struct known_block {
    uint64_t block, parent;
    uint64_t view, parent_view;
    UT_hash_handle hh;
};

struct assembly {
    struct assembly_config config;
    struct stage stage;
    struct key_directory directory;
    struct group_keys group; /* frost; empty when the config gave them */
    node_id ids[LIMIT_COMMITTEE];
    node_id speaks_for[LIMIT_COMMITTEE + ASSEMBLY_TWINS];
    uint32_t stations;
    struct member *members; /* by station */
    struct env forger;
    struct identity forger_identity;
    uint64_t submitted;
    struct entry *log;
    size_t log_height;
    uint64_t log_transactions;
    uint32_t *in_log; /* by number: 1 + who proposed it; 0: it is not there */
    struct position *positions;
    struct known_block *blocks;
    struct certification certification;
    struct certificate_memory verified;
    uint64_t good[ASSEMBLY_GOOD];
    struct env checker; /* for digests and signatures that checkers want */
    struct identity checker_identity;
    const struct frame *looked_at; /* the last frame that was looked into, and its size … */
    uint64_t forged;               /* frames that the adversary has sent */
    uint64_t steps;
    uint64_t traced[TRACE_COUNT];
    uint64_t dropped[ERROR_COUNT];
    uint64_t hash; /* over all trace records, summed over stations */
    uint64_t *hashes;
    char violation[200];
    uint32_t violated; /* bit: rule */
};

static inline bool assembly_is_outside(const struct assembly *assembly, node_id node) {
    return node < 64 && (assembly->config.outside >> node & 1) != 0;
}

/* Not held to any rule: it may do what it likes, or is one of twins. */
static inline bool assembly_is_faulty(const struct assembly *assembly, node_id station) {
    const node_id node = assembly->speaks_for[station];
    return node < 64 && ((assembly->config.faulty | assembly->config.outside) >> node & 1) != 0;
}

/* client.c: what stands above a member's consensus instance. */
struct consensus_client assembly_client(struct member *member);

/* Makes @count transactions up to @last known. */
void assembly_client_hear(struct member *member, uint64_t last, uint64_t count);

/* As if it had never heard of anything. */
void assembly_client_forget(struct member *member);

/* checkers.c: notes that a rule was broken at a station, with two numbers that say where. */
void assembly_violate(struct assembly *assembly, enum assembly_rule rule, node_id station,
                      uint64_t a, uint64_t b);

/* The stage's callbacks, with the assembly as context: everything passes the checkers. */
void assembly_on_trace(void *context, const struct trace_record *record);
void assembly_on_step(void *context, node_id station, const struct event *event);
void assembly_on_effect(void *context, node_id station, const struct effect *effect);

/* A station begins a new life. */
void assembly_checkers_restart(struct assembly *assembly, struct member *member);

void assembly_checkers_deinit(struct assembly *assembly);

/* locks.c: takes note of the blocks that a message carries; holds a vote to the lock of its station. */
void assembly_note_blocks(struct assembly *assembly, const struct message *message);
void assembly_check_lock(struct assembly *assembly, struct member *member, uint64_t block);
void assembly_locks_deinit(struct assembly *assembly);

/* checkers.c: that nothing else has been said by @who about the record's first field. */
void assembly_check_position(struct assembly *assembly, enum assembly_rule rule, uint64_t who,
                             const struct trace_record *record);

/* said.c: "one vote" of a frame that an honest station sends. */
void assembly_check_said(struct assembly *assembly, node_id station, const struct message *message);

/* signers.c: checks every certificate in a message that an honest station sends. */
void assembly_check_signers(struct assembly *assembly, node_id station,
                            const struct message *message);

#endif
