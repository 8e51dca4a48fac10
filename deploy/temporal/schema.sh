#!/bin/sh
# Sets up or updates Temporal's two schemas. Safe to run again: a schema that is further stays.
# SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER and SQL_PASSWORD come from the environment.
set -eu

for pair in temporal:temporal temporal_visibility:visibility; do
    database=${pair%%:*}
    versions=/etc/temporal/schema/postgresql/v12/${pair##*:}/versioned
    temporal-sql-tool --db "$database" setup-schema --version 0.0
    temporal-sql-tool --db "$database" update-schema --schema-dir "$versions"
done
