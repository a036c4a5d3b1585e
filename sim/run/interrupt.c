/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/interrupt.h"

#include <unistd.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

static volatile sig_atomic_t first, count, impatient;

void interrupt_note(int signal) {
    if (count++ == 0)
        first = signal;
}

static void handle(int signal) {
    interrupt_note(signal);
    if (count > 1 && impatient)
        _exit(128 + first);
}

/* As it was when the program started: SimGrid takes SIGINT whatever it was. */
static bool ignored[ARRAY_LEN(signals)];

static void look_once(void) {
    static bool known;
    for (size_t i = 0; i < ARRAY_LEN(signals) && !known; i++) {
        struct sigaction present;
        ignored[i] = sigaction(signals[i], NULL, &present) == 0 && present.sa_handler == SIG_IGN;
    }
    known = true;
}

void interrupt_catch(bool second_ends) {
    look_once();
    impatient = second_ends;
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        struct sigaction action = {.sa_handler = ignored[i] ? SIG_IGN : handle};
        sigaction(signals[i], &action, NULL);
    }
}

bool interrupt_pending(void) {
    return count > 0;
}

unsigned interrupt_count(void) {
    return (unsigned)count;
}

int interrupt_exit_code(void) {
    return count > 0 ? 128 + first : 0;
}

void interrupt_add(sigset_t *set) {
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        if (!ignored[i])
            sigaddset(set, signals[i]);
}
