#!/bin/sh
# Creates Temporal's two databases and brings their tables to the version of this image. May be repeated.
set -eu

schema=/etc/temporal/schema/postgresql/v12

sql() {
  database=$1
  shift
  temporal-sql-tool --plugin "$SQL_PLUGIN" --endpoint "$SQL_HOST" --port "$SQL_PORT" --user "$SQL_USER" --db "$database" "$@"
}

migrate() {
  database=$1
  versions=$2
  # It exists from the second time on; whether it can be used shows below.
  sql "$database" create || true
  if report=$(sql "$database" update-schema --schema-dir "$versions" 2>&1); then return; fi
  # Only a database without a version table is new: giving an old one version 0.0 would run all its migrations again.
  case $report in
    *schema_version*) ;;
    *) echo "$report" >&2; exit 1 ;;
  esac
  sql "$database" setup-schema --version 0.0
  sql "$database" update-schema --schema-dir "$versions"
}

migrate temporal "$schema/temporal/versioned"
migrate temporal_visibility "$schema/visibility/versioned"
echo "Temporal's tables are up to date"
