/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/measure.h"
#include "sim/cli/list.h"

#include <glob.h>
#include <string.h>

#include "consensus/consensus.h"
#include "crypto/suite.h"
#include "models/cpu.h"
#include "models/places.h"
#include "models/registry.h"
#include "sim/cli/run.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/schema.h"
#include "sim/scenario/suggest.h"
#include "sim/scenario/text.h"

static void list_rows(FILE *out, const struct key_row *rows, const char *prefix) {
    const struct key_record *shown = NULL;
    for (const struct key_row *row = rows; row->path != NULL; row++) {
        char path[96], type[80], range[KEY_RANGE_BYTES];
        snprintf(path, sizeof path, "%s%s", prefix, row->path);
        key_type_text(row, type, sizeof type);
        key_range_text(row, range);
        const char *fallback = row->required ? "(required)" : row->fallback;
        fprintf(out, "%-24s %-34s %-10s %-22s %s\n", path, type,
                fallback == NULL || fallback[0] == '\0' ? "-" : fallback, range, row->help);
        if (row->record == NULL || row->record == shown)
            continue; /* likewise */
        shown = row->record;
        snprintf(path, sizeof path, "%s%s%s.", prefix, row->path,
                 row->type == KEY_RECORDS ? "[]" : "");
        list_rows(out, row->record->rows, path);
    }
}

static void list_keys(FILE *out) {
    fprintf(out, "%-24s %-34s %-10s %-22s %s\n", "key", "type", "default", "range", "meaning");
    fprintf(out, "%-24s %-34s %-10s %-22s %s\n", "include", "file or list of files", "-", "-",
            "shared parts; this file's keys win");
    list_rows(out, scenario_keys, "");
}

static void list_metrics(FILE *out) {
    static const char *const kinds[] = {"duration", "number", "share"};
    for (size_t m = 0; m < metric_count; m++) {
        fprintf(out, "%-24s %-10s %s\n", metrics[m].name, kinds[metrics[m].kind], metrics[m].help);
        if (metrics[m].also != NULL)
            fprintf(out, "%-24s %-10s the same as %s\n", metrics[m].also, kinds[metrics[m].kind],
                    metrics[m].name);
    }
    fputs("\nOf a duration:", out);
    for (unsigned s = STATISTIC_NONE + 1; s < STATISTIC_COUNT; s++)
        fprintf(out, " .%s", statistic_name((enum statistic)s));
    fputc('\n', out);
}

static void list_models(FILE *out) {
    struct model_row row;
    for (size_t i = 0; model_at(i, &row); i++)
        fprintf(out, "%-10s %-12s %s\n%-23s chosen by: %s; source: %s; unit: %s\n", row.family,
                row.name, row.description, "", row.key, row.source, row.unit);
}

static void list_consensus(FILE *out) {
    for (size_t i = 0; consensus_at(i) != NULL; i++) {
        const struct consensus_ops *ops = consensus_at(i);
        fprintf(out, "%-18s %s (%u one-way delays; %s)\n%-18s leaders:", ops->name,
                ops->description, ops->good_case_hops, ops->source, "");
        for (size_t k = 0; ops->leaders[k] != LEADERS_OWN; k++)
            fprintf(out, "%s %s", k > 0 ? "," : "", leaders_name(ops->leaders[k]));
        fputs(ops->leaders[0] == LEADERS_OWN ? " none\n" : "\n", out);
    }
}

static void list_certificates(FILE *out) {
    for (size_t i = 0; certificate_scheme_at(i) != NULL; i++) {
        const struct certificate_scheme *scheme = certificate_scheme_at(i);
        fprintf(out, "%-12s %s\n%-12s suite: %s; %s\n", scheme->name, scheme->description, "",
                scheme->suite != NULL ? scheme->suite : "any", scheme->source);
        if (scheme->signing_hops > 0)
            fprintf(out, "%-12s each takes a signing round of %u more one-way delays\n", "",
                    scheme->signing_hops);
    }
}

/* Sizes, and what a signature costs by the measured table. */
static void list_suites(FILE *out) {
    fprintf(out, "%-10s %-9s %10s %10s %9s %10s  %s\n", "suite", "provider", "public key",
            "signature", "sign", "verify", "source");
    for (size_t i = 0; suite_at(i) != NULL; i++) {
        const struct suite *suite = suite_at(i);
        struct cpu_model costs;
        struct cpu_error error;
        if (cpu_init_named(&costs, "measured", suite->name, &error) != 0)
            continue; /* a test holds the table to every suite */
        fprintf(out, "%-10s %-9s %8zu B %8zu B %6.1f us %7.1f us  %s%s\n", suite->name,
                suite->provider, suite->public_key_bytes, suite->signature_bytes,
                (double)costs.cost_ns[WORK_SIGN] / 1e3, (double)costs.cost_ns[WORK_VERIFY] / 1e3,
                suite->source, suite->aggregate != NULL ? "; signatures add up" : "");
    }
    fputs("\nSizes: as the source says. Costs: cpu.table measured (models/data/cpu/measured.csv "
          "names "
          "each row's origin);\nboth providers charge the same.\n",
          out);
}

static void list_work(FILE *out) {
    for (unsigned i = 0; i < WORK_COUNT; i++)
        fprintf(out, "%-18s %s\n", work_name((enum work)i), work_unit((enum work)i));
}

/* Files that are only included elsewhere are no scenarios: they don't load alone. */
static void list_scenarios(FILE *out) {
    glob_t found;
    if (glob("scenarios/*.yaml", 0, NULL, &found) != 0)
        found.gl_pathc = 0;
    if (glob("scenarios/*/*.yaml", found.gl_pathc > 0 ? GLOB_APPEND : 0, NULL, &found) != 0 &&
        found.gl_pathc == 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct scenario scenario;
        struct diagnostics diagnostics;
        if (scenario_load(&scenario, found.gl_pathv[i], NULL, &diagnostics) == 0)
            fprintf(out, "%-40s %s\n", found.gl_pathv[i], scenario.description);
        scenario_deinit(&scenario);
    }
    globfree(&found);
}

static void list_measures(FILE *out) {
    for (size_t m = 0; m < measure_count(); m++) {
        const struct measure *measure = measure_at(m);
        fprintf(out, "%-24s %-15s %-10s %s\n", measure->name, measure->unit,
                measure->tested ? "tested" : "", measure->help);
    }
}

struct topic {
    const char *name;
    void (*list)(FILE *out);
    const char *help;
};

static void list_places(FILE *out) {
    for (size_t i = 0; places_at(i) != NULL; i++) {
        const struct place_info *place = places_at(i);
        fprintf(out, "%-16s %-24s %s  %8.4f %9.4f  %s, %.0f km\n", place->id, place->name,
                place->country, place->lat, place->lon, place->aws_region, place->aws_km);
    }
}

static const struct topic topics[] = {
    {"keys", list_keys, "every key of a scenario, with type, default and meaning"},
    {"metrics", list_metrics, "what `expect` may bound"},
    {"measures", list_measures, "what `compare` compares, and `--fail-if` may bound"},
    {"models", list_models, "the models to choose from"},
    {"consensus", list_consensus, "the consensus variants"},
    {"certificates", list_certificates, "how votes become certificates"},
    {"suites", list_suites, "the signature suites, with sizes and costs"},
    {"work", list_work, "kinds of work, for cpu.costs"},
    {"places", list_places, "the named places, with coordinates and nearest AWS region"},
    {"scenarios", list_scenarios, "the scenarios below the current directory"},
    {"schema", schema_write, "a JSON schema of scenarios, for editors"},
};

int list_topic(const char *topic, FILE *out) {
    struct suggestion near;
    suggestion_init(&near, topic != NULL ? topic : "");
    for (size_t i = 0; i < ARRAY_LEN(topics); i++) {
        if (topic == NULL)
            fprintf(out, "%-12s %s\n", topics[i].name, topics[i].help);
        else if (strcmp(topics[i].name, topic) == 0) {
            topics[i].list(out);
            return EXIT_DONE;
        }
        suggestion_offer(&near, topics[i].name);
    }
    if (topic == NULL)
        return EXIT_DONE;
    char name[64];
    snprintf(name, sizeof name, "%.48s", topic);
    text_clean(name);
    fprintf(stderr, "tierchain: nothing to list by the name of '%s'", name);
    if (near.found)
        fprintf(stderr, "; did you mean '%s'?\n", near.best);
    else
        fputs("; topics: " LIST_TOPICS "\n", stderr);
    return EXIT_USAGE;
}
