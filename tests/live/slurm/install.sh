#!/bin/sh
# What tests/live/slurm needs, from Debian's packages. Elsewhere, or without root, it says so, and the tests are skipped.
set -eu
command -v slurmctld >/dev/null && command -v slurmd >/dev/null && command -v slurmdbd >/dev/null \
  && command -v munged >/dev/null && command -v mariadbd >/dev/null && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "test-slurm: skipped where Slurm is not installed; installing it takes root and apt"
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# The packages would start daemons of their own with the machine's default ports and keys: ours must be the only ones.
policy=/usr/sbin/policy-rc.d
[ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' > $policy; chmod 755 $policy; trap 'rm -f $policy' EXIT; }
apt-get -q update
apt-get -q install -y --no-install-recommends slurmctld slurmd slurmdbd slurm-client slurm-wlm-basic-plugins \
  slurm-wlm-mysql-plugin munge mariadb-server util-linux
