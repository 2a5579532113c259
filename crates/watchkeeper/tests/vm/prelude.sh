# Functions for steps.

# agent ARGUMENT...: starts the agent, and waits until it records; its output goes to `alerts` and
# `said`, its process id to $agent.
agent() {
    watchkeeper run "$@" >alerts 2>said &
    agent=$!
    wait_for 'recording this host' said
}

# wait_for TEXT FILE: until the file has the text, for a minute at most.
wait_for() {
    tries=600
    until grep -q "$1" "$2" || [ $tries = 0 ]; do
        sleep 0.1
        tries=$((tries - 1))
    done
}

# end SIGNAL: sends it to the agent and waits; its exit code goes to `code`.
end() {
    kill -s "$1" $agent
    wait $agent
    echo "code $?" >code
}

# caught_up: until the agent has next to nothing to do for a second, for two minutes at most.
caught_up() {
    tries=120
    used=0
    until [ $tries = 0 ]; do
        sleep 1
        before=$used
        used=$(cut -d' ' -f14 /proc/$agent/stat)
        [ $((used - before)) -gt 10 ] || break
        tries=$((tries - 1))
    done
}
