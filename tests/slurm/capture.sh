# Sourced by jobs.sh with OUT, SINCE and WORK set: the texts that a site hands to Headrace, this machine's own name taken out.
FIELDS=JobID,Cluster,User,Account,Partition,QOS,State,ExitCode,Submit,Eligible,Start,End,Timelimit,NNodes,NodeList,ReqTRES,AllocTRES,AdminComment
STATES=BF,CA,CD,DL,F,NF,OOM,PD,PR,R,RQ,RS,RV,S,TO
sacct -P -D -a -S "$SINCE" -E now -s $STATES -o $FIELDS > "$OUT/sacct.txt"
SLURM_TIME_FORMAT=%s sacct -P -D -a -X -S "$SINCE" -E now -s $STATES -o $FIELDS | head -n 70 > "$OUT/sacct-epoch.txt"
sacct -P -D -a -X -S "$SINCE" -E now -s $STATES -o ALL | sed "s#$WORK#/home/user#g; s#$OUT#/home/user#g" | head -n 70 > "$OUT/sacct-all.txt"
sacct -P -D -a -X -S "$SINCE" -o JobID,State > "$OUT/sacct-without-states.txt"
SLURM_BITSTR_LEN=64 sacct -P -D -a -X -j "$long_array" -o $FIELDS > "$OUT/sacct-cut-array.txt"
sacctmgr -P show event Start="$SINCE" format=NodeName,State,Start,End,Reason > "$OUT/events.txt"
scontrol show node | sed -E "s/NodeHostName=\S+/NodeHostName=node/; s/^( *OS=)Linux .*/\1Linux/" > "$OUT/nodes.txt"
sinfo -N -o "%N %c %m %G %P" > "$OUT/sinfo.txt"
