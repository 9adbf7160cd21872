# Runs as process 1 of the node's namespaces: shapes its view of the machine, then becomes the pause program.
# Arguments: the folder of devcluster, the node's host name, the file to make when done, the pause program.
set -eu
root=$1 name=$2 ready=$3 pause=$4
cd "$root"

# The node sees the machine's files. What kubelet, containerd and CNI write outside of their folders (sockets in /run,
# /var/lib/cni, /var/log/containers, /var/lib/kubelet) goes into memory, and ends with the node.
mount -t tmpfs -o mode=755 run /run
mkdir /run/var /run/var.work
mount -t overlay -o lowerdir=/var,upperdir=/run/var,workdir=/run/var.work var /var
mount -t proc proc /proc

# devcluster's own folder stays the real one, also where it lies under /run or /var.
mkdir -p "$root"
mount --no-canonicalize --bind . "$root"

mount --make-rshared /
hostname "$name"
ip link set lo up
cd /
: > "$ready"
exec "$pause"
