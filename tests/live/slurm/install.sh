#!/bin/sh
# What tests/live/slurm needs, from Debian's packages. Where they cannot be run it says why, and ends with 3.
set -eu
skip() { echo "test-slurm: skipped: $1"; exit 3; }
[ "$(id -u)" = 0 ] || skip "a Slurm of one's own needs root (devices, jobs of several users)"
command -v slurmctld >/dev/null && command -v slurmd >/dev/null && command -v slurmdbd >/dev/null \
  && command -v munged >/dev/null && command -v mariadbd >/dev/null && exit 0
command -v apt-get >/dev/null || skip "Slurm is not installed, and there is no apt-get to install it with"
export DEBIAN_FRONTEND=noninteractive
# The packages would start daemons of their own with the machine's default ports and keys: ours must be the only ones.
policy=/usr/sbin/policy-rc.d
[ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' > $policy; chmod 755 $policy; trap 'rm -f $policy' EXIT; }
apt-get -q update
apt-get -q install -y --no-install-recommends slurmctld slurmd slurmdbd slurm-client slurm-wlm-basic-plugins \
  slurm-wlm-mysql-plugin munge mariadb-server util-linux || skip "apt-get could not install Slurm"
