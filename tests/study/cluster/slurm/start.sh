#!/usr/bin/env bash
# Start a SLURM cluster of one node, this machine, as root (Debian: apt install slurm-wlm munge).
#   start.sh FOLDER    start it; logs, state and slurm.conf lie in FOLDER, an empty one
#   start.sh stop FOLDER
# Commands find it through SLURM_CONF=FOLDER/slurm.conf.
set -euo pipefail

stop() {
    for name in slurmctld slurmd munged; do
        if [ -s "$1/$name.pid" ]; then kill "$(cat "$1/$name.pid")" 2>/dev/null || true; fi
    done
}

if [ "$1" = stop ]; then
    stop "$(realpath "$2")"
    exit
fi

folder=$(realpath "$1")
host=$(hostname -s)
cores=$(nproc)
memory=$(awk '/MemTotal/ {print int($2 / 1024 * 0.9)}' /proc/meminfo)
mkdir -p "$folder/state" "$folder/spool" "$folder/munge"
chmod 755 "$folder"

# munge: a key and a socket of its own, so that nothing of the system is touched
dd if=/dev/urandom of="$folder/munge/munge.key" bs=1 count=1024 status=none
chmod 700 "$folder/munge"
chmod 400 "$folder/munge/munge.key"
mkdir -p /run/munge
chmod 755 /run/munge
socket=/run/munge/neural_mass_$$.socket
munged --force --key-file "$folder/munge/munge.key" --socket "$socket" \
    --pid-file "$folder/munged.pid" --log-file "$folder/munged.log" \
    --seed-file "$folder/munge/munge.seed"

cat > "$folder/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=${SLURMCTLD_PORT:-16817}
SlurmdPort=${SLURMD_PORT:-16818}
AuthType=auth/munge
AuthInfo=socket=$socket
SlurmUser=root
SlurmdUser=root
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
SlurmctldParameters=enable_configless
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cores RealMemory=$memory State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF

export SLURM_CONF="$folder/slurm.conf"
slurmctld -f "$SLURM_CONF"
slurmd -f "$SLURM_CONF"
for _ in $(seq 100); do
    if sinfo --noheader --format=%T 2>/dev/null | grep -q idle; then
        echo "$SLURM_CONF"
        exit
    fi
    sleep 0.3
done
echo "SLURM does not come up, see $folder/slurmctld.log and slurmd.log" >&2
stop "$folder"
exit 1
