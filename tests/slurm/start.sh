#!/usr/bin/env bash
# start.sh FOLDER [CPUS [LINE...]]: a real Slurm of two nodes, node1 and node2 with CPUS processors
# each (2), on this machine's loopback. A LINE of slurm.conf, such as MinJobAge=2, comes after ours
# and wins. Everything it writes is in FOLDER, which is new, empty or its own; `. FOLDER/env` lets
# sbatch and the others find it. stop.sh FOLDER takes it down.
# Exit status 77 and a sentence: cannot be done here. 1: it did not come up.
set -euo pipefail
cannot() { echo "Slurm is not tried: $1"; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)

[ $# -ge 1 ] || { echo "usage: start.sh FOLDER [CPUS [LINE...]]" >&2; exit 2; }
PATH=$PATH:/usr/sbin:/sbin
for program in munged slurmctld slurmd sbatch sinfo unshare; do
    command -v $program >/dev/null || cannot "there is no $program (Debian: slurm-wlm, munge)"
done
[ "$(id -u)" = 0 ] || cannot "only root may start its daemons"
# Hosts of their own names, so that the tasks of two nodes see two machines.
unshare --uts true 2>/dev/null || cannot "nodes cannot have names of their own (unshare --uts)"

folder=$(realpath -m -- "$1") cpus=${2:-2}
case $folder in *[!A-Za-z0-9/._-]*) cannot "slurm.conf has no quotes for the name $folder" ;; esac
[ ${#folder} -le 70 ] || cannot "the name $folder is too long for sockets"
mkdir -p "$folder"
if [ -e "$folder/env" ]; then
    . "$folder/env"
    [ "$(timeout 10 sinfo -h -N -o %T 2>/dev/null | sort -u)" = idle ] && exit 0
    "$here/stop.sh" "$folder"
    mkdir "$folder"
fi
[ -z "$(ls -A "$folder")" ] || { echo "$folder is not empty" >&2; exit 2; }

# Three ports in a row that nobody listens at, below those that the kernel gives to connections.
listens() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
port=$((20000 + RANDOM % 12000))
while listens $port || listens $((port + 1)) || listens $((port + 2)); do
    port=$((20000 + RANDOM % 12000))
done

host=$(uname -n)
memory=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
mkdir -m 711 "$folder/munge"
mkdir "$folder"/{state,spool,log,pid}
# MinJobAge: squeue and scontrol know a job for an hour after its end. cred_expire: a requeued job
# begins again after 6 s, not 121; less than 5 is not obeyed.
cat >"$folder/slurm.conf" <<END
ClusterName=strata
SlurmctldHost=${host%%.*}(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthInfo=socket=$folder/munge/socket,cred_expire=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool/%n
SlurmctldPidFile=$folder/pid/slurmctld
SlurmdPidFile=$folder/pid/%n
SlurmctldLogFile=$folder/log/slurmctld
SlurmdLogFile=$folder/log/%n
JobCompType=jobcomp/filetxt
JobCompLoc=$folder/jobcomp
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
MailProg=/bin/true
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
KillWait=5
MinJobAge=3600
ReturnToService=1
NodeName=node1 NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=$cpus RealMemory=$memory
NodeName=node2 NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=$cpus RealMemory=$memory
PartitionName=main Nodes=node1,node2 Default=YES MaxTime=INFINITE State=UP
END
[ $# -le 2 ] || printf '%s\n' "${@:3}" >>"$folder/slurm.conf"
echo "export SLURM_CONF='$folder/slurm.conf'" >"$folder/env"

fail() {
    echo "Slurm did not come up: $1" >&2
    tail -n 5 "$folder"/log/* >&2
    "$here/stop.sh" "$folder"
    exit 1
}

. "$folder/env"
(umask 077 && head -c 128 /dev/urandom >"$folder/munge/key")
munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
    --seed-file="$folder/munge/seed" --pid-file="$folder/pid/munged" \
    --log-file="$folder/log/munged" 2>"$folder/log/start" || fail "munged ended"
slurmctld -f "$SLURM_CONF" 2>>"$folder/log/start" || fail "slurmctld ended"
for node in node1 node2; do
    unshare --uts sh -c 'hostname $0 && exec slurmd -f "$SLURM_CONF"' $node \
        2>>"$folder/log/start" || fail "slurmd of $node ended"
done
for _ in $(seq 150); do
    [ "$(timeout 5 sinfo -h -N -o %N=%T 2>/dev/null | xargs)" = "node1=idle node2=idle" ] && exit 0
    sleep 0.2
done
fail "nodes are not idle after 30 s"
