/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/figures.h"

/* The two promises of system.md 5, drawn wherever the axis is latency from click to close. */
#define LIMITS                                                                                     \
    "set arrow 1 from 450, graph 0 to 450, graph 1 nohead lw 2 dt 2 lc rgb '#D55E00'\n"            \
    "set arrow 2 from 800, graph 0 to 800, graph 1 nohead lw 2 dt 2 lc rgb '#CC79A7'\n"
#define LIMIT_KEYS                                                                                 \
    "  NaN lw 2 dt 2 lc rgb '#D55E00' title '450 ms felt', \\\n"                                   \
    "  NaN lw 2 dt 2 lc rgb '#CC79A7' title '800 ms in all'\n"

static const char latency_commands[] =
    "set xlabel 'latency (ms, log)'\n" LIMITS
    "set key top left opaque\nset logscale x\nstats 'latency.dat' using 1 nooutput\nset xrange "
    "[1:(STATS_max > 1000 ? 1.1 * STATS_max : 1000)]\nset "
    "multiplot layout 1,2 title figure_title\n"
    "set ylabel 'share at or below'\nset yrange [0:1]\n"
    "plot 'latency.dat' using ($1 > 1 ? $1 : 1):2 with steps lw 3 lc rgb '#0072B2' title "
    "'measured', "
    "\\\n" LIMIT_KEYS "set ylabel 'share above (log)'\nset logscale y\nset yrange "
    "[*<0.1:1]\nunset key\n"
    "plot 'latency.dat' using ($1 > 1 ? $1 : 1):($3 > 0 ? $3 : NaN) with steps lw 3 lc rgb "
    "'#0072B2'\n"
    "unset multiplot\n";

static const char histogram_commands[] =
    "set title figure_title\nset xlabel 'latency (ms)'\nset ylabel 'transactions'\n" LIMITS
    "set xrange [0:850<*]\nset yrange [0:1<*]\nset offsets 0, 0, graph 0.1, 0\n"
    "set style fill solid 0.9 border lc rgb '#FFFFFF'\nset key top left\n"
    "plot 'histogram.dat' using ($1+width/2):2:(width) with boxes lc rgb '#0072B2' "
    "title sprintf('a bar = %g ms', width), \\\n" LIMIT_KEYS;

static const char layers_commands[] =
    "set title figure_title\nset ylabel 'latency (ms)'\nset yrange [0:500<*]\n"
    "set datafile missing '?'\n"
    "set style fill solid 0.9 noborder\nset boxwidth 0.36\nset xrange [-0.6:*]\n"
    "plot 'layers.dat' using ($0-0.19):3 with boxes lc rgb '#56B4E9' title 'p50', \\\n"
    "  '' using ($0+0.19):4 with boxes lc rgb '#0072B2' title 'p99', \\\n"
    "  '' using 0:2:(0.42):xtic(1) with xerrorbars pt -1 lw 3 lc rgb '#D55E00' title "
    "'p99 target'\n";

static const char stack_commands[] =
    "set title figure_title\nset xlabel 'sum of the layers (ms)'\nset xrange [0:480<*]\n"
    "set xtics 80\nunset grid\nset grid xtics front lc rgb '#888888' lt 1 dt 3\n"
    "set yrange [-0.6:2.6]\nset ytics ('target' 2, 'p50' 1, 'p99' 0) scale 0\nunset key\n"
    "set style fill solid 0.9 border lc rgb '#FFFFFF'\n"
    "plot 'stack.dat' using (($2+$3)/2):1:2:3:($1-0.38):($1+0.38):4 with boxxyerror "
    "lc rgb variable, \\\n"
    "  '' using ($3 - $2 < 14 ? NaN : ($2+$3)/2):1:6:5 with labels tc rgb variable\n";

/* A row for each step, named by the variable steps. Blocks 0 and 1 of the data are the bars of the two
 * panels, blocks 2 and 3 their marks. */
static const char waterfall_commands[] =
    "set xrange [0:x_end]\nset yrange [0.3:y_end]\nunset key\nunset grid\n"
    "set grid xtics lc rgb '#DDDDDD' lt 1\nset style fill solid 1 noborder\n"
    "eval sprintf('set ytics (%s) scale 0', steps)\n" LIMITS
    "set multiplot layout 2,1 title figure_title margins 0.17,0.97,0.15,0.88 spacing 0,0.16\n"
    "do for [panel=0:1] {\n"
    "  set title panel_titles[panel+1] offset 0,-0.5\n"
    "  if (panel == 1) { set xlabel \"ms since the click; dashed, where the axis reaches: 450 ms "
    "felt, 800 ms in all\\n"
    "dark: critical path; light: beside it; diamonds: city commit, close\" }\n"
    "  plot 'waterfall.dat' index panel using (($1+$2)/2):3:1:2:($3-0.36):($3+0.36):"
    "($4 > 0 ? 0x0072B2 : 0xA6CBE3) with boxxyerror lc rgb variable, \\\n"
    "    '' index panel using 2:3:5 with labels left offset 1.2,0 tc rgb '#333333', \\\n"
    "    '' index panel+2 using 1:2 with points pt 13 ps 1.6 lc rgb '#E69F00'\n"
    "}\nunset multiplot\n";

static const char timeline_commands[] =
    "set xrange [0:t_end]\nset datafile missing '?'\nset lmargin 11\n"
    "if (warmup > 0) { set object 1 rectangle from 0, graph 0 to warmup, graph 1 behind "
    "fc rgb '#EEEEEE' fs solid noborder\n"
    "  set label 1 'warm-up' at 0, graph 0.07 left offset 0.5,0 tc rgb '#777777' }\n"
    "set multiplot layout 2,1 title figure_title\n"
    "set ylabel 'transactions/s'\nset yrange [0:1<*]\nset offsets 0, 0, graph 0.25, 0\n"
    "set key top right horizontal\n"
    "plot 'timeline.dat' using 1:2 with steps lw 2 lc rgb '#E69F00' title 'intended', \\\n"
    "  '' using 1:3 with steps lw 2 lc rgb '#0072B2' title 'closed'\n"
    "set ylabel 'latency (ms)'\nset xlabel 'simulated time (s)'\n"
    "set yrange [0:500<*]\nset offsets 0, 0, graph 0.15, 0\n"
    "plot 450 lw 2 dt 2 lc rgb '#D55E00' title '450 ms', \\\n"
    "  'timeline.dat' using ($1+bin/2):4 with linespoints pt 7 ps 0.4 lw 2 lc rgb '#56B4E9' "
    "title 'p50', \\\n"
    "  '' using ($1+bin/2):5 with linespoints pt 7 ps 0.4 lw 2 lc rgb '#0072B2' title 'p99'\n"
    "unset multiplot\n";

const struct figure figures[] = {
    {"waterfall", "where the time of one transaction goes",
     "The median transaction and the one at p99. Dark bars are the critical path, which ends when "
     "the UI may close; the token is verified beside S1 to S5. Diamonds: city commit and close.",
     waterfall_commands, figure_waterfall},
    {"latency", "latency from click to close",
     "Left the distribution, right its tail. Transactions that never closed stay in the "
     "denominator.",
     latency_commands, figure_latency},
    {"histogram", "latencies from click to close, counted", "Only transactions that closed.",
     histogram_commands, figure_histogram},
    {"layers", "every step beside its p99 target",
     "A missing bar means that the quantile lies "
     "among transactions that never got there.",
     layers_commands, figure_layers},
    {"stack", "quantiles of the layers, stacked",
     "Each segment is that layer's own quantile: for p99 their sum is more than the p99 of the "
     "sum. A step of the dotted grid is one layer's target of 80 ms.",
     stack_commands, figure_stack},
    {"timeline", "throughput and latency over simulated time",
     "Averaged over the repetitions. Latency is shown at the time of the click, closed "
     "transactions "
     "at the time they closed.",
     timeline_commands, figure_timeline},
};
const size_t figure_count = ARRAY_LEN(figures);
