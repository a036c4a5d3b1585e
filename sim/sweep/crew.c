/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sweep/crew.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "sim/run/interrupt.h"

#define LOOK_NS (200 * 1000 * 1000)

/* More places than jobs, so that a long task does not make the others wait for their turn. */
#define PLACES_A_JOB 8

struct place {
    size_t task;
    pid_t process; /* 0: none */
    bool taken;
    int words; /* what it writes to stderr */
    struct crew_end end;
};

struct state {
    const struct crew *crew;
    struct place *places;
    size_t place_count;
    char *results; /* shared with the tasks */
    size_t started, finished, handed;
    pid_t self;
    sigset_t awaited, before;
};

static _Noreturn void work(struct state *state, size_t at) {
    /* At the hard limit it would be killed, and nobody could tell why. */
    const struct rlimit none = {0, 0}, seconds = {CREW_SECONDS, CREW_SECONDS + 5};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != state->self)
        _exit(EXIT_FAILURE);
    dup2(state->places[at].words, STDERR_FILENO);
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_CPU, &seconds);
    signal(SIGABRT, SIG_DFL);
    sigprocmask(SIG_SETMASK, &state->before, NULL);
    state->crew->work(state->crew->context, state->places[at].task,
                      state->results + at * state->crew->result_bytes);
    _exit(EXIT_SUCCESS);
}

static void start(struct state *state, size_t at) {
    struct place *place = &state->places[at];
    *place = (struct place){.task = state->started++, .taken = true};
    memset(state->results + at * state->crew->result_bytes, 0, state->crew->result_bytes);
    place->words = memfd_create("stderr", MFD_CLOEXEC);
    fflush(NULL);
    place->process = fork();
    if (place->process == 0)
        work(state, at);
    if (place->words >= 0 && place->process > 0)
        return;
    perror("tierchain: a process cannot be started");
    abort();
}

static void finish(struct state *state, struct place *place, int status) {
    if (WIFSIGNALED(status))
        place->end.signal = WTERMSIG(status);
    else if (WEXITSTATUS(status) != EXIT_SUCCESS)
        place->end.signal = SIGABRT;
    if (place->end.signal != 0) {
        const ssize_t got = pread(place->words, place->end.words, sizeof place->end.words - 1, 0);
        place->end.words[got > 0 ? got : 0] = '\0';
    }
    close(place->words);
    place->process = 0;
    state->finished++;
}

/* Whether any has ended. */
static bool reap(struct state *state) {
    const size_t before = state->finished;
    for (size_t i = 0; i < state->place_count; i++) {
        struct place *place = &state->places[i];
        int status;
        if (place->process > 0 && waitpid(place->process, &status, WNOHANG) == place->process)
            finish(state, place, status);
    }
    return state->finished > before;
}

static struct place *place_of(struct state *state, size_t task) {
    for (size_t i = 0; i < state->place_count; i++)
        if (state->places[i].taken && state->places[i].task == task)
            return &state->places[i];
    return NULL;
}

/* Those whose turn it is. */
static void hand_over(struct state *state) {
    const struct crew *crew = state->crew;
    struct place *place;
    while ((place = place_of(state, state->handed)) != NULL && place->process == 0) {
        crew->done(crew->context, place->task, &place->end,
                   state->results + (size_t)(place - state->places) * crew->result_bytes);
        place->taken = false;
        state->handed++;
    }
}

static void start_some(struct state *state, size_t count) {
    for (size_t i = 0; i < state->place_count; i++)
        if (!state->places[i].taken && state->started < count &&
            state->started - state->finished < state->crew->jobs)
            start(state, i);
}

static void kill_all(const struct state *state) {
    for (size_t i = 0; i < state->place_count; i++)
        if (state->places[i].process > 0)
            kill(state->places[i].process, SIGKILL);
}

/* Until a task ends or it is time to look; the signals are blocked all the while. */
static void wait_a_while(struct state *state) {
    const struct timespec limit = {.tv_nsec = LOOK_NS};
    const int signal = sigtimedwait(&state->awaited, NULL, &limit);
    if (signal <= 0 || signal == SIGCHLD)
        return;
    interrupt_note(signal);
    kill_all(state);
}

static void prepare(struct state *state, size_t bytes) {
    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&state->awaited);
    sigaddset(&state->awaited, SIGCHLD);
    interrupt_add(&state->awaited);
    sigprocmask(SIG_BLOCK, &state->awaited, &state->before);
    state->results = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (state->results == MAP_FAILED)
        abort();
}

size_t crew_run(const struct crew *crew, size_t count) {
    struct state state = {.crew = crew, .place_count = crew->jobs * PLACES_A_JOB, .self = getpid()};
    const size_t bytes = state.place_count * crew->result_bytes;
    state.places = memory_new(state.place_count, sizeof *state.places);
    prepare(&state, bytes);
    for (;;) {
        if (!interrupt_pending())
            start_some(&state, count);
        const bool ended = reap(&state);
        if (!interrupt_pending())
            hand_over(&state);
        if (crew->look != NULL)
            crew->look(crew->context, state.handed);
        if (state.finished == state.started && (state.started == count || interrupt_pending()))
            break;
        if (!ended)
            wait_a_while(&state);
    }
    sigprocmask(SIG_SETMASK, &state.before, NULL);
    munmap(state.results, bytes);
    free(state.places);
    return state.handed;
}
