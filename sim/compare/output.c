/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "sim/compare/study_database.h"
#include "sim/compare/table.h"

static int both(int first, int second) {
    return first != OK ? first : second;
}

static int write_scenarios(const struct output *output, const char *dir) {
    const struct study *study = output->study;
    struct text folder = {0};
    text_format(&folder, "%s/variants", dir);
    int error = mkdir(folder.bytes, 0777) == 0 || errno == EEXIST ? OK : ERR_INVALID;
    for (size_t v = 0; v < study->variant_count && error == OK; v++) {
        struct text name = {0}, content = {0};
        text_format(&name, "%s.yaml", study->variants[v].letter);
        text_format(&content, "# %s\n%s", study->variants[v].label,
                    study->variants[v].scenario_text);
        error = report_put(folder.bytes, name.bytes, &content);
        text_deinit(&name);
        text_deinit(&content);
    }
    text_deinit(&folder);
    return error;
}

/* The runs as the manifest wants them, variant by variant. */
static int write_manifest(const struct output *output, const char *dir, const char *status) {
    const struct study *study = output->study;
    struct manifest_facts facts = *output->facts;
    size_t planned, count = 0;
    struct text content = {0};
    study_runs(study, &planned);
    struct run_result *runs = memory_new(planned, sizeof *runs);
    for (size_t v = 0; v < study->variant_count; v++)
        for (size_t r = 0; r < study->variants[v].run_count; r++) {
            const struct observation *run = &study->variants[v].runs[r];
            if (run->values != NULL)
                runs[count++] = (struct run_result){.scenario = study->name,
                                                    .seed = run->seed,
                                                    .repetition = (uint32_t)r,
                                                    .trace_hash = run->trace_hash,
                                                    .complete = run->there};
        }
    if (status != NULL)
        facts.status = status;
    manifest_json(&facts, study->variants[0].scenario_text, runs, count, &content);
    int error = report_put(dir, "manifest.json", &content);
    text_deinit(&content);
    free(runs);
    return error;
}

int output_announce(const struct output *output, const char *dir) {
    int error = both(write_scenarios(output, dir), write_manifest(output, dir, NULL));
    return error == OK ? OK : REPORT_ERROR;
}

static void put_text(const struct output *output, struct text *out) {
    table_print(output->study, false, out);
    bounds_print(output->bounds, output->bound_count, output->study, out);
}

static void put_csv(const struct output *output, struct text *out) {
    table_csv(output->study, out);
}

static void put_csv_runs(const struct output *output, struct text *out) {
    table_csv_runs(output->study, out);
}

static void put_json(const struct output *output, struct text *out) {
    table_json(output->study, output->bounds, output->bound_count, out);
}

static void put_junit(const struct output *output, struct text *out) {
    bounds_junit(output->bounds, output->bound_count, output->study, out);
}

static const struct {
    const char *name;
    void (*write)(const struct output *output, struct text *out);
} files[] = {
    {"compare.txt", put_text},  {"compare.csv", put_csv}, {"runs.csv", put_csv_runs},
    {"compare.json", put_json}, {"junit.xml", put_junit},
};

/* What a file system refuses is told like a file that cannot be written. */
static int complain(const char *path, int error) {
    if (error != OK)
        fprintf(stderr, "tierchain: %s: cannot be written\n", path);
    return error;
}

static int write_database(const struct output *output, const char *dir) {
    struct text path = {0};
    text_format(&path, "%s/compare.sqlite", dir);
    int error = study_database_write(output->study, path.bytes);
    if (error != OK) /* half a database helps nobody */
        unlink(path.bytes);
    complain(path.bytes, error);
    text_deinit(&path);
    return error;
}

/* The page last, for it shows and links what is there. */
static int write_pictures(const struct output *output, const char *dir) {
    struct figure_note notes[FIGURES_MOST];
    size_t count;
    struct text plots = {0}, page = {0};
    text_format(&plots, "%s/plots", dir);
    int error = complain(plots.bytes,
                         figures_write(output->study, output->vary, plots.bytes, notes, &count));
    table_page(output->study, output->bounds, output->bound_count, notes, count, dir, &page);
    error = both(error, report_put(dir, "report.html", &page));
    text_deinit(&plots);
    text_deinit(&page);
    return error;
}

int output_write(const struct output *output, const char *dir) {
    int error = OK;
    for (size_t f = 0; f < ARRAY_LEN(files); f++) {
        struct text content = {0};
        files[f].write(output, &content);
        error = both(error, report_put(dir, files[f].name, &content));
        text_deinit(&content);
    }
    error = both(error, write_database(output, dir));
    error = both(error, write_pictures(output, dir));
    error = both(error, write_manifest(output, dir, error == OK ? NULL : "incomplete"));
    return error == OK && report_point_latest(dir) ? OK : REPORT_ERROR;
}
