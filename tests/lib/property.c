/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/property.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_HOLDS = 0, EXIT_BROKEN = 3 };

/* What the process that runs the cases shares with us, and a place for the input before a page that
 * nobody may touch. */
struct arena {
    const struct property *property;
    struct property_result *tally;
    uint8_t *memory, *end; /* the input ends at end */
    size_t mapped;
};

static uint64_t environment_number(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void *map(size_t size, int sharing) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
    ck_assert(memory != MAP_FAILED);
    return memory;
}

static void arena_init(struct arena *arena, const struct property *property) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t front = (property_room(property) + page) / page * page;
    *arena = (struct arena){.property = property, .mapped = front + page};
    arena->tally = map(sizeof *arena->tally, MAP_SHARED);
    arena->memory = map(arena->mapped, MAP_PRIVATE);
    arena->end = arena->memory + front;
    ck_assert_int_eq(mprotect(arena->end, page, PROT_NONE), 0);
}

static void arena_deinit(struct arena *arena) {
    munmap(arena->memory, arena->mapped);
    munmap(arena->tally, sizeof *arena->tally);
}

static enum verdict check_at_end(const struct arena *arena, const uint8_t *bytes, size_t size) {
    uint8_t *place = arena->end - size;
    memmove(place, bytes, size);
    return arena->property->check(arena->property->context, place, size);
}

/* Runs in the other process: all cases, until one is broken. */
static bool run_cases(struct arena *arena, uint64_t cases) {
    struct property_result *tally = arena->tally;
    uint8_t *bytes = malloc(property_room(arena->property));
    for (tally->number = 0; tally->number < cases; tally->number++) {
        size_t size = property_make(arena->property, tally->seed, tally->number, bytes);
        enum verdict verdict = check_at_end(arena, bytes, size);
        if (verdict == VERDICT_BROKEN)
            return false;
        tally->cases++;
        tally->refused += verdict == VERDICT_REFUSED;
        tally->disproved += verdict == VERDICT_DISPROVED;
        tally->accepted += verdict == VERDICT_ACCEPTED;
    }
    free(bytes);
    return true;
}

/* Whether the process ended as one in which the property held; else what it died of, or 0. */
static bool ended_well(pid_t process, int *signal) {
    int status;
    ck_assert_int_eq(waitpid(process, &status, 0), process);
    *signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_HOLDS;
}

/* A new process: false there. A crash in it is expected: no core dump, and if @quiet no words. */
static bool start(pid_t *process, bool quiet) {
    *process = fork();
    ck_assert_int_ge(*process, 0);
    if (*process != 0)
        return true;
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    int null = quiet ? open("/dev/null", O_WRONLY) : -1;
    if (null >= 0)
        dup2(null, STDERR_FILENO);
    return false;
}

static bool breaks(void *judge, const uint8_t *bytes, size_t size) {
    struct arena *arena = judge;
    pid_t process;
    int signal;
    if (!start(&process, true))
        _exit(check_at_end(arena, bytes, size) == VERDICT_BROKEN ? EXIT_BROKEN : EXIT_HOLDS);
    if (ended_well(process, &signal))
        return false;
    arena->tally->signal = signal;
    return true;
}

static void find_smallest(struct arena *arena, struct property_result *result) {
    result->bytes = malloc(property_room(arena->property));
    ck_assert_ptr_nonnull(result->bytes);
    result->found_size =
        property_make(arena->property, result->seed, result->number, result->bytes);
    result->size =
        property_shrink(arena->property, result->bytes, result->found_size, breaks, arena);
    result->signal = arena->tally->signal;
}

void property_run(const struct property *property, struct property_result *result) {
    struct arena arena;
    pid_t process;
    int signal;
    const uint64_t cases = (property->cases != 0 ? property->cases : PROPERTY_CASES) *
                           environment_number("TIERCHAIN_CASES", 1);
    arena_init(&arena, property);
    *arena.tally = (struct property_result){.seed = environment_number("TIERCHAIN_SEED", 1)};
    if (!start(&process, false))
        _exit(run_cases(&arena, cases) ? EXIT_HOLDS : EXIT_BROKEN);
    const bool holds = ended_well(process, &signal);
    arena.tally->signal = signal;
    *result = *arena.tally;
    result->broken = !holds;
    if (!holds)
        find_smallest(&arena, result);
    arena_deinit(&arena);
}

void property_result_deinit(struct property_result *result) {
    free(result->bytes);
    result->bytes = NULL;
}

static char *hex_of(const uint8_t *bytes, size_t size) {
    char *hex = malloc(2 * size + 1);
    ck_assert_ptr_nonnull(hex);
    for (size_t i = 0; i < size; i++) {
        hex[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    hex[2 * size] = '\0';
    return hex;
}

void property_holds(const struct property *property, struct property_result *result) {
    struct property_result own;
    property_run(property, &own);
    if (own.broken)
        ck_abort_msg(
            "property %s: seed %llu, case %llu, signal %d; %zu bytes shrunk to %zu: \"%s\"",
            property->name, (unsigned long long)own.seed, (unsigned long long)own.number,
            own.signal, own.found_size, own.size, hex_of(own.bytes, own.size));
    if (result != NULL)
        *result = own;
}
