#!/bin/sh
# The command `pyregistry` with the settings and as the user of the service, for root:
# /usr/local/sbin/pyregistry.
set -eu
set -a
. /etc/pyregistry/environment
set +a
cd /var/lib/pyregistry
exec runuser -u pyregistry -- \
    /opt/pyregistry/current/bin/pyregistry --config /etc/pyregistry/production.ini "$@"
