/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one table of figures: for each its gnuplot commands and the function that makes its data. */
#ifndef TIERCHAIN_SIM_REPORT_FIGURES_H
#define TIERCHAIN_SIM_REPORT_FIGURES_H

#include "sim/report/run_result.h"
#include "sim/report/text.h"

struct figure {
    const char *name;    /* of its files */
    const char *title;   /* what is seen; follows scenario and seed */
    const char *caption; /* how to read it */
    const char *commands;
    /* Appends the rows of <name>.dat to @data and gnuplot assignments that @commands refer to
     * to @variables. */
    void (*write)(const struct run_result *runs, size_t count, struct text *data,
                  struct text *variables);
};

/* gnuplot definitions that all commands use. */
extern const char figure_prelude[];

extern const struct figure figures[];
extern const size_t figure_count;

/* The smallest of 1, 2, 5, 10, … times @unit that is not below @least. */
time_ns figure_round_width(time_ns least, time_ns unit);

/* Where the strip ends that shows the same beside the budgets, in ms: behind @most and the farthest
 * budget. */
#define FIGURE_STRIP_LEAST (800 * NS_PER_MS)
double figure_strip_to(time_ns most);

/* The writers, each for the figure of its name. */
void figure_latency(const struct run_result *runs, size_t count, struct text *data,
                    struct text *variables);
void figure_histogram(const struct run_result *runs, size_t count, struct text *data,
                      struct text *variables);
void figure_layers(const struct run_result *runs, size_t count, struct text *data,
                   struct text *variables);
void figure_stack(const struct run_result *runs, size_t count, struct text *data,
                  struct text *variables);
void figure_waterfall(const struct run_result *runs, size_t count, struct text *data,
                      struct text *variables);
void figure_timeline(const struct run_result *runs, size_t count, struct text *data,
                     struct text *variables);
void figure_causes(const struct run_result *runs, size_t count, struct text *data,
                   struct text *variables);
extern const char figure_causes_commands[];

#endif
