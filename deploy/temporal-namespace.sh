#!/bin/sh
# Creates the namespace and the search attributes that the workflows set. May be repeated.
set -eu

namespace=cke

retry() {
  attempt=1
  until "$@"; do
    [ "$attempt" -lt 30 ] || { echo "gave up: $*" >&2; exit 1; }
    attempt=$((attempt + 1))
    sleep 2
  done
}

ensure_namespace() {
  temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$namespace" --retention 30d
}

ensure_search_attribute() {
  temporal operator search-attribute list --namespace "$namespace" | grep -qw "$1" ||
    temporal operator search-attribute create --namespace "$namespace" --name "$1" --type Keyword
}

retry ensure_namespace
for name in Cluster Phase Outcome; do
  retry ensure_search_attribute "$name"
done
echo "namespace $namespace is ready"
