# Programs that storms run are known by their first argument, `storm-NAME`; `made` says how many there
# were of each.

# storm NAME COUNT ARGUMENT...: so many short processes with a program, one after the other.
storm() {
    name=$1 count=$2
    shift 2
    echo "$name $count" >>made
    while [ $count -gt 0 ]; do
        /bin/true storm-$name "$@"
        count=$((count - 1))
    done
}

# bomb PROCESSES SECONDS: processes that make others, as many as they may be in a control group.
bomb() {
    group=/sys/fs/cgroup/bomb
    echo +pids >/sys/fs/cgroup/cgroup.subtree_control
    mkdir $group
    echo "$1" >$group/pids.max
    (
        echo 0 >$group/cgroup.procs
        more() { while :; do more & done; }
        more
    ) 2>/dev/null &
    sleep "$2"
    echo 0 >$group/pids.max
    cat $group/pids.events
    until rmdir $group 2>/dev/null; do
        xargs kill -9 <$group/cgroup.procs 2>/dev/null
        sleep 0.1
    done
}

# alerted MARK: does what a default rule is about until there is an alert that says who did it: an agent
# that comes late may have lost that.
alerted() {
    tries=60
    until grep -q "storm-$1" alerts || [ $tries = 0 ]; do
        cat /etc/shadow "storm-$1" >/dev/null 2>&1
        sleep 1
        tries=$((tries - 1))
    done
}

# names FOLDER: programs and files whose names are as odd and long as can be. Busybox does what its
# first argument says whatever follows `busybox` in its name.
names() (
    odd=$(printf 'busybox\377\300\033[31m\n\302\233"%%s\\|')
    long=$odd$(printf '%*s' $((255 - ${#odd})) '')
    mkdir "$1"
    cd "$1" || exit
    cp /bin/busybox "$long"
    "./$long" cat /etc/shadow storm-odd
    echo "odd 1" >>"$here/made"
    rm "$long"
    for _ in $(seq 20); do
        mkdir "$long"
        cd -P "$long" || exit
    done
    : >file
    cat file
    /bin/true storm-deep
    echo "deep 1" >>"$here/made"
) >/dev/null 2>&1

# recorded FILE: how many programs of each storm a recording has.
recorded() {
    watchkeeper replay "$1" --print '%proc.args' --filter 'evt.type in (execve, execveat)' |
        cut -c -40 | grep -o 'storm-[a-z]*' | sort | uniq -c
}

if [ "$stress" = yes ]; then
    short=10000 some=1000 long=300 stopped=1000 seconds=30
else
    short=200 some=40 long=20 stopped=120 seconds=2
fi
argument=$(head -c 131071 /dev/zero | tr '\0' a)
here=$PWD

# Its incident is open until it is killed.
agent --store store --before 5s --after 60s --output host.scap
storm short $short
bomb 100 $seconds >bombed
storm long $long "$argument" "$argument"
names /tmp/names
alerted so-far
# Not so long that nobody could wait, and more than its buffers hold.
cp /bin/busybox /tmp/busybox-hidden
kill -STOP $agent
storm stopped $stopped "$argument"
# A program that begins when there is no room for its beginning any more, and that goes on.
/tmp/busybox-hidden sh -c 'until [ -e /tmp/seen ]; do sleep 1; : </etc/shadow; done' "$argument" &
sleep 2
kill -CONT $agent
sleep 1
alerted since
wait_for 'command=busybox-hidden' alerts
touch /tmp/seen
# So that all of it is in the recording.
sleep 2
(storm killed $some) &
sleep 0.3
end KILL
wait
recorded host.scap >recorded
watchkeeper timeline host.scap --format json >timeline
watchkeeper store info --store store >info 2>&1

mkdir again
cd again
agent --store ../store --before 5s --after 2s
alerted again
(storm last $some) &
sleep 0.3
end TERM
wait
watchkeeper store info --store ../store >info 2>&1
watchkeeper incident list --store ../store --format json >list
watchkeeper incident verify --store ../store >verified 2>&1
