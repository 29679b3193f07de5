#!/bin/sh
# Becomes PID 1 of a node: called inside fresh network, mount, UTS, PID, IPC and cgroup namespaces.
#   init.sh NODE_DIRECTORY LOWER_ROOT
# NODE_DIRECTORY has upper/ and work/ (the root's changes), disk/ (everything under /var/lib), and files/, copied over the
# root at each boot. The host adds eth0 while this runs.
set -eu
node=$1
lower=$2
root=$node/root

mount --make-rprivate /
hostname "$(cat "$node/files/etc/hostname")"
mkdir -p "$root" "$node/upper" "$node/work" "$node/disk"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$node/upper,workdir=$node/work" "$root"
mkdir -p "$node/disk/docker" "$node/disk/containerd" "$node/disk/kubelet" "$node/disk/cni"
mount --bind "$node/disk" "$root/var/lib"
cp -a "$node/files/." "$root/"

mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=0755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"

if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  # A group with processes of its own may not pass controllers on. The one that started us, from outside our PID
  # namespace and so shown as 0, is moved out by the host; everything else moves into a leaf.
  waited=0
  while grep -qx 0 "$root/sys/fs/cgroup/cgroup.procs" && [ "$waited" -lt 250 ]; do
    waited=$((waited + 1))
    sleep 0.02
  done
  mkdir -p "$root/sys/fs/cgroup/init"
  for pid in $(cat "$root/sys/fs/cgroup/cgroup.procs"); do
    echo "$pid" >"$root/sys/fs/cgroup/init/cgroup.procs" 2>/dev/null || :
  done
  for controller in $(cat "$root/sys/fs/cgroup/cgroup.controllers"); do
    echo "+$controller" >"$root/sys/fs/cgroup/cgroup.subtree_control" 2>/dev/null || :
  done
else
  mount -t tmpfs -o mode=0755 cgroup "$root/sys/fs/cgroup"
  while IFS=: read -r _ controllers _; do
    [ -n "$controllers" ] || continue
    directory=$root/sys/fs/cgroup/${controllers#name=}
    mkdir -p "$directory"
    case $controllers in
      name=*) mount -t cgroup -o "none,$controllers" cgroup "$directory" ;;
      *) mount -t cgroup -o "$controllers" cgroup "$directory" ;;
    esac
  done </proc/self/cgroup
fi

mkdir -p "$root/run/lab"
cp "$(dirname "$0")/services.sh" "$root/run/lab/services.sh"
mkdir -p "$root/.old"
cd "$root"
pivot_root . .old
umount -l /.old
mount --make-rshared /
exec /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
  /usr/bin/tini -- /bin/sh /run/lab/services.sh
