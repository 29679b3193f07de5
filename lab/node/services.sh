#!/bin/sh
# What a node runs: the part of an operator's server that is there before Kubernetes comes. Each service is started again
# a second after it ends, as systemd would, unless /run/lab/stopped/NAME exists.
set -u
. /etc/lab-node.env
mkdir -p /var/log/lab /run/sshd /run/lab/stopped

waited=0
until ip link show eth0 >/dev/null 2>&1; do
  waited=$((waited + 1))
  [ "$waited" -lt 500 ] || exit 1
  sleep 0.02
done
ip link set lo up
ip addr add "$NODE_ADDRESS/$NODE_PREFIX" dev eth0
ip link set eth0 up
ip route add default via "$NODE_GATEWAY"
echo 1 >/proc/sys/net/ipv4/ip_forward
for setting in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >"$setting"; done

keep() {
  name=$1
  shift
  while :; do
    if [ -e "/run/lab/stopped/$name" ]; then
      sleep 0.2
      continue
    fi
    "$@" >>"/var/log/lab/$name.log" 2>&1 &
    echo $! >"/run/lab/$name.pid"
    wait $!
    sleep 1
  done
}

[ -f /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -C "$(hostname)" -f /etc/ssh/ssh_host_ed25519_key
keep sshd /usr/sbin/sshd -D -e &
keep containerd /usr/bin/containerd &
until [ -S /run/containerd/containerd.sock ]; do sleep 0.05; done
keep dockerd /usr/sbin/dockerd --containerd=/run/containerd/containerd.sock &
wait
