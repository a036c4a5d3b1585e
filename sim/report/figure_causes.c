/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the time went to: the causes of the critical paths, as bars. */
#include "sim/report/figures.h"
#include "sim/report/shares.h"

#define CAUSES_SHOWN 8 /* the largest; the rest is one bar */

const char figure_causes_commands[] =
    "set title figure_title\n"
    "set lmargin 21\n"
    "set xlabel 'ms of the latency, on average'\n"
    "set xrange [x_from:x_to]\n"
    "set yrange [0.4:y_end]\n"
    "eval sprintf('set ytics (%s) scale 0', causes)\n"
    "unset grid\n"
    "set grid xtics lc rgb '#DDDDDD' lt 1\n"
    "set style fill solid noborder\n"
    "set key above horizontal samplen 2 width -1\n"
    "plot 'causes.dat' using (0.5*$3):($2+0.18):(0.5*abs($3)):(0.17) with boxxyerror lc rgb "
    "'#56B4E9' title middle, \\\n"
    "  '' using (0.5*$4):($2-0.18):(0.5*abs($4)):(0.17) with boxxyerror lc rgb '#0072B2' title "
    "slowest, \\\n"
    "  '' using ($3 > 0 ? $3 : 0):($2+0.18):(sprintf('%.3g', $3)) with labels left offset 0.5,0 tc "
    "rgb '#333333' notitle, \\\n"
    "  '' using ($4 > 0 ? $4 : 0):($2-0.18):(sprintf('%.3g', $4)) with labels left offset 0.5,0 tc "
    "rgb '#333333' notitle\n";

static double mean_ms(const struct share_sum *sum, time_ns part) {
    return sum->count > 0 ? (double)part / (double)sum->count / (double)NS_PER_MS : 0;
}

/* One bar for each group; x goes from the least to the greatest so far. */
struct bars {
    const struct shares *shares;
    struct text *data, *variables;
    size_t row;
    double least, most;
};

static void put_bars(struct bars *bars, const char *name, const time_ns parts[SHARE_GROUPS]) {
    text_format(bars->variables, "%s'%s' %zu", bars->data->size > 0 ? ", " : "", name, bars->row);
    text_format(bars->data, "\"%s\" %zu", name, bars->row--);
    for (int group = 0; group < SHARE_GROUPS; group++) {
        double mean = mean_ms(&bars->shares->groups[group], parts[group]);
        text_format(bars->data, " %.17g", mean);
        bars->least = mean < bars->least ? mean : bars->least;
        bars->most = mean > bars->most ? mean : bars->most;
    }
    text_add(bars->data, "\n");
}

void figure_causes(const struct run_result *runs, size_t count, struct text *data,
                   struct text *variables) {
    struct shares shares;
    unsigned order[PATH_CAUSES];
    time_ns rest[SHARE_GROUPS] = {0};
    shares_measure(runs, count, &shares);
    size_t causes = shares_order(&shares, order);
    size_t shown = causes < CAUSES_SHOWN ? causes : CAUSES_SHOWN;
    struct bars bars = {&shares, data, variables, shown + 1, 0, 0};
    text_format(variables, "y_end = %zu.6\ncauses = \"", shown + 1);
    for (size_t i = 0; i < causes; i++) {
        time_ns parts[SHARE_GROUPS];
        for (int group = 0; group < SHARE_GROUPS; group++) {
            parts[group] = shares.groups[group].causes[order[i]];
            rest[group] += i < shown ? 0 : parts[group];
        }
        if (i < shown)
            put_bars(&bars, path_cause_name(order[i]), parts);
    }
    put_bars(&bars, shares.paths > 0 ? "all others" : "no paths", rest);
    text_format(variables, "\"\nx_from = %.17g\nx_to = %.17g\n", 1.1 * bars.least,
                bars.most > 0 ? 1.15 * bars.most : 1);
    text_format(variables, "middle = 'the middle tenth, %.4g ms'\n",
                mean_ms(&shares.groups[SHARE_P50], shares.groups[SHARE_P50].latency));
    text_format(variables, "slowest = 'the slowest 2 %%, %.4g ms'\n",
                mean_ms(&shares.groups[SHARE_P99], shares.groups[SHARE_P99].latency));
}
