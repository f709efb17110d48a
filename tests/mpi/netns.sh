#!/usr/bin/env bash
# netns.sh RANKS RATE DELAY COMMAND...: `mpirun -n RANKS COMMAND...` as on RANKS machines. Each rank
# has a network namespace and a host name (ns0, ns1, ...) of its own and reaches the others by TCP
# alone, at RATE bits a second (1G, 250M) and DELAY from rank to rank (0, 100us, 2ms).
# Namespaces, devices and processes live in a pid and a mount namespace that end with this script,
# even where it is killed. Exit status 77 and a sentence: cannot be done here.
set -euo pipefail
cannot() { echo "MPI over a network is not tried: $1"; exit 77; }
self=$(realpath "$0") net=10.99.0 run=/run/netns

case ${1-} in
--agent) # in place of ssh: --agent ADDRESS COMMAND...
    host=ns$((${2##*.} - 1))
    shift 2
    exec ip netns exec "$host" unshare --uts sh -c "hostname $host && $*"
    ;;
--inside) # --inside RANKS COMMAND...: the wires are there; the last is mpirun's own
    ranks=$2 hosts=
    shift 2
    for ((i = 0; i < ranks; i++)); do
        ip netns add ns$i
        ip link set wire$i netns ns$i
        ip -n ns$i link set lo up
    done
    ip link set lo up
    for ((i = 0; i <= ranks; i++)); do
        at=(ip -n "ns$i")
        [ $i -lt "$ranks" ] || at=(ip)
        "${at[@]}" link set wire$i address "02:00:00:00:00:$(printf %02x $i)" up
        "${at[@]}" addr add "$net.$((i + 1))/24" dev wire$i
        [ $i = "$ranks" ] || hosts+=${hosts:+,}$net.$((i + 1))
    done
    mkdir $run/tmp
    # Ranks that wait spin; they have to yield, since there may be more of them than processors.
    exec mpirun --allow-run-as-root -n "$ranks" --host "$hosts" --bind-to none \
        --mca plm_rsh_agent "$self --agent" --mca plm_rsh_no_tree_spawn 1 \
        --mca mpi_yield_when_idle 1 \
        --mca btl tcp,self --mca pml ob1 --mca btl_tcp_if_include $net.0/24 \
        --mca oob_tcp_if_include $net.0/24 --mca orte_tmpdir_base $run/tmp "$@"
    ;;
esac

[ $# -ge 4 ] || { echo "usage: netns.sh RANKS RATE DELAY COMMAND..." >&2; exit 2; }
ranks=$1
rate=$(numfmt --from=si "$2") || exit 2
case $3 in
*us) delay=${3%us}e3 ;;
*ms) delay=${3%ms}e6 ;;
0) delay=0 ;;
*) echo "netns.sh: $3 is no delay: 0, 100us, 2ms" >&2; exit 2 ;;
esac
shift 3
for program in mpirun ip unshare setpriv cc; do
    command -v $program >/dev/null || cannot "there is no $program"
done
[ "$(id -u)" = 0 ] && unshare --net --mount --pid --fork true 2>/dev/null || cannot "no namespaces"
[ -c /dev/net/tun ] || cannot "there is no /dev/net/tun"

# Names of namespaces and what MPI writes are on a file system that ends with them.
mkdir -p $run
setpriv --pdeathsig KILL unshare --net --mount --pid --fork --mount-proc --kill-child sh -c '
    mount -t tmpfs tmpfs "$1" && cc -O2 -o "$1/wire" "$2/wire.c" && shift 2 && exec "$@"' sh \
    $run "${self%/*}" $run/wire $((ranks + 1)) "$rate" "$delay" "$self" --inside "$ranks" "$@" <&0 &
trap 'kill -KILL $! 2>/dev/null || true' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
wait $!
