#!/bin/sh
# vesemir.sh FLEET VERSION ARTIFACT CONCURRENCY PROOF: the deployment by Vesemir's command line, followed to its end.
# VESEMIR_BIN is the command line; VESEMIR_URL and VESEMIR_TOKEN say where its services are.
exec node "$VESEMIR_BIN" deploy app -e production --version "$2" --concurrency "$4" --set "loadBalancer.proof=$5"
