/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "models/places.h"
#include "sim/calibrate/calibrate.h"
#include "sim/cli/capacity.h"
#include "sim/cli/compare.h"
#include "sim/cli/facts.h"
#include "sim/cli/list.h"
#include "sim/cli/options.h"
#include "sim/cli/run.h"
#include "sim/cli/explain.h"
#include "sim/cli/sweep.h"
#include "sim/run/faults.h"
#include "sim/run/terminal.h"

static void free_scenarios(struct scenario *scenarios, size_t count) {
    for (size_t i = 0; i < count; i++)
        scenario_deinit(&scenarios[i]);
    free(scenarios);
}

/* What only a run's world shows, for every repetition. */
static bool check_worlds(const struct scenario *scenario) {
    int error = sodium_init() < 0 ? ERR_UNKNOWN : OK;
    for (int64_t i = 0; i < scenario->repetitions && error == OK; i++)
        error = faults_check(scenario, run_seed(scenario, i));
    return error == OK;
}

/* Loads every file before anything else happens, and tells the errors of all; NULL after errors. */
static struct scenario *load_all(const struct command *command) {
    const struct scenario_options options = {
        .sets = command->sets, .set_count = command->set_count, .place_at = places_name_at};
    struct scenario *scenarios = calloc(command->operand_count, sizeof *scenarios);
    bool good = true;
    if (scenarios == NULL)
        abort();
    for (size_t i = 0; i < command->operand_count; i++) {
        struct diagnostics diagnostics;
        if (scenario_load(&scenarios[i], command->operands[i], &options, &diagnostics) == 0) {
            good = check_worlds(&scenarios[i]) && good;
            continue;
        }
        diagnostics_print(&diagnostics, stderr, terminal_colours(STDERR_FILENO));
        good = false;
    }
    if (good)
        return scenarios;
    free_scenarios(scenarios, command->operand_count);
    return NULL;
}

static int run_verb(const struct command *command) {
    struct scenario *scenarios = load_all(command);
    if (scenarios == NULL)
        return EXIT_USAGE;
    const struct run_options options = {
        .scenarios = scenarios,
        .scenario_count = command->operand_count,
        .jobs = command->jobs,
        .directory = command->output,
        .quiet = command->quiet,
        .argument_count = command->argument_count,
        .arguments = command->arguments,
        .files = command->operands,
        .sets = command->sets,
        .set_count = command->set_count,
    };
    int code = command->dry_run ? run_preview(&options) : run_scenario(&options);
    free_scenarios(scenarios, command->operand_count);
    return code;
}

static int check_verb(const struct command *command) {
    struct scenario *scenarios = load_all(command);
    if (scenarios == NULL)
        return EXIT_USAGE;
    for (size_t i = 0; i < command->operand_count; i++) {
        fputs(i > 0 ? "---\n" : "", stdout);
        scenario_write_resolved(&scenarios[i], stdout, true);
    }
    free_scenarios(scenarios, command->operand_count);
    return EXIT_DONE;
}

static int list_verb(const struct command *command) {
    return list_topic(command->operand_count > 0 ? command->operands[0] : NULL, stdout);
}

static int calibrate_verb(const struct command *command) {
    char date[FACTS_TIME_BYTES];
    if (command->operand_count > 0) {
        fputs("tierchain: calibrate takes no argument; name the file with -o\n", stderr);
        return EXIT_USAGE;
    }
    facts_time(time(NULL), date);
    const struct calibration calibration = {
        .samples = 15,
        .sample_ns = 10 * NS_PER_MS,
        .compiler = facts_of_program(command->argument_count, command->arguments).compiler,
        .date = date,
    };
    struct text table = {0};
    int code = EXIT_DONE, error = calibrate(&calibration, &table);
    if (error != OK) {
        fprintf(stderr, "tierchain: calibrate: %s\n", error_text(error));
        code = EXIT_ABORTED;
    } else if (command->output != NULL) {
        code = text_write(&table, command->output) == OK ? EXIT_DONE : EXIT_IO;
    } else if (fwrite(table.bytes, 1, table.size, stdout) != table.size || fflush(stdout) != 0) {
        code = EXIT_IO;
    }
    if (code == EXIT_IO)
        fprintf(stderr, "tierchain: %s cannot be written\n",
                command->output != NULL ? command->output : "standard output");
    text_deinit(&table);
    return code;
}

static int completion_verb(const struct command *command) {
    write_completion(stdout);
    return EXIT_DONE;
}

static int help_verb(const struct command *command) {
    const struct verb *verb = NULL;
    if (command->operand_count > 0 && (verb = verb_find(command->operands[0])) == NULL)
        return EXIT_USAGE;
    write_help(stdout, verb);
    return EXIT_DONE;
}

static int version_verb(const struct command *command) {
    if (command->operand_count > 0) {
        fputs("tierchain: version takes no argument\n", stderr);
        return EXIT_USAGE;
    }
    puts("tierchain " TIERCHAIN_VERSION);
    return EXIT_DONE;
}

const struct verb verbs[] = {
    {"run", "FILE…", "Run scenarios (- is standard input), and tell whether their bounds hold.",
     "tierchain run scenarios/komatsu.yaml --set workload.rate=200/s -j 2", NULL, VERB_RUN, true,
     run_verb},
    {"compare", "SCENARIO | RUN_A RUN_B", "Compare variants of a scenario, or two results.",
     "tierchain compare scenarios/smoke/pbft.yaml --vary city.consensus=pbft,hotstuff --seeds 1..5",
     compare_more, VERB_COMPARE, true, compare_verb},
    {"capacity", "SCENARIO", "Search the highest load that keeps a bound.",
     "tierchain capacity scenarios/smoke/pbft.yaml --metric felt.p99 --below 25ms --seeds 1..5",
     capacity_more, VERB_CAPACITY, true, capacity_verb},
    {"check", "FILE…", "Check scenarios, and print them with all defaults and their origin.",
     "tierchain check scenarios/komatsu.yaml --set city.committee=13", NULL, VERB_CHECK, true,
     check_verb},
    {"list", "[" LIST_TOPICS "]", "List what a scenario can be made of.", "tierchain list keys",
     NULL, VERB_LIST, false, list_verb},
    {"calibrate", "", "Measure what work costs on this machine, as a table for cpu.table.",
     "tierchain calibrate -o /tmp/cpu.csv && "
     "tierchain run scenarios/komatsu.yaml --set cpu.table=/tmp/cpu.csv",
     NULL, VERB_CALIBRATE, false, calibrate_verb},
    {"sweep", "", "Play random faults against committees alone, and keep what fails.",
     "tierchain sweep --variant pbft --n 4..7 --seeds 1..100 -j 2", sweep_more, VERB_SWEEP, false,
     sweep_verb},
    {"explain", "RUN", "Tell what single transactions waited for, from results on disk.",
     "tierchain explain results/komatsu/latest --slowest 3", NULL, VERB_EXPLAIN, false,
     explain_verb},
    {"completion", "", "Print a completion script for bash.", "source <(tierchain completion)",
     NULL, VERB_COMPLETION, false, completion_verb},
    {"help", "[run|compare|capacity|check|list|calibrate|sweep|explain|completion|version]",
     "Tell what a verb does.", "tierchain help run", NULL, VERB_HELP, false, help_verb},
    {"version", "", "Print the version.", "tierchain version", NULL, VERB_VERSION, false,
     version_verb},
    {0},
};
