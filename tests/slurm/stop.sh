#!/usr/bin/env bash
# stop.sh FOLDER: takes down the Slurm that start.sh put there, ends its tasks, removes the folder.
# Where there is none, nothing is to be done.
set -u
[ $# = 1 ] || { echo "usage: stop.sh FOLDER" >&2; exit 2; }
[ -e "$1" ] || exit 0
folder=$(cd "$1" && pwd -P) || exit 2
[ -e "$folder/env" ] && [ -d "$folder/pid" ] || { echo "$folder holds no Slurm" >&2; exit 2; }

# Does the process belong to this Slurm? The dead that nobody waited for have no environment.
ours() { grep -zqxF "SLURM_CONF=$folder/slurm.conf" "/proc/$1/environ" 2>/dev/null; }

# A pid file may be older than the process that has its number now.
daemons() {
    local file pid
    for file in "$folder"/pid/*; do
        pid=$(cat "$file" 2>/dev/null) && ours "$pid" && echo "$pid"
    done
}

# slurmstepd, one for each task, writes over its environment but stays in the folder of the log;
# tasks have the number of their job, in whatever session they are.
tasks() {
    local pid
    for pid in /proc/[0-9]*; do
        pid=${pid#/proc/}
        case $(cat "/proc/$pid/comm" 2>/dev/null) in
        slurmstepd) [ "$(readlink "/proc/$pid/cwd")" = "$folder/log" ] ;;
        *) ours "$pid" && grep -zq '^SLURM_JOB_ID=' "/proc/$pid/environ" ;;
        esac && echo "$pid"
    done
}

end() { # SIGNAL LIST: sends it to those that LIST names until there are none; 1 after 5 seconds
    local pids
    for _ in $(seq 50); do
        pids=$($2)
        [ -n "$pids" ] || return 0
        kill -s "$1" $pids 2>/dev/null
        sleep 0.1
    done
    return 1
}

# The daemons go first, so that no task is started any more.
end TERM daemons || end KILL daemons
end KILL tasks || { echo "tasks of $folder do not end: $(tasks | xargs)" >&2; exit 1; }
rm -rf --one-file-system "$folder"
