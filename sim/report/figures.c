/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/figures.h"

/* Before every figure: a panel's place on the picture, and the strip that shows the two promises of
 * system.md 5. Its axis reaches them; those of the panels above follow what was measured. */
const char figure_prelude[] =
    "panel(left, right, bottom, top) = sprintf(\"set lmargin at screen %g; set rmargin at "
    "screen %g; set bmargin at screen %g; set tmargin at screen %g\", left, right, bottom, "
    "top)\n"
    "strip = \"unset logscale; unset label; unset key; unset title; set xlabel 'the same "
    "beside the budget (ms)' offset 0,0.4; set arrow 1 from 450, graph 0 to 450, graph "
    "1.12 nohead lw 2 dt 2 lc rgb '#D55E00'; set label 1 '450 felt' at 450, graph 1.28 "
    "right offset 1,0 tc rgb '#D55E00'; set arrow 2 from 800, graph 0 to 800, graph 1.12 "
    "nohead lw 2 dt 2 lc rgb '#CC79A7'; set label 2 '800 in all' at 800, graph 1.28 left "
    "offset -1,0 tc rgb '#CC79A7'\"\n";

static const char latency_commands[] =
    "set grid lc rgb '#DDDDDD' lt 1\n"
    "set multiplot title figure_title\n"
    "eval panel(0.08, 0.49, 0.41, 0.91)\n"
    "set xlabel 'latency (ms)' offset 0,0.4\n"
    "set xrange [x_from:x_to]\n"
    "if (x_log) { set logscale x }\n"
    "set ylabel 'share at or below'\n"
    "set yrange [0:1]\n"
    "unset key\n"
    "set label 1 open_text at graph 0.98, graph 0.1 right tc rgb '#B04A00'\n"
    "plot 'latency.dat' using 1:2 with steps lw 3 lc rgb '#0072B2'\n"
    "unset label 1\n"
    "eval panel(0.58, 0.98, 0.41, 0.91)\n"
    "set ylabel 'share above'\n"
    "set logscale y\n"
    "set yrange [*<0.1:1]\n"
    /* The 1 is the frame's upper edge: a single transaction leaves nothing else to draw. */
    "plot 'latency.dat' using 1:($3 > 0 ? $3 : NaN) with steps lw 3 lc rgb '#0072B2', 1 lc rgb "
    "'#000000'\n"
    "eval panel(0.08, 0.98, 0.13, 0.25)\n"
    "eval strip\n"
    "set xrange [0:strip_to]\n"
    "set yrange [0:1]\n"
    "unset ylabel\n"
    "set ytics 1\n"
    "plot 'latency.dat' using 1:2 with steps lw 3 lc rgb '#0072B2'\n"
    "unset multiplot\n";

static const char histogram_commands[] =
    "set style fill solid 0.9 noborder\n"
    "set multiplot title figure_title\n"
    "eval panel(0.08, 0.98, 0.41, 0.91)\n"
    "set xlabel 'latency (ms)' offset 0,0.4\n"
    "set ylabel 'transactions'\n"
    "set xrange [x_from:x_to]\n"
    "if (y_to > 100) { set logscale y; set yrange [0.5:2*y_to] } else { set yrange [0:1.1*y_to] }\n"
    "set key top right\n"
    "set label 1 beyond_text at graph 0.99, graph 0.83 right tc rgb '#555555'\n"
    "set label 2 open_text at graph 0.99, graph 0.76 right tc rgb '#B04A00'\n"
    "plot 'histogram.dat' using ($1+width/2):2:(0.9*width) with boxes lc rgb '#0072B2' "
    "title sprintf('a bar = %g ms', width)\n"
    "eval panel(0.08, 0.98, 0.13, 0.25)\n"
    "eval strip\n"
    "set xrange [0:strip_to]\n"
    "unset ylabel\n"
    "unset ytics\n"
    "unset grid\n"
    "plot 'histogram.dat' using ($1+width/2):2 with impulses lw 2 lc rgb '#0072B2'\n"
    "unset multiplot\n";

static const char layers_commands[] =
    "set title figure_title\n"
    "set lmargin 11\n"
    "set xlabel 'latency (ms, log)'\n"
    "set logscale x\n"
    "set xrange [x_from/1.5:2.5*x_to]\n"
    "set yrange [0.4:y_end]\n"
    "eval sprintf('set ytics (%s) scale 0', steps)\n"
    "unset grid\n"
    "set grid xtics lc rgb '#DDDDDD' lt 1\n"
    "set key above horizontal samplen 2 width -1\n"
    "plot 'layers.dat' using 4:2:($5-$4):(0) with vectors nohead lw 5 lc rgb '#A6CBE3' notitle, "
    "\\\n"
    "  '' using 4:2 with points pt 7 ps 1.5 lc rgb '#56B4E9' title 'p50', \\\n"
    "  '' using 5:2 with points pt 7 ps 1.5 lc rgb '#0072B2' title 'p99', \\\n"
    "  '' using ($6 > 0 ? 2*x_to : NaN):2 with points pt 9 ps 1.8 lc rgb '#D55E00' title 'p99 "
    "among the open', \\\n"
    "  '' using 3:($2-0.3):(0):(0.6) with vectors nohead lw 4 lc rgb '#D55E00' title 'p99 target', "
    "\\\n"
    "  '' using 5:2:(sprintf('%.3g', $5)) with labels left offset 1.2,0.1 tc rgb '#333333' "
    "notitle\n";

static const char stack_commands[] =
    "unset grid\n"
    "set grid xtics front lc rgb '#BBBBBB' lt 1 dt 3\n"
    "unset key\n"
    "set style fill solid 0.9 border lc rgb '#FFFFFF'\n"
    "set multiplot title figure_title\n"
    "eval open_label\n"
    "eval panel(0.08, 0.97, 0.45, 0.91)\n"
    "set xrange [0:x_to]\n"
    "set yrange [-0.6:1.6]\n"
    "set ytics ('p50' 1, 'p99' 0) scale 0\n"
    "plot 'stack.dat' using ($1 < 2 ? ($2+$3)/2 : NaN):1:2:3:($1-0.38):($1+0.38):4 with "
    "boxxyerror lc rgb variable, \\\n"
    "  '' using ($1 == 2 || $3 - $2 < 0.05*x_to ? NaN : ($2+$3)/2):1:6:5 with labels tc "
    "rgb variable\n"
    "unset label\n"
    "eval panel(0.08, 0.97, 0.13, 0.36)\n"
    "set xlabel 'sum of the layers (ms); above the measured, below beside the targets' "
    "offset 0,0.4\n"
    "set xrange [0:target_to]\n"
    "set yrange [0.4:2.6]\n"
    "set ytics ('target' 2, 'p99' 1) scale 0\n"
    "plot 'stack.dat' using ($1 != 1 ? ($2+$3)/2 : NaN):($1 == 0 ? 1 : $1):2:3:(($1 == 0 ? "
    "1 : $1)-0.38):(($1 == 0 ? 1 : $1)+0.38):4 with boxxyerror lc rgb variable, \\\n"
    "  '' using ($1 != 2 || $3 - $2 < 0.04*target_to ? NaN : ($2+$3)/2):1:6:5 with labels "
    "tc rgb variable\n"
    "unset multiplot\n";

/* A row for each step, named by the variable steps. Blocks 0 and 1 of the data are the bars of the two
 * panels, blocks 2 and 3 their marks, block 4 their felt latencies. */
static const char waterfall_commands[] =
    "set yrange [0.3:y_end]\n"
    "unset key\n"
    "unset grid\n"
    "set grid xtics lc rgb '#DDDDDD' lt 1\n"
    "set style fill solid 1 noborder\n"
    "set multiplot title figure_title\n"
    "do for [panel_at=0:1] {\n"
    "  eval panel(0.17, 0.97, 0.65 - 0.35*panel_at, 0.89 - 0.35*panel_at)\n"
    "  eval sprintf('set ytics (%s) scale 0', steps)\n"
    "  set xrange [0:x_end]\n"
    "  set title panel_titles[panel_at+1] offset 0,-0.5\n"
    "  plot 'waterfall.dat' index panel_at using (($1+$2)/2):3:1:2:($3-0.36):($3+0.36):($4 "
    "> 0 ? 0x0072B2 : 0xA6CBE3) with boxxyerror lc rgb variable, \\\n"
    "    '' index panel_at using 2:3:5 with labels left offset 1.2,0 tc rgb '#333333', \\\n"
    "    '' index panel_at+2 using 1:2 with points pt 13 ps 1.6 lc rgb '#E69F00'\n"
    "}\n"
    "eval panel(0.17, 0.97, 0.12, 0.20)\n"
    "eval strip\n"
    "set xlabel 'ms since the click; dark: critical path, light: beside it, diamonds: commit and "
    "close' offset 0,0.4\n"
    "set xrange [0:strip_to]\n"
    "set yrange [0.4:2.6]\n"
    "set ytics ('p50' 2, 'p99' 1) scale 0\n"
    "plot 'waterfall.dat' index 4 using ($1/2):2:(0):1:($2-0.36):($2+0.36) with boxxyerror "
    "lc rgb '#0072B2'\n"
    "unset multiplot\n";

static const char timeline_commands[] =
    "set xrange [0:t_end]\n"
    "if (warmup > 0) { set object 1 rectangle from 0, graph 0 to warmup, graph 1 behind fc "
    "rgb '#EEEEEE' fs solid noborder }\n"
    "eval fault_bands\n"
    "set multiplot title figure_title\n"
    "eval panel(0.08, 0.98, 0.62, 0.91)\n"
    "if (warmup > 0) { set label 1 'warm-up, not counted' at 0, graph 0.06 left offset "
    "0.4,0 tc rgb '#777777' }\n"
    "eval fault_names\n"
    "set format x ''\n"
    "set ylabel 'transactions/s'\n"
    "set yrange [0:1<*]\n"
    "set offsets 0, 0, graph 0.25, 0\n"
    "set key top right horizontal samplen 2 width -1\n"
    "plot 'timeline.dat' using 1:2 with steps lw 2 lc rgb '#E69F00' title 'intended', \\\n"
    "  '' using 1:3 with steps lw 2 lc rgb '#0072B2' title 'closed'\n"
    "unset offsets\n"
    "unset label\n"
    "eval panel(0.08, 0.98, 0.29, 0.58)\n"
    "set ylabel 'latency (ms)' offset 1.5,0\n"
    "if (y_log) { set logscale y }\n"
    "set yrange [y_from:(y_log ? y_to*(y_to/y_from)**0.3 : y_to+0.3*(y_to-y_from))]\n"
    "open_at = y_log ? y_to*(y_to/y_from)**0.07 : y_to+0.07*(y_to-y_from)\n"
    "plot 'timeline.dat' using ($1+bin/2):4 with linespoints pt 7 ps 0.5 lw 2 lc rgb "
    "'#56B4E9' title 'p50', \\\n"
    "  '' using ($1+bin/2):5 with linespoints pt 7 ps 0.5 lw 2 lc rgb '#0072B2' title "
    "'p99', \\\n"
    "  '' using ($1+bin/2):($6 > 0 ? open_at : NaN) with points pt 9 ps 1.2 lc rgb "
    "'#D55E00' title 'p99 among the open'\n"
    "unset logscale\n"
    "unset key\n"
    "eval panel(0.08, 0.98, 0.13, 0.25)\n"
    "set format x '%g'\n"
    "set xlabel 'simulated time (s); lowest: p99 beside the budget of 450 ms felt' offset "
    "0,0.4\n"
    "set ylabel ''\n"
    "set yrange [0:(y_to > 500 ? y_to*1.1 : 500)]\n"
    "set ytics (450)\n"
    "plot 450 lw 2 dt 2 lc rgb '#D55E00', 'timeline.dat' using ($1+bin/2):5 with "
    "linespoints pt 7 ps 0.3 lw 2 lc rgb '#0072B2'\n"
    "unset multiplot\n";

const struct figure figures[] = {
    {"waterfall", "where the time of one transaction goes",
     "The median transaction and the one at p99. Dark bars are the critical path, which ends when "
     "the UI may close; the token is verified beside S1 to S5, and S4 runs within S3. Diamonds: "
     "city commit and close.",
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
     "sum. What is measured of S4 lies within S3. A step of the dotted grid is one layer's target "
     "of 80 ms.",
     stack_commands, figure_stack},
    {"timeline", "throughput and latency over simulated time",
     "Averaged over the repetitions. Latency is shown at the time of the click, closed "
     "transactions "
     "at the time they closed.",
     timeline_commands, figure_timeline},
    {"causes", "what the time went to",
     "The critical paths' parts by cause, averaged over the middle tenth of the transactions and "
     "over the slowest 2 %. "
     "Jitter can be negative: a path that is quicker than its places' base delay.",
     figure_causes_commands, figure_causes},
};
const size_t figure_count = ARRAY_LEN(figures);
