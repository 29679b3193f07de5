#!/bin/sh
# Creates Temporal's two databases and brings their tables to the version of this image. May be repeated: each command leaves
# alone what is there. Connection and password: SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD.
set -eu

schema=/etc/temporal/schema/postgresql/v12

migrate() {
  temporal-sql-tool --database "$1" create-database
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-dir "$2"
}

migrate temporal "$schema/temporal/versioned"
migrate temporal_visibility "$schema/visibility/versioned"
echo "Temporal's tables are up to date"
