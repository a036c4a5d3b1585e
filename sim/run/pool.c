/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "sim/run/interrupt.h"
#include "sim/run/progress.h"

#define LOOK_NS (200 * NS_PER_MS) /* how often the parent looks when nothing happens */

/* A child hands its result back through a temporary file: the struct, then its arrays. The strings
 * in them are literals or belong to the scenario, so their addresses are the same in both
 * processes. */
struct part {
    const void **array;
    size_t count;
    size_t size;
};

#define PARTS 11

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
    parts[9] =
        (struct part){(const void **)&result->paths, result->path_count, sizeof *result->paths};
    parts[10] = (struct part){(const void **)&result->path_parts, result->path_part_count,
                              sizeof *result->path_parts};
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

struct state {
    const struct pool *pool;
    struct run_result *results;
    struct pool_end *ends;
    struct worker *workers;
    struct progress_slot *slots; /* one a run, shared with the workers */
    struct progress progress;
    double begun;
    size_t started, finished;
    pid_t self;
    sigset_t awaited, before;
};

/* Without a name, so that nothing stays behind; where the results go, for there must be room. */
static FILE *open_spool(const char *directory) {
    int fd = directory != NULL ? open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;
    return fd >= 0 ? fdopen(fd, "w+b") : tmpfile();
}

static void complain(struct state *state, size_t at, const char *what, const char *why) {
    const struct run_request *request = &state->pool->requests[at];
    progress_clear(&state->progress);
    fprintf(stderr, "tierchain: %s%srepetition %" PRIu32 " (seed %" PRIu64 ") %s%s%s\n",
            request->label != NULL ? request->label : "", request->label != NULL ? ", " : "",
            request->repetition, request->seed, what, why[0] != '\0' ? ": " : "", why);
}

/* The worker's life. A parent that is killed takes its workers along; it may have been killed
 * before the kernel knew that, and is another process then. */
static _Noreturn void work(struct state *state, size_t at) {
    struct run_request request = state->pool->requests[at];
    struct run_result result = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != state->self)
        _exit(EXIT_FAILURE);
    interrupt_catch(false);
    sigprocmask(SIG_SETMASK, &state->before, NULL);
    request.progress = &state->slots[at];
    if (run_one(&request, &result) != OK)
        _exit(EXIT_FAILURE);
    if (hand_over(&result, state->workers[at].file))
        _exit(EXIT_SUCCESS);
    fprintf(stderr, "tierchain: repetition %" PRIu32 ": its results cannot be kept: %s\n",
            request.repetition, strerror(errno));
    _exit(EXIT_FAILURE);
}

static void start(struct state *state) {
    size_t at = state->started++;
    struct worker *worker = &state->workers[at];
    worker->file = open_spool(state->pool->directory);
    if (worker->file != NULL) {
        fflush(NULL);
        worker->process = fork();
        if (worker->process == 0)
            work(state, at);
        if (worker->process > 0)
            return;
        worker->process = 0;
        fclose(worker->file);
    }
    complain(state, at, "cannot be started", strerror(errno));
    state->ends[at] = (struct pool_end){.kind = POOL_FAILED};
    state->finished++;
}

static void finish(struct state *state, size_t at, int status) {
    struct worker *worker = &state->workers[at];
    struct pool_end *end = &state->ends[at];
    if (WIFSIGNALED(status))
        *end = (struct pool_end){POOL_KILLED, WTERMSIG(status)};
    else if (WEXITSTATUS(status) != EXIT_SUCCESS || !take_over(&state->results[at], worker->file))
        *end = (struct pool_end){POOL_FAILED, 0};
    else
        *end = (struct pool_end){POOL_DONE, 0};
    if (end->kind != POOL_DONE)
        state->results[at] = (struct run_result){0};
    else if (state->pool->done != NULL)
        state->pool->done(state->pool->context, at, &state->results[at]);
    if (interrupt_count() > 1)
        ; /* by us */
    else if (end->kind == POOL_KILLED)
        complain(state, at, "was killed",
                 end->signal == SIGKILL ? "SIGKILL, perhaps for want of memory"
                                        : strsignal(end->signal));
    else if (end->kind == POOL_FAILED)
        complain(state, at, "failed", "");
    fclose(worker->file);
    *worker = (struct worker){0};
    state->finished++;
}

static void reap(struct state *state) {
    for (size_t i = 0; i < state->started; i++) {
        int status;
        pid_t process = state->workers[i].process;
        if (process > 0 && waitpid(process, &status, WNOHANG) == process)
            finish(state, i, status);
    }
}

/* A terminal signals the whole group, but `kill` only this process. */
static void pass_on(const struct state *state, int signal) {
    for (size_t i = 0; i < state->started; i++)
        if (state->workers[i].process > 0)
            kill(state->workers[i].process, signal);
}

/* Until a worker ends, a signal comes or it is time to look. The signals are blocked all the while,
 * so that none comes between looking and waiting. */
static void wait_a_while(struct state *state) {
    const struct timespec limit = {.tv_nsec = LOOK_NS};
    int signal = sigtimedwait(&state->awaited, NULL, &limit);
    if (signal <= 0 || signal == SIGCHLD)
        return;
    interrupt_note(signal);
    pass_on(state, interrupt_count() > 1 ? SIGKILL : signal);
}

static uint64_t memory_of(pid_t process) {
    char path[64];
    uint64_t pages = 0;
    snprintf(path, sizeof path, "/proc/%ld/statm", (long)process);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*u %" SCNu64, &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Seconds of simulated time. */
static double length_of(const struct run_request *request) {
    return (double)(request->scenario->duration + request->scenario->drain) / (double)NS_PER_S;
}

/* A run that runs: the first is shown, others are counted. */
static void add_running(const struct state *state, size_t at, double now,
                        struct progress_view *view) {
    const struct run_request *request = &state->pool->requests[at];
    view->memory_bytes += memory_of(state->workers[at].process);
    if (view->number > 0) {
        view->others++;
        return;
    }
    view->name = request->label != NULL ? request->label : request->scenario->name;
    view->repetition = request->repetition;
    view->number = at + 1;
    view->simulated = now;
    view->length = length_of(request);
}

static void show(struct state *state) {
    struct progress_view view = {.total = state->pool->count,
                                 .elapsed = progress_clock() - state->begun};
    if (!progress_due(&state->progress, view.elapsed))
        return;
    for (size_t i = 0; i < state->pool->count; i++) {
        double length = length_of(&state->pool->requests[i]);
        double now = (double)atomic_load(&state->slots[i].now) / (double)NS_PER_S;
        bool running = state->workers[i].process > 0;
        view.all += length;
        view.events += atomic_load(&state->slots[i].events);
        view.done += running ? now : i < state->started ? length : 0;
        if (running)
            add_running(state, i, now, &view);
    }
    if (view.number > 0)
        progress_show(&state->progress, &view);
}

/* SIGCHLD may have been ignored by whoever started the program; no worker could be waited for. */
static void block_signals(struct state *state) {
    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&state->awaited);
    sigaddset(&state->awaited, SIGCHLD);
    interrupt_add(&state->awaited);
    sigprocmask(SIG_BLOCK, &state->awaited, &state->before);
}

size_t pool_run(const struct pool *pool, struct run_result *results, struct pool_end *ends) {
    struct state state = {.pool = pool,
                          .results = results,
                          .ends = ends,
                          .workers = memory_new(pool->count, sizeof *state.workers),
                          .begun = progress_clock(),
                          .self = getpid()};
    size_t bytes = pool->count * sizeof *state.slots, failed = 0;
    state.slots = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (state.slots == MAP_FAILED)
        abort();
    progress_init(&state.progress, pool->progress, stderr);
    block_signals(&state);
    for (;;) {
        while (state.started < pool->count && state.started - state.finished < pool->jobs &&
               !interrupt_pending())
            start(&state);
        reap(&state);
        if (state.finished == state.started &&
            (state.started == pool->count || interrupt_pending()))
            break;
        show(&state);
        wait_a_while(&state);
    }
    sigprocmask(SIG_SETMASK, &state.before, NULL);
    progress_clear(&state.progress);
    munmap(state.slots, bytes);
    free(state.workers);
    for (size_t i = 0; i < pool->count; i++)
        failed += ends[i].kind == POOL_FAILED || ends[i].kind == POOL_KILLED;
    return failed;
}
