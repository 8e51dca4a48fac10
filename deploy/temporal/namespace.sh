#!/bin/sh
# Creates the namespace of the ledger and returns once Temporal serves it. Safe to run again.
# TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and RETENTION come from the environment.
set -eu

# Says why the last try failed when the tries are used up.
attempt() {
    tries=30
    until message=$("$@" 2>&1); do
        tries=$((tries - 1))
        if [ "$tries" -eq 0 ]; then
            echo "$message" >&2
            exit 1
        fi
        sleep 2
    done
}

create_or_find() {
    temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" ||
        temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
}

attempt temporal operator cluster health
attempt create_or_find
# A new namespace reaches the caches of the server some seconds later.
attempt temporal workflow count --namespace "$TEMPORAL_NAMESPACE"
echo "namespace $TEMPORAL_NAMESPACE is served"
