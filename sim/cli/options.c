/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "sim/cli/run.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/suggest.h"
#include "sim/scenario/text.h"

enum option_id {
    OPTION_SEED = 256, /* beyond every short option */
    OPTION_SET,
    OPTION_REPETITIONS,
    OPTION_VARY,
    OPTION_SEEDS,
    OPTION_DIFFERS,
    OPTION_METRIC,
    OPTION_FAIL_IF,
    OPTION_BELOW,
    OPTION_JOBS,
    OPTION_OUTPUT,
    OPTION_DRY_RUN,
    OPTION_QUIET,
    OPTION_VARIANT,
    OPTION_CERTIFICATES,
    OPTION_MEMBERS,
    OPTION_FAULTY,
    OPTION_REPLAY,
    OPTION_DRIVER,
    OPTION_TRANSACTION,
    OPTION_SLOWEST,
    OPTION_VERSION,
    OPTION_HELP,
};

struct option_row {
    enum option_id id;
    char letter; /* or '\0' */
    const char *name;
    const char *argument; /* or NULL */
    unsigned verbs;
    const char *help;
};

#define ALL_VERBS                                                                                  \
    (VERB_RUN | VERB_CHECK | VERB_LIST | VERB_COMPLETION | VERB_CALIBRATE | VERB_HELP |            \
     VERB_VERSION | VERB_COMPARE | VERB_CAPACITY | VERB_SWEEP | VERB_EXPLAIN)

static const struct option_row rows[] = {
    {OPTION_VARY, '\0', "vary", "KEY=A,B…", VERB_COMPARE | VERB_CAPACITY,
     "what differs between variants; repeated: every combination. n: the committee's size"},
    {OPTION_SEEDS, '\0', "seeds", "A..B", VERB_COMPARE | VERB_CAPACITY | VERB_SWEEP,
     "the seeds of every variant's runs; 1..10 unless given"},
    {OPTION_DIFFERS, '\0', "differs", "KEY", VERB_COMPARE,
     "two results may differ in this key, such as city.consensus, or city; repeat it"},
    {OPTION_METRIC, '\0', "metric", "NAME", VERB_COMPARE | VERB_CAPACITY,
     "what it is about: a duration for compare (felt unless given), a measure for capacity "
     "(felt.p99)"},
    {OPTION_BELOW, '\0', "below", "LIMIT", VERB_CAPACITY,
     "what the metric may be at most, such as 450ms"},
    {OPTION_FAIL_IF, '\0', "fail-if", "BOUND", VERB_COMPARE,
     "exit code 1 when a difference is beyond it, such as 'felt.p99 > +5 %'; repeat it"},
    {OPTION_SET, '\0', "set", "KEY=VALUE", VERB_RUN | VERB_CHECK | VERB_COMPARE | VERB_CAPACITY,
     "override a key, such as city.committee=13; may be repeated"},
    {OPTION_SEED, '\0', "seed", "N", VERB_RUN | VERB_CHECK, "the same as --set seed=N"},
    {OPTION_REPETITIONS, '\0', "repetitions", "N", VERB_RUN | VERB_CHECK,
     "the same as --set repetitions=N"},
    {OPTION_VARIANT, '\0', "variant", "NAME", VERB_SWEEP, "that consensus variant only"},
    {OPTION_CERTIFICATES, '\0', "certificates", "NAME", VERB_SWEEP, "that kind only"},
    {OPTION_MEMBERS, '\0', "n", "A..B", VERB_SWEEP, "members of the committee; 4..10 unless given"},
    {OPTION_FAULTY, '\0', "faulty", "N", VERB_SWEEP,
     "faulty members, at most; more than a third are a control that must be reported"},
    {OPTION_REPLAY, '\0', "replay", "FILE", VERB_SWEEP, "play that plan instead"},
    {OPTION_DRIVER, '\0', "driver", "NAME", VERB_SWEEP, "for --replay: loop or simgrid"},
    {OPTION_TRANSACTION, '\0', "tx", "ID", VERB_EXPLAIN,
     "that transaction, as transactions.csv numbers it"},
    {OPTION_SLOWEST, '\0', "slowest", "N", VERB_EXPLAIN, "the slowest ones; 1 unless given"},
    {OPTION_JOBS, 'j', "jobs", "N", VERB_RUN | VERB_COMPARE | VERB_CAPACITY | VERB_SWEEP,
     "runs at a time; never changes results"},
    {OPTION_OUTPUT, 'o', "output", "PATH",
     VERB_RUN | VERB_CALIBRATE | VERB_COMPARE | VERB_CAPACITY | VERB_SWEEP,
     "where the results go: a folder, of calibrate a file"},
    {OPTION_DRY_RUN, 'n', "dry-run", NULL, VERB_RUN | VERB_SWEEP,
     "check and show the runs, write nothing"},
    {OPTION_QUIET, 'q', "quiet", NULL, VERB_RUN | VERB_COMPARE | VERB_CAPACITY | VERB_SWEEP,
     "no progress on stderr"},
    {OPTION_VERSION, 'V', "version", NULL, ALL_VERBS, "print the version and end"},
    {OPTION_HELP, 'h', "help", NULL, ALL_VERBS, "print this help and end"},
};

#define ROW_COUNT ARRAY_LEN(rows)

static int usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int usage_error(const char *format, ...) {
    va_list arguments;
    char message[400]; /* whatever was typed: cut between characters, without escape sequences */
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    text_clean(message);
    fprintf(stderr, "tierchain: %s\n", message);
    return EXIT_USAGE;
}

/* The words of getopt_long for one verb; @verb NULL: the options that need none. */
static void make_getopt(const struct verb *verb, struct option *longs, char *shorts) {
    size_t count = 0;
    *shorts++ = ':'; /* tell a missing argument from an unknown option */
    for (size_t i = 0; i < ROW_COUNT; i++) {
        bool mine = verb == NULL ? rows[i].verbs == ALL_VERBS : (rows[i].verbs & verb->bit) != 0;
        if (!mine)
            continue;
        int takes = rows[i].argument != NULL ? required_argument : no_argument;
        longs[count++] = (struct option){rows[i].name, takes, NULL, rows[i].id};
        if (rows[i].letter != '\0') {
            *shorts++ = rows[i].letter;
            if (takes == required_argument)
                *shorts++ = ':';
        }
    }
    longs[count] = (struct option){0};
    *shorts = '\0';
}

static int unknown_option(const struct verb *verb, const char *word) {
    struct suggestion near;
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    suggestion_init(&near, name);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        char full[64];
        snprintf(full, sizeof full, "--%s", rows[i].name);
        if (verb == NULL || (rows[i].verbs & verb->bit) != 0)
            suggestion_offer(&near, full);
    }
    return usage_error("unknown option '%s'%s%s%s", name, near.found ? "; did you mean '" : "",
                       near.found ? near.best : "", near.found ? "'?" : "; see `tierchain --help`");
}

static int add_set(struct command *command, const char *key, const char *value) {
    char *text = memory_new(1, strlen(key) + strlen(value) + 1);
    strcpy(stpcpy(text, key), value);
    command->sets[command->set_count++] = text;
    return OK;
}

static int apply(struct command *command, int id, const char *argument) {
    char message[160];
    switch (id) {
    case OPTION_SET:
        return add_set(command, "", argument);
    case OPTION_SEED:
        return add_set(command, "seed=", argument);
    case OPTION_REPETITIONS:
        return add_set(command, "repetitions=", argument);
    case OPTION_VARY:
        command->varies[command->vary_count++] = argument;
        return OK;
    case OPTION_DIFFERS:
        command->differs[command->differ_count++] = argument;
        return OK;
    case OPTION_FAIL_IF:
        command->fail_ifs[command->fail_if_count++] = argument;
        return OK;
    case OPTION_SEEDS:
        command->seeds = argument;
        return OK;
    case OPTION_BELOW:
        command->below = argument;
        return OK;
    case OPTION_METRIC:
        command->metric = argument;
        return OK;
    case OPTION_JOBS:
        if (quantity_parse(argument, UNIT_COUNT, &command->jobs, message, sizeof message) < 0)
            return usage_error("-j: %s", message);
        if (command->jobs < 1 || command->jobs > 1024)
            return usage_error("-j: it goes from 1 to 1024");
        return OK;
    case OPTION_OUTPUT:
        command->output = argument;
        return OK;
    case OPTION_VARIANT:
        command->variant = argument;
        return OK;
    case OPTION_CERTIFICATES:
        command->certificates = argument;
        return OK;
    case OPTION_MEMBERS:
        command->members = argument;
        return OK;
    case OPTION_FAULTY:
        command->faulty = argument;
        return OK;
    case OPTION_REPLAY:
        command->replay = argument;
        return OK;
    case OPTION_DRIVER:
        command->driver = argument;
        return OK;
    case OPTION_TRANSACTION:
        command->transaction = argument;
        return OK;
    case OPTION_SLOWEST:
        command->slowest = argument;
        return OK;
    case OPTION_DRY_RUN:
        command->dry_run = true;
        return OK;
    case OPTION_QUIET:
        command->quiet = true;
        return OK;
    case OPTION_VERSION:
        command->version = true;
        return OK;
    default:
        command->help = true;
        return OK;
    }
}

static int find_id(int letter_or_id) {
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (letter_or_id == (int)rows[i].id ||
            (rows[i].letter != '\0' && letter_or_id == rows[i].letter))
            return (int)rows[i].id;
    return -1;
}

/* Reads the options out of @arguments; operands are moved behind them, from optind. */
static int parse_options(struct command *command, int count, char **arguments) {
    struct option longs[ROW_COUNT + 1];
    char shorts[2 * ROW_COUNT + 2];
    make_getopt(command->verb, longs, shorts);
    optind = 0;
    opterr = 0;
    for (;;) {
        int before = optind > 0 ? optind : 1;
        int found = getopt_long(count, arguments, shorts, longs, NULL);
        if (found == -1)
            return OK;
        const char *word = arguments[optind > before ? optind - 1 : before];
        if (found == ':')
            return usage_error("option '%s' needs a value", word);
        if (found == '?')
            return unknown_option(command->verb, word);
        if (apply(command, find_id(found), optarg) != OK)
            return EXIT_USAGE;
    }
}

const struct verb *verb_find(const char *name) {
    struct suggestion near;
    suggestion_init(&near, name);
    for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
        suggestion_offer(&near, verb->name);
        if (strcmp(verb->name, name) == 0)
            return verb;
    }
    usage_error("unknown verb '%.48s'%s%s%s", name, near.found ? "; did you mean '" : "",
                near.found ? near.best : "", near.found ? "'?" : "; see `tierchain --help`");
    return NULL;
}

int command_parse(struct command *command, int argument_count, char **arguments) {
    *command =
        (struct command){.jobs = 1, .argument_count = argument_count, .arguments = arguments};
    command->sets = memory_new((size_t)argument_count + 1, sizeof *command->sets);
    command->varies = memory_new((size_t)argument_count + 1, sizeof *command->varies);
    command->differs = memory_new((size_t)argument_count + 1, sizeof *command->differs);
    command->fail_ifs = memory_new((size_t)argument_count + 1, sizeof *command->fail_ifs);
    bool has_verb = argument_count > 1 && arguments[1][0] != '-';
    if (has_verb && (command->verb = verb_find(arguments[1])) == NULL)
        return EXIT_USAGE;
    int shift = has_verb ? 1 : 0;
    if (parse_options(command, argument_count - shift, arguments + shift) != OK)
        return EXIT_USAGE;
    command->operands = arguments + shift + optind;
    command->operand_count = (size_t)(argument_count - shift - optind);
    if (command->help || command->version)
        return OK;
    if (!has_verb)
        return usage_error("say what to do; see `tierchain --help`");
    if (command->verb->takes_files && command->operand_count == 0)
        return usage_error("%s needs a scenario file, such as scenarios/komatsu.yaml",
                           command->verb->name);
    if (!command->verb->takes_files && command->operand_count > 1)
        return usage_error("%s takes one argument", command->verb->name);
    return OK;
}

void command_deinit(struct command *command) {
    for (size_t i = 0; i < command->set_count; i++)
        free((char *)command->sets[i]);
    free(command->sets);
    free(command->varies);
    free(command->differs);
    free(command->fail_ifs);
}

static void write_options(FILE *out, unsigned bit) {
    fputs("\nOptions:\n", out);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        char left[40], letter[8] = "    ";
        if ((rows[i].verbs & bit) == 0)
            continue;
        if (rows[i].letter != '\0')
            snprintf(letter, sizeof letter, "-%c, ", rows[i].letter);
        snprintf(left, sizeof left, "%s--%s%s%s", letter, rows[i].name,
                 rows[i].argument != NULL ? " " : "",
                 rows[i].argument != NULL ? rows[i].argument : "");
        fprintf(out, "  %-24s %s\n", left, rows[i].help);
    }
}

void write_help(FILE *out, const struct verb *verb) {
    if (verb != NULL) {
        fprintf(out, "Usage: tierchain %s [options] %s\n\n%s\n", verb->name, verb->arguments,
                verb->summary);
        write_options(out, verb->bit);
        if (verb->more != NULL)
            fprintf(out, "\n%s", verb->more);
        fprintf(out, "\nExample:\n  %s\n", verb->example);
        return;
    }
    fputs("Usage: tierchain VERB [options] …\n\nSimulates a ledger of cities and continents, and "
          "tells how long its users wait.\n\nVerbs:\n",
          out);
    for (verb = verbs; verb->name != NULL; verb++)
        fprintf(out, "  %-12s %s\n", verb->name, verb->summary);
    fputs("\n`tierchain VERB --help` tells more.\n\nExit status: 0 done and every bound kept; 1 a "
          "bound or invariant failed;\n2 usage or scenario error; 3 aborted, or a repetition was "
          "lost; 4 results could not be written;\n129, 130, 143 ended by SIGHUP, SIGINT, SIGTERM."
          "\n\nExample:\n  tierchain run scenarios/komatsu.yaml\n",
          out);
}

void write_completion(FILE *out) {
    fputs("# bash: source <(tierchain completion)\n_tierchain() {\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} words\n"
          "    case $COMP_CWORD:${COMP_WORDS[1]} in\n        1:*) words=\"",
          out);
    for (const struct verb *verb = verbs; verb->name != NULL; verb++)
        fprintf(out, "%s ", verb->name);
    fputs("--help --version\" ;;\n", out);
    for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
        fprintf(out, "        *:%s) words=\"", verb->name);
        for (size_t i = 0; i < ROW_COUNT; i++)
            if ((rows[i].verbs & verb->bit) != 0)
                fprintf(out, "--%s ", rows[i].name);
        for (const char *at = verb->takes_files ? "" : verb->arguments; *at != '\0'; at++)
            fputc(strchr("[|]", *at) != NULL ? ' ' : *at, out);
        fputs("\" ;;\n", out);
    }
    fputs("    esac\n    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n}\n"
          "complete -o default -F _tierchain tierchain\n",
          out);
}
