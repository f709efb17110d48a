#!/usr/bin/env bash
# coverage.sh FOLDER: how many lines of each folder the tests have run, from what they left in the build
# FOLDER, and the files below what their folder should have: engine 94 %, the others 90 %. Ends with
# "N passed, N failed", a folder each.
set -euo pipefail
cd "$(dirname "$0")/.."
lcov -q --capture --directory "$1" --output-file "$1/all.info" --rc geninfo_gcov_tool=gcov 2>"$1/lcov.log" ||
    { tail -5 "$1/lcov.log"; exit 1; }
awk -v here="$PWD/" '
    /^SF:/ { file = substr($0, 4); if (index(file, here) == 1) file = substr(file, length(here) + 1); next }
    /^DA:/ { split(substr($0, 4), line, ","); lines[file]++; hit[file] += line[2] > 0 }
    function wanted(tree) { return tree == "engine" ? 94 : 90 }
    END {
        for (file in lines) {
            if (file !~ /^(engine|tui|weights|mpi)\//) continue
            tree = file; sub(/\/.*/, "", tree)
            folder = file; sub(/\/[^\/]*$/, "", folder)
            all[tree] += lines[file]; ran[tree] += hit[file]
            part[folder] += lines[file]; did[folder] += hit[file]
            if (100 * hit[file] < wanted(tree) * lines[file])
                low[file] = sprintf("%5.1f %% of %4d  %s", 100 * hit[file] / lines[file], lines[file], file)
        }
        for (folder in part)
            printf "%5.1f %% of %5d  %s\n", 100 * did[folder] / part[folder], part[folder], folder | "sort -k5"
        close("sort -k5")
        print "below what is wanted:"
        for (file in low) print low[file] | "sort -n"
        close("sort -n")
        for (tree in all) {
            share = 100 * ran[tree] / all[tree]
            printf "%s: %.1f %% of %d lines, %d %% are wanted\n", tree, share, all[tree], wanted(tree)
            share >= wanted(tree) ? passed++ : failed++
        }
        printf "%d passed, %d failed\n", passed, failed
        exit (failed > 0)
    }' "$1/all.info"
