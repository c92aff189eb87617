#!/bin/sh
# The first process of a machine inside this one: a throw-away copy of the disk, then systemd.
# Started by tests/deploy/machine.py in mount, process, network and cgroup namespaces of its own.
set -eu
place=$1 source=$2
root=$place/disk
mount --make-rprivate /
mount -t tmpfs tmpfs "$place/changes"
mkdir "$place/changes/made" "$place/changes/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/changes/made,workdir=$place/changes/work" "$root"
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys" # the kernel is everybody's
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for name in run dev; do mount -t tmpfs -o mode=755 tmpfs "$root/$name"; done
mkdir -p "$root$source"
mount --bind -o ro "$source" "$root$source"
for name in null zero full random urandom tty; do
    touch "$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t tmpfs tmpfs "$root/dev/shm"
touch "$root/dev/console"
mount --bind "$place/console.log" "$root/dev/console"
units=$root/etc/systemd/system # what has to do with the hardware is somebody else's
for name in systemd-sysctl.service systemd-modules-load.service systemd-remount-fs.service \
    sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount \
    dev-hugepages.mount dev-mqueue.mount tmp.mount systemd-udevd.service systemd-udev-trigger.service \
    systemd-logind.service systemd-resolved.service systemd-networkd.service systemd-timesyncd.service; do
    ln -sf /dev/null "$units/$name"
done
mkdir -p "$root/etc/tmpfiles.d" && ln -sf /dev/null "$root/etc/tmpfiles.d/tmp.conf" # it would empty /tmp
mkdir -p "$root/var/log/journal" && rm -rf "$root/etc/systemd/system/multi-user.target.wants"
hostname machine
ip link set lo up
cd "$root"
mkdir .host
pivot_root . .host
umount -l .host
export container=test
mount --make-rshared / # services get their credentials by propagation
exec /lib/systemd/systemd --system --unit=basic.target --log-target=journal --show-status=0
