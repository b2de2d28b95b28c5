#!/bin/bash
# Give a running Slurm a few hundred short jobs of every sort the reader must know, then write down what it says of them.
# usage: jobs.sh OUT [PLAIN_JOBS]     (SLURM_CONF names the cluster; needs root, for it acts as other users too)
set -u
HERE=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"; OUT=$(cd "$1" && pwd); PLAIN=${2:-200}
WORK=$(mktemp -d /tmp/headrace-slurm.XXXXXX); chmod 755 "$WORK"; cd "$WORK" || exit 1
export TZ=UTC SLURM_BITSTR_LEN=0
SINCE=$(date +%Y-%m-%dT%H:%M:%S)

quiet() { "$@" >/dev/null 2>&1; }
for team in team-a team-b team-c; do
  quiet sacctmgr -i add account $team
  for user in root daemon nobody; do quiet sacctmgr -i add user $user Account=$team; done
done
quiet sacctmgr -i add qos high Priority=1000 Preempt=normal PreemptMode=requeue
for user in root daemon nobody; do quiet sacctmgr -i modify user $user set qos+=high; done

printf '#!/bin/bash\nsleep ${1:-1}\nexit ${2:-0}\n' > work.sh
printf '#!/bin/bash\nsrun -n1 true\nsrun -n1 sleep ${1:-1}\n' > steps.sh
chmod 755 ./*.sh
JOB="sbatch --parsable -D /tmp -o /dev/null --mem=1000 -n1"
job() { $JOB "$@" | cut -d';' -f1; }
state() { squeue -h -t all -j "$1" -o %T 2>/dev/null | head -1; }
until_state() {
  for _ in $(seq "${3:-300}"); do
    now=$(state "$1"); [ "$now" = "$2" ] && return 0
    case $now in COMPLETED|FAILED|CANCELLED) break;; esac
    sleep 0.1
  done
  echo "  job $1 is $now, not $2" >&2
}

js1() { until_state "$1" RUNNING; scontrol update JobId="$1" AdminComment="$2"; }
slurmd_of() { cat "$(scontrol show config | sed -n "s/^SlurmdPidFile *= *//p" | sed "s/%n/$1/")"; }

echo "1 what takes long: a timeout (the least limit is a minute), a deadline that cannot be met"
timeout_job=$(job -A team-c -t 1 -w h100-1 --gres=gpu:h100:1 work.sh 300); until_state "$timeout_job" RUNNING
deadline_job=$(job -A team-c -t 1 --deadline=now+63 -w h100-1 --gres=gpu:h100:8 work.sh 1)
blocker=$(job -A team-c -H work.sh 1)

echo "2 a running job is preempted by a higher QOS, another is requeued by its operator, a third loses its node"
preempted=$(job -A team-a --uid=daemon -w h20-3 --gres=gpu:h20:8 work.sh 20); until_state "$preempted" RUNNING
preemptor=$(job -A team-b -q high -w h20-3 --gres=gpu:h20:8 work.sh 2)
requeued=$(job -A team-b --uid=nobody -w h20-2 --gres=gpu:h20:4 work.sh 4); until_state "$requeued" RUNNING; sleep 2; scontrol requeue "$requeued"
requeued_held=$(job -A team-a -w h20-2 --gres=gpu:h20:1 work.sh 6); until_state "$requeued_held" RUNNING; sleep 1; scontrol requeuehold "$requeued_held"
lost=$(job -A team-c -w asc-2 --gres=gpu:4 work.sh 6); lost_for_good=$(job -A team-c --no-requeue -w asc-2 --gres=gpu:2 work.sh 9)
until_state "$lost" RUNNING; until_state "$lost_for_good" RUNNING; sleep 1
silent=$(slurmd_of asc-2); kill -STOP "$silent"   # or it would register again at once and be up
scontrol update NodeName=asc-2 State=DOWN Reason="board 3 | no answer"
until_state "$preemptor" COMPLETED
for again in "$preempted" "$requeued" "$lost"; do scontrol update JobId="$again" StartTime=now; done

echo "3 nodes: one drained while it works, then resumed; one down, then resumed"
draining=$(job -A team-a -w a100-2 --gres=gpu:a100:2 work.sh 5); until_state "$draining" RUNNING
scontrol update NodeName=a100-2 State=DRAIN Reason="ecc errors"
sleep 4; kill -CONT "$silent"; quiet scontrol update NodeName=asc-2 State=RESUME; scontrol update JobId="$lost" StartTime=now
until_state "$draining" COMPLETED; sleep 3; scontrol update NodeName=a100-2 State=RESUME

echo "4 every sort of demand"
whole=$(job -A team-a -p nv --gres=gpu:h20:8 work.sh 8)
js1 "$whole" "$(python3 "$HERE/js1.py" h20-1 87.5 90 0 72.5 88 91 86 85)"
whole_again=$(job -A team-a -p nv --gres=gpu:h20:1 work.sh 1)
blind=$(job -A team-b -p nv --uid=daemon --gres=gpu:3 work.sh 8)
js1 "$blind" "$(python3 "$HERE/js1.py" h100-1 0 0 0)"
npu=$(job -A team-c -p asc --gres=npu:ascend910b:2 work.sh 8)
js1 "$npu" "JS1:H4sIAAAAAAAC/6tWyk"
npu_blind=$(job -A team-c -p asc --gres=npu:1 work.sh 2)
shard=$(job -A team-b --gres=shard:2 work.sh 8)
js1 "$shard" "$(python3 "$HERE/js1.py" a100-1 40)"
shard_one=$(job -A team-b -w a100-1 --gres=shard:1 work.sh 2)
gang=$(job -A team-a -N 2 -n 2 --gres=gpu:h20:8 work.sh 3)
gang_mixed=$(job -A team-a -N 2 -n 2 -w h20-1,h100-1 --gres=gpu:4 work.sh 2)
gang_three=$(job -A team-b -N 3 -n 6 --gres=gpu:h20:2 work.sh 6)
js1 "$gang_three" "free text | of an administrator"
uneven=$(job -A team-b -N 2 -n 2 -p nv --gpus=5 work.sh 2)
per_task=$(job -A team-b -N 1 -n 3 --gpus-per-task=1 work.sh 1)
job -A team-b -N 2 -n 2 --gpus=h20:2,h100:2 work.sh 1 2>/dev/null   # refused, and yet in the history
exclusive=$(job -A team-c --exclusive -w h20-1 work.sh 2)
cpu_only=$(job -A team-c -c 4 --mem=3000 work.sh 8)
js1 "$cpu_only" "JS1:None"
with_steps=$(job -A team-a --gres=gpu:2 steps.sh 1)
array=$(job -A team-a --array=0-5%3 --gres=gpu:1 work.sh 1)
het=$($JOB -A team-b --gres=gpu:h20:1 : -n1 --mem=500 --gres=gpu:a100:2 work.sh 2)
later=$(job -A team-a --begin=now+8 --gres=gpu:1 work.sh 1)
after=$(job -A team-a -d afterany:"$whole" --gres=gpu:1 work.sh 1)
failing=$(job -A team-c --gres=gpu:2 work.sh 8 1)
js1 "$failing" "JS1:Short"
missing=$(job -A team-c --gres=gpu:1 --wrap 'no-such-command')
several=$(job -A team-c -p nv,asc --gres=gpu:1 work.sh 1)
named=$(job -A team-a -J 'a|b' --comment='lr=0.1|wd=0' --gres=gpu:1 work.sh 1)
broken_name=$(job -A team-a -J "$(printf 'two\nlines')" --comment "$(printf 'one\ntwo')" --gres=gpu:1 work.sh 1)
chinese=$(job -A team-a -J '训练' --comment='大模型' --gres=gpu:1 work.sh 1)
cancelled_running=$(job -A team-c --gres=gpu:2 work.sh 60); until_state "$cancelled_running" RUNNING; scancel "$cancelled_running"
cancelled_pending=$(job -A team-c -d afterok:"$blocker" --gres=gpu:1 work.sh 1); scancel "$cancelled_pending"
cancelled_ready=$(job -A team-c -w h20-1 --gres=gpu:h20:8 -N1 work.sh 1); scancel "$cancelled_ready"
cancelled_array=$(job -A team-c --array=1-40:3 -d afterok:"$blocker" --gres=gpu:1 work.sh 1); scancel "$cancelled_array"
held=$(job -A team-c -H --gres=gpu:4 work.sh 1); sleep 1; scancel "$held"
resized=$(job -A team-b -N 2 -n 2 -w h20-1,h20-2 --gres=gpu:h20:1 work.sh 6); until_state "$resized" RUNNING; sleep 1; scontrol update JobId="$resized" NumNodes=1
suspended=$(job -A team-b --gres=gpu:1 work.sh 3); until_state "$suspended" RUNNING; scontrol suspend "$suspended"; sleep 1; scontrol resume "$suspended"

echo "5 $PLAIN plain jobs"
asks=(gpu:1 gpu:h20:1 gpu:h20:2 gpu:a100:1 gpu:2 gpu:h100:1 gpu:4 shard:1 shard:3 gpu:ascend910b:2 npu:1 gpu:a100:4)
teams=(team-a team-a team-b team-c); users=(root daemon nobody)
for i in $(seq "$PLAIN"); do
  quiet job -A "${teams[$((i % 4))]}" --uid="${users[$((i % 3))]}" --gres="${asks[$((i % 12))]}" -t $((i % 50 + 5)) work.sh 0.$((5 + i % 5)) $((i % 29 == 0))
done
for _ in $(seq 1200); do [ "$(squeue -h -t R,CF,CG -o %i | grep -vc "^$timeout_job$")" -eq 0 ] && [ "$(squeue -h -t PD -o %r | grep -cE 'Resources|Priority|None')" -eq 0 ] && break; sleep 0.2; done
until_state "$requeued" COMPLETED; until_state "$preempted" COMPLETED 400; until_state "$lost" COMPLETED 400

echo "6 what is still going on when the log is taken: the timeout is waited for, then one runs and some wait"
quiet sacctmgr -i modify job where jobid="$whole_again" set AdminComment="$(python3 "$HERE/js1.py" h20-1 50)"   # spoilt: it writes in lower case
until_state "$timeout_job" TIMEOUT 1500; until_state "$deadline_job" DEADLINE 300
scancel "$blocker"
running=$(job -A team-a --gres=gpu:h20:2 work.sh 600); until_state "$running" RUNNING
still_drained=asc-1; scontrol update NodeName=$still_drained State=DRAIN Reason="cooling, ticket 12"
long_array=$(job -A team-c -w h20-3 --gres=gpu:h20:8 --array=1,3,4,7,9,12,15,19,24,27,33,38,44,47,53,58,61,66,70,79,83,88,94,99,103,107 work.sh 600); until_state "${long_array}_1" RUNNING
pending=$(job -A team-b -w h20-3 --gres=gpu:h20:8 -t 1-02:03:04 work.sh 1)
pending_array=$(job -A team-b --array=5-9%2 -w h20-3 --gres=gpu:8 -t UNLIMITED work.sh 1)
waits_for_another=$(job -A team-b -d afterok:"$running" --gres=gpu:h20:4 work.sh 1)
stopped=$(job -A team-b --gres=gpu:1 work.sh 600); until_state "$stopped" RUNNING; scontrol suspend "$stopped"
settled() { sdiag | grep -qE 'DBD Agent queue size: *0$' && [ "$(sacct -n -X -P -j "$pending,$stopped" -o ReqTRES | grep -c node=)" -eq 2 ]; }
for _ in $(seq 300); do sleep 1; settled && sleep 2 && settled && break; done   # the last records reach slurmdbd late, and in parts

echo "7 taken down in $OUT"
. "$HERE/capture.sh"
for name in timeout_job deadline_job preempted preemptor requeued requeued_held lost lost_for_good draining whole whole_again blind npu npu_blind shard shard_one \
  gang gang_mixed gang_three uneven per_task exclusive cpu_only with_steps array het later after failing missing several named broken_name chinese \
  cancelled_running cancelled_pending cancelled_ready cancelled_array held resized suspended running pending pending_array long_array waits_for_another stopped; do
  echo "$name = \"${!name}\""
done > "$OUT/jobs.toml"
scancel "$running" "$stopped" "$pending" "$pending_array" "$long_array" "$waits_for_another" "$requeued_held"; scontrol update NodeName=$still_drained State=RESUME
rm -rf "$WORK"
