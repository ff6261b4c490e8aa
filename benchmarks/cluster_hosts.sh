#!/bin/sh
# A scheduler and two workers on hosts of their own (network namespaces that a bridge joins), one of which is lost in the
# middle: whether a command prints the bytes of one process. Needs root and iproute2, on Linux.
#
#     sudo sh benchmarks/cluster_hosts.sh [python] [words of a command]
set -eu
PYTHON=${1:-python}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- run crisis-signalling --draws 8000
FOLDER=$(mktemp -d)
MARK=dt$$
export OPENBLAS_NUM_THREADS=1 DASK_LOGGING__DISTRIBUTED=critical
tidy() {
    for pid in $(cat "$FOLDER/pids" 2>/dev/null); do kill -9 "$pid" 2>/dev/null || true; done
    for k in 1 2 3; do
        ip link del "$MARK-v$k" 2>/dev/null || true
        ip netns del "$MARK-$k" 2>/dev/null || true
    done
    ip link del "$MARK" 2>/dev/null || true
    rm -rf "$FOLDER"
}
trap tidy EXIT INT TERM
ip link add "$MARK" type bridge
ip addr add 10.213.7.254/24 dev "$MARK"
ip link set "$MARK" up
for k in 1 2 3; do
    ip netns add "$MARK-$k"
    ip link add "$MARK-v$k" type veth peer name eth0 netns "$MARK-$k"
    ip link set "$MARK-v$k" master "$MARK" up
    ip -n "$MARK-$k" addr add "10.213.7.$k/24" dev eth0
    ip -n "$MARK-$k" link set eth0 up
    ip -n "$MARK-$k" link set lo up
done
on() {
    host=$1
    shift
    (cd "$FOLDER" && exec ip netns exec "$MARK-$host" "$PYTHON" -m "$@" >/dev/null 2>&1) &
    echo $! >>"$FOLDER/pids"
}
on 1 distributed.cli.dask_scheduler --host 10.213.7.1 --port 8786 --no-dashboard --no-show
for k in 2 3; do on $k distributed.cli.dask_worker tcp://10.213.7.1:8786 --no-nanny --nthreads 1 --no-dashboard; done
sleep 1
code='import sys; sys.argv[0] = "detente"; from detente.present.cli.start import main; main()'
"$PYTHON" -c "$code" "$@" --json --no-store --workers 1 >"$FOLDER/here"
"$PYTHON" -c "$code" "$@" --json --no-store --cluster tcp://10.213.7.1:8786 >"$FOLDER/there" &
asks=$!
# once the second worker is at work, its host is unplugged: nothing is said to anybody
while [ "$(ip netns exec "$MARK-3" cat /sys/class/net/eth0/statistics/rx_bytes)" -lt 60000 ]; do
    kill -0 $asks || break
    sleep 0.05
done
ip link set "$MARK-v3" down && echo "host 3 is cut off"
wait $asks
cmp "$FOLDER/here" "$FOLDER/there" && echo "same bytes"
for k in 1 2 3; do echo "host $k received $(ip netns exec "$MARK-$k" cat /sys/class/net/eth0/statistics/rx_bytes) bytes"; done
