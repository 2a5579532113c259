# Runs in the guest: containers of every engine on the image, while the agent, outside of the image,
# records the host. What is left is in /out.

mount -t ext4 /dev/disk/image /mnt || exit 1
for folder in /dev /sys; do mount --rbind $folder /mnt$folder; done
mount -t proc proc /mnt/proc
mount -t tmpfs run /mnt/run
mount -t tmpfs tmp /mnt/tmp
mkdir -p /mnt/bin /mnt/var/tmp /mnt/etc/containerd
cp /bin/busybox /mnt/bin/
chroot /mnt /bin/busybox --install -s /bin
touch /mnt/etc/hosts /mnt/etc/resolv.conf
in_image() { chroot /mnt "$@"; }
podman() {
    in_image podman --cgroup-manager=cgroupfs --storage-driver=vfs --events-backend=file \
        --runtime=crun "$@"
}

# The file system of all containers, and an image of it.
box=/mnt/box
mkdir -p $box/bin $box/etc $box/proc $box/sys $box/dev $box/tmp
cp /bin/busybox $box/bin/
for name in sh cat sleep; do ln -s busybox $box/bin/$name; done
echo root:x:0:0:root:/:/bin/sh >$box/etc/passwd
tar -C $box -cf /mnt/tmp/box.tar .

# wait_for TEXT FILE: until the file has the text; says so if that takes too long.
wait_for() {
    tries=600
    until grep -q -- "$1" "$2"; do
        tries=$((tries - 1))
        [ $tries != 0 ] || { echo "no '$1' in $2"; return 1; }
        sleep 0.1
    done
}

# await SOCKET: until it is there.
await() {
    tries=600
    until [ -S "$1" ] || [ $tries = 0 ]; do
        tries=$((tries - 1))
        sleep 0.1
    done
}

cd /out
cat >config.yaml <<'END'
containers:
  host_root: /mnt
END
cat >rules.yaml <<'END'
- rule: Begun
  desc: The program of a container begins.
  condition: evt.type in (execve, execveat) and container.id != host and proc.name in (sh, cat)
  output: begun in %container.id|%container.name|%container.image|%k8s.pod.name|
  priority: NOTICE
- rule: Read
  desc: A container reads its accounts.
  condition: evt.type in (open, openat) and container.id != host and fd.name = /etc/passwd
  output: >
    read in %container.id|%container.name|%container.type|%container.image.repository:%container.image.tag|%container.privileged|%container.label.team|%container.mount.source[/data]|%k8s.ns.name/%k8s.pod.name/%k8s.pod.uid|%k8s.pod.label.app|%thread.cgroups
  priority: NOTICE
END

# What runs already when the agent begins; the file system alone tells of it.
podman import --change 'CMD ["/bin/sleep","100000"]' /tmp/box.tar localhost/box:1 || exit 1
work=$(cat /vm/work.sh)
podman run -d --name early --network=host localhost/box:1 /bin/sh -c "$work" >early || exit 1

watchkeeper run --config config.yaml --rules rules.yaml --rule-matching all --no-container-fields \
    --engines podman,docker,cri,containerd --store store --before 5s --after 5s \
    --output host.scap >alerts 2>said &
agent=$!
wait_for 'recording this host' said || { cat said; exit 1; }
wait_for '|early|podman|' alerts

# A group in which nothing is switched on, as of a container of a user without delegation.
bare=$(printf '%064d' 0 | tr 0 b)
mkdir -p /sys/fs/cgroup/bare.slice/libpod-$bare.scope
sh -c "echo \$\$ >/sys/fs/cgroup/bare.slice/libpod-$bare.scope/cgroup.procs; exec sh -c 'cat /etc/passwd'"
wait_for 'bbbbbbbbbbbb|' alerts

# Runtimes without an engine: an id is all there is.
mkdir -p /mnt/bundle
for runtime in crun runc; do
    (cd /mnt/bundle; rm -f config.json; in_image sh -c "cd /bundle && $runtime spec")
    sed -i 's/"terminal": true/"terminal": false/; s#"sh"#"sh", "-c", "cat /etc/passwd"#
        s#"path": "rootfs"#"path": "/box"#' /mnt/bundle/config.json
    digit=$(echo $runtime | sed 's/crun/c/; s/runc/d/')
    id=$(printf '%064d' 0 | tr 0 $digit)
    in_image sh -c "cd /bundle && $runtime run $id" || exit 1
    wait_for "$(echo $id | cut -c 1-12)|" alerts
done

# Podman without a daemon, then with its service.
podman run -d --name web --network=host localhost/box:1 /bin/sh -c "$work" >web || exit 1
wait_for '|web|podman|' alerts
podman rm -f -t 0 web early
podman system service -t 0 >service 2>&1 &
await /mnt/run/podman/podman.sock
podman run -d --name served --privileged --network=host -v /tmp:/data:ro -l team=shop localhost/box:1 \
    /bin/sh -c "$work" || exit 1
wait_for '|served|podman|' alerts
podman rm -f -t 0 served

# containerd on its own, and as Kubernetes has it.
cat >/mnt/etc/containerd/config.toml <<'END'
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/box:1"
END
in_image containerd >containerd.log 2>&1 &
await /mnt/run/containerd/containerd.sock
podman save --format oci-archive -o /tmp/box.oci localhost/box:1
in_image ctr image import /tmp/box.oci
in_image ctr -n k8s.io image import /tmp/box.oci
in_image ctr run -d localhost/box:1 plain /bin/sh -c "$work" || exit 1
wait_for 'plain|plain|containerd|' alerts
CRI_SOCKET=/mnt/run/containerd/containerd.sock cri --ignored --exact --nocapture cri::a_pod_runs >pod || { cat pod; exit 1; }
wait_for '|till|containerd|' alerts

kill -TERM $agent
wait $agent
echo "code $?" >code
watchkeeper replay host.scap --rules rules.yaml --rule-matching all --no-container-fields >replayed 2>/dev/null
for incident in $(watchkeeper incident list --store store --format json | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p'); do
    watchkeeper incident show $incident --store store --all
done >shown
umount -l /mnt
