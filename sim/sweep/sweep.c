/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sweep/sweep.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "sim/cli/run.h"
#include "sim/run/interrupt.h"
#include "sim/run/progress.h"
#include "sim/sweep/contents.h"
#include "sim/sweep/crew.h"
#include "sim/sweep/shrink.h"

/* What is swept with one variant and one kind of certificates. */
struct row {
    const char *variant, *certificates;
    uint64_t played, failed[FAILURE_KINDS];
    uint64_t asked;       /* plans after which progress was promised */
    uint64_t ordered;     /* transactions */
    time_ns slowest;      /* to recover */
    uint64_t most_frames; /* after heal */
    uint64_t with[32];    /* plans that have that (contents.h) */
};

/* Failures that have a cause in common. */
struct cause {
    struct verdict verdict; /* of the first */
    struct plan_case first[SWEEP_EXAMPLES];
    uint64_t count;
    uint64_t trace_hash;
};

struct campaign {
    const struct sweep *sweep;
    struct row *rows;
    size_t row_count;
    struct cause causes[SWEEP_CAUSES];
    size_t cause_count;
    uint64_t failed;
    size_t cases;
    struct progress progress;
    double begun;
};

/* Cases. */

static int64_t length(struct sweep_range range) {
    return range.last - range.first + 1;
}

static void choose_rows(struct campaign *campaign) {
    const struct sweep *sweep = campaign->sweep;
    for (size_t v = 0; consensus_at(v) != NULL; v++)
        for (size_t c = 0; certificate_scheme_at(c) != NULL; c++) {
            const struct consensus_ops *ops = consensus_at(v);
            const struct certificate_scheme *scheme = certificate_scheme_at(c);
            if ((sweep->variant != NULL && strcmp(sweep->variant, ops->name) != 0) ||
                (sweep->certificates != NULL && strcmp(sweep->certificates, scheme->name) != 0) ||
                !consensus_supports(ops, scheme))
                continue;
            campaign->rows =
                memory_resize(campaign->rows, campaign->row_count + 1, sizeof *campaign->rows);
            campaign->rows[campaign->row_count++] =
                (struct row){.variant = ops->name, .certificates = scheme->name};
        }
    campaign->cases = campaign->row_count * (size_t)(length(sweep->n) * length(sweep->seeds));
}

static size_t row_of(const struct campaign *campaign, size_t at) {
    return at / (campaign->cases / campaign->row_count);
}

static struct plan_case case_at(const struct campaign *campaign, size_t at) {
    const struct sweep *sweep = campaign->sweep;
    const struct row *row = &campaign->rows[row_of(campaign, at)];
    const int64_t seeds = length(sweep->seeds), within = (int64_t)at % (length(sweep->n) * seeds);
    return (struct plan_case){.variant = row->variant,
                              .certificates = row->certificates,
                              .n = sweep->n.first + within / seeds,
                              .faulty = sweep->faulty,
                              .seed = (uint64_t)(sweep->seeds.first + within % seeds)};
}

static void print_case(FILE *out, const struct plan_case *which) {
    fprintf(out, "--variant %s --certificates %s --n %" PRId64 " --seeds %" PRIu64, which->variant,
            which->certificates, which->n, which->seed);
    if (which->faulty != PLAN_UNSET)
        fprintf(out, " --faulty %" PRId64, which->faulty);
}

/* Playing. */

struct played {
    bool asked;
    uint32_t contents;
    struct trial trial;
};

static void work(void *context, size_t task, void *result) {
    const struct campaign *campaign = context;
    const struct plan_case which = case_at(campaign, task);
    struct played *played = result;
    struct plan plan;
    plan_generate(&plan, &which);
    played->asked = plan_is_live(&plan);
    played->contents = contents_of(&plan);
    trial_play(&plan, &stage_loop, &played->trial);
    plan_deinit(&plan);
}

static struct cause *cause_of(struct campaign *campaign, const char *variant,
                              const struct verdict *verdict) {
    for (size_t i = 0; i < campaign->cause_count; i++)
        if (strcmp(campaign->causes[i].verdict.cause, verdict->cause) == 0 &&
            strcmp(campaign->causes[i].first[0].variant, variant) == 0)
            return &campaign->causes[i];
    if (campaign->cause_count == SWEEP_CAUSES)
        return &campaign->causes[SWEEP_CAUSES - 1];
    struct cause *cause = &campaign->causes[campaign->cause_count++];
    cause->verdict = *verdict;
    return cause;
}

/* As soon as it is found, for those who watch. */
static void show_cause(struct campaign *campaign, const struct plan_case *which,
                       const struct verdict *verdict) {
    char line[PROGRESS_LINE_BYTES];
    if (campaign->progress.mode == PROGRESS_NONE)
        return;
    snprintf(line, sizeof line, "found: %s: n = %" PRId64 ", %s, seed %" PRIu64 ": %s",
             which->variant, which->n, which->certificates, which->seed, verdict->cause);
    progress_clear(&campaign->progress);
    fprintf(stderr, "%s\n", line);
}

static void note_failure(struct campaign *campaign, const struct plan_case *which,
                         const struct trial *trial) {
    struct cause *cause = cause_of(campaign, which->variant, &trial->verdict);
    if (cause->count == 0)
        show_cause(campaign, which, &trial->verdict);
    if (cause->count < SWEEP_EXAMPLES)
        cause->first[cause->count] = *which;
    cause->count++;
    campaign->failed++;
}

static void done(void *context, size_t task, const struct crew_end *end, const void *result) {
    struct campaign *campaign = context;
    struct played played = *(const struct played *)result;
    struct row *row = &campaign->rows[row_of(campaign, task)];
    const struct outcome *outcome = &played.trial.outcome;
    const struct plan_case which = case_at(campaign, task);
    if (end->signal != 0)
        judge_death(end->signal, end->words, &played.trial.verdict);
    row->played++;
    row->asked += played.asked;
    for (size_t i = 0; contents_name(i) != NULL; i++)
        row->with[i] += played.contents >> i & 1;
    row->failed[played.trial.verdict.kind]++;
    row->ordered += outcome->ordered;
    if (end->signal == 0 && outcome->recovered != TIME_NEVER && outcome->recovered > row->slowest)
        row->slowest = outcome->recovered;
    if (outcome->sent_after > row->most_frames)
        row->most_frames = outcome->sent_after;
    if (played.trial.verdict.kind != FAILURE_NONE)
        note_failure(campaign, &which, &played.trial);
}

static void look(void *context, size_t finished) {
    struct campaign *campaign = context;
    const double elapsed = progress_clock() - campaign->begun;
    char line[PROGRESS_LINE_BYTES];
    if (finished == 0 || finished == campaign->cases || !progress_due(&campaign->progress, elapsed))
        return;
    const struct plan_case which = case_at(campaign, finished);
    snprintf(line, sizeof line,
             "[%zu/%zu] %s %s n = %" PRId64 "  %.0f/s  %" PRIu64 " failed  ETA %.0f s", finished,
             campaign->cases, which.variant, which.certificates, which.n,
             (double)finished / elapsed, campaign->failed,
             elapsed / (double)finished * (double)(campaign->cases - finished));
    progress_show_line(&campaign->progress, line);
}

/* Telling. */

static void print_rows(const struct campaign *campaign) {
    printf("%-16s %-12s %9s %9s %9s %9s %9s %6s %6s %12s %12s\n", "variant", "certificates",
           "seeds", "promised", "ordered", "violated", "not live", "storms", "aborts", "slowest, s",
           "most frames");
    for (size_t i = 0; i < campaign->row_count; i++) {
        const struct row *row = &campaign->rows[i];
        printf("%-16s %-12s %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64
               " %6" PRIu64 " %6" PRIu64 " %12.1f %12" PRIu64 "\n",
               row->variant, row->certificates, row->played, row->asked, row->ordered,
               row->failed[FAILURE_VIOLATION], row->failed[FAILURE_LIVE],
               row->failed[FAILURE_STORM], row->failed[FAILURE_ABORT],
               (double)row->slowest / (double)NS_PER_S, row->most_frames);
    }
}

/* The shares of plans that have each kind of trouble: a line for each kind, a column for each variant. */
static void print_contents(const struct campaign *campaign) {
    printf("\n%% of the seeds with\n%-16s", "");
    for (size_t i = 0; i < campaign->row_count; i++)
        if (i == 0 || campaign->rows[i].variant != campaign->rows[i - 1].variant)
            printf(" %15s", campaign->rows[i].variant);
    for (size_t kind = 0; contents_name(kind) != NULL; kind++) {
        printf("\n%-16s", contents_name(kind));
        for (size_t i = 0; i < campaign->row_count;) {
            const char *variant = campaign->rows[i].variant;
            uint64_t with = 0, played = 0;
            for (; i < campaign->row_count && campaign->rows[i].variant == variant; i++) {
                with += campaign->rows[i].with[kind];
                played += campaign->rows[i].played;
            }
            printf(" %15.1f", played == 0 ? 0 : 100 * (double)with / (double)played);
        }
    }
    putchar('\n');
}

/* The first case of a cause, as small as it gets, in a file of its own; false when it can't be written. */
static bool keep(const struct campaign *campaign, const struct cause *cause, char *path,
                 size_t size) {
    const struct plan_case *which = &cause->first[0];
    struct plan plan;
    snprintf(path, size, "%s/%s-%s-n%" PRId64 "-seed%" PRIu64 ".yaml", campaign->sweep->directory,
             which->variant, which->certificates, which->n, which->seed);
    plan_generate(&plan, which);
    const size_t trials = shrink(&plan, &cause->verdict, SHRINK_TRIALS);
    FILE *out = fopen(path, "w");
    if (out != NULL) {
        fputs("# ", out);
        print_case(out, which);
        fprintf(out, ", shrunk in %zu plays\n# %s\n", trials, cause->verdict.cause);
        plan_write(&plan, out);
    }
    plan_deinit(&plan);
    const bool good = out != NULL && fclose(out) == 0;
    if (!good)
        fprintf(stderr, "tierchain: %s: %s\n", path, strerror(errno));
    return good;
}

static bool make_directory(const char *path) {
    char part[4096];
    for (const char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", slash == NULL ? (int)strlen(path) : (int)(slash - path),
                 path);
        if (mkdir(part, 0777) != 0 && errno != EEXIST) {
            fprintf(stderr, "tierchain: %s: %s\n", part, strerror(errno));
            return false;
        }
        if (slash == NULL)
            return true;
    }
}

static void print_cause(const struct cause *cause) {
    printf("\n%s: %s, %" PRIu64 " of them\n", cause->first[0].variant, cause->verdict.cause,
           cause->count);
    printf("  %s\n", cause->verdict.words);
    for (size_t i = 0; i < SWEEP_EXAMPLES && i < cause->count; i++) {
        fputs("  tierchain sweep ", stdout);
        print_case(stdout, &cause->first[i]);
        putchar('\n');
    }
}

static int tell(const struct campaign *campaign) {
    char path[4096 + 100];
    print_rows(campaign);
    print_contents(campaign);
    if (campaign->failed == 0)
        return EXIT_DONE;
    if (!make_directory(campaign->sweep->directory))
        return EXIT_IO;
    for (size_t i = 0; i < campaign->cause_count && !interrupt_pending(); i++) {
        print_cause(&campaign->causes[i]);
        fflush(stdout);
        if (!keep(campaign, &campaign->causes[i], path, sizeof path))
            return EXIT_IO;
        printf("  kept: tierchain sweep --replay %s\n", path);
    }
    return EXIT_MISSED;
}

static void print_plans(const struct campaign *campaign) {
    for (size_t i = 0; i < campaign->cases; i++) {
        const struct plan_case which = case_at(campaign, i);
        struct plan plan;
        plan_generate(&plan, &which);
        printf("%s# ", i > 0 ? "---\n" : "");
        print_case(stdout, &which);
        putchar('\n');
        plan_write(&plan, stdout);
        plan_deinit(&plan);
    }
}

static int play_all(struct campaign *campaign) {
    const struct crew crew = {
        .jobs = (size_t)campaign->sweep->jobs,
        .result_bytes = sizeof(struct played),
        .context = campaign,
        .work = work,
        .done = done,
        .look = look,
    };
    progress_init(&campaign->progress, progress_mode_of_stderr(campaign->sweep->quiet), stderr);
    campaign->begun = progress_clock();
    interrupt_catch(true);
    crew_run(&crew, campaign->cases);
    progress_clear(&campaign->progress);
    const int code = tell(campaign);
    return interrupt_pending() ? interrupt_exit_code() : code;
}

int sweep_run(const struct sweep *sweep) {
    struct campaign *campaign = memory_new(1, sizeof *campaign);
    int code = EXIT_DONE;
    campaign->sweep = sweep;
    choose_rows(campaign);
    if (campaign->row_count == 0) {
        fprintf(stderr, "tierchain: %s has no %s certificates\n", sweep->variant,
                sweep->certificates);
        code = EXIT_USAGE;
    } else if (sweep->dry_run) {
        print_plans(campaign);
    } else {
        code = play_all(campaign);
    }
    free(campaign->rows);
    free(campaign);
    return code;
}
