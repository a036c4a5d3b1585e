/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/pool.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

/* A child hands its result back through a temporary file: the struct, then its arrays. The strings
 * in
 * them are literals or belong to the scenario, so their addresses are the same in both processes.
 * */
struct part {
    const void **array;
    size_t count;
    size_t size;
};

#define PARTS 9

static void parts_of(struct run_result *result, struct part parts[PARTS]) {
    parts[0] = (struct part){(const void **)&result->transactions, result->transaction_count,
                             sizeof *result->transactions};
    parts[1] = (struct part){(const void **)&result->counters, result->counter_count,
                             sizeof *result->counters};
    parts[2] =
        (struct part){(const void **)&result->nodes, result->node_count, sizeof *result->nodes};
    parts[3] = (struct part){(const void **)&result->messages, result->message_count,
                             sizeof *result->messages};
    parts[4] =
        (struct part){(const void **)&result->drops, result->drop_count, sizeof *result->drops};
    parts[5] = (struct part){(const void **)&result->invariants, result->invariant_count,
                             sizeof *result->invariants};
    parts[6] =
        (struct part){(const void **)&result->announcements.latencies,
                      result->announcements.reached, sizeof *result->announcements.latencies};
    parts[7] = (struct part){(const void **)&result->clock_errors, result->clock_error_count,
                             sizeof *result->clock_errors};
    parts[8] =
        (struct part){(const void **)&result->faults, result->fault_count, sizeof *result->faults};
}

static bool hand_over(struct run_result *result, FILE *file) {
    struct part parts[PARTS];
    parts_of(result, parts);
    bool good = fwrite(result, sizeof *result, 1, file) == 1;
    for (size_t i = 0; i < PARTS; i++)
        good =
            good && fwrite(*parts[i].array, parts[i].size, parts[i].count, file) == parts[i].count;
    return fflush(file) == 0 && good;
}

static bool take_over(struct run_result *result, FILE *file) {
    struct part parts[PARTS];
    rewind(file);
    if (fread(result, sizeof *result, 1, file) != 1)
        return false;
    parts_of(result, parts);
    bool good = true;
    for (size_t i = 0; i < PARTS; i++) {
        void *memory = memory_new(parts[i].count + 1, parts[i].size);
        *parts[i].array = memory;
        good = good && fread(memory, parts[i].size, parts[i].count, file) == parts[i].count;
    }
    return good;
}

struct worker {
    pid_t process; /* 0: not started or finished */
    FILE *file;
};

static void start(struct worker *worker, const struct run_request *request) {
    worker->file = tmpfile();
    if (worker->file == NULL)
        return;
    fflush(NULL);
    worker->process = fork();
    if (worker->process == 0) {
        struct run_result result = {0};
        int error = run_one(request, &result);
        _exit(error == OK && hand_over(&result, worker->file) ? EXIT_SUCCESS : EXIT_FAILURE);
    }
}

static void finish(struct worker *worker, bool good, struct run_result *result) {
    if (!good || !take_over(result, worker->file))
        *result = (struct run_result){0};
    fclose(worker->file);
    *worker = (struct worker){0};
}

static size_t find(const struct worker *workers, size_t count, pid_t process) {
    size_t i = 0;
    while (i < count && workers[i].process != process)
        i++;
    return i;
}

/* A terminal signals the whole group, but `kill` only this process. */
static void pass_interrupt_on(const struct worker *workers, size_t count) {
    for (size_t i = 0; i < count && run_interrupted(); i++)
        if (workers[i].process != 0)
            kill(workers[i].process, SIGINT);
}

size_t pool_run(const struct run_request *requests, size_t count, size_t jobs,
                struct run_result *results) {
    struct worker *workers = calloc(count, sizeof *workers);
    size_t started = 0, finished = 0, failed = 0;
    if (workers == NULL)
        abort();
    while (finished < count) {
        while (started < count && started - finished < jobs && !run_interrupted())
            start(&workers[started], &requests[started]), started++;
        if (started == finished)
            break; /* interrupted before the rest began */
        int status;
        pid_t process = waitpid(-1, &status, 0);
        if (process < 0 && errno == EINTR) {
            pass_interrupt_on(workers, started);
            continue;
        }
        size_t at = process < 0 ? count : find(workers, started, process);
        if (at == count || at == started)
            break;
        finish(&workers[at], WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS,
               &results[at]);
        finished++;
    }
    for (size_t i = 0; i < count; i++)
        failed += results[i].scenario == NULL;
    free(workers);
    return failed;
}
