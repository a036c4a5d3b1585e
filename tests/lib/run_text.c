/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/run_text.h"

#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "models/places.h"

void run_text(const char *yaml, struct run_result *result) {
    char path[] = "/tmp/tierchain-text-XXXXXX";
    struct scenario scenario;
    struct diagnostics diagnostics;
    const struct scenario_options options = {.place_at = places_name_at};
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
    ck_assert_int_ge(sodium_init(), 0);
    int error = scenario_load_text(&scenario, "test", yaml, strlen(yaml), &options, &diagnostics);
    if (error != OK)
        diagnostics_print(&diagnostics, stderr, false);
    ck_assert_int_eq(error, OK);
    const struct run_request request = {
        .scenario = &scenario, .seed = (uint64_t)scenario.seed, .platform_path = path};
    ck_assert_int_eq(run_one(&request, result), OK);
    scenario_deinit(&scenario);
    unlink(path);
}

uint64_t run_counter(const struct run_result *result, const char *name) {
    for (size_t i = 0; i < result->counter_count; i++)
        if (strcmp(result->counters[i].name, name) == 0)
            return result->counters[i].value;
    ck_abort_msg("no counter '%s'", name);
}
