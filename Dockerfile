# The worker and cke-client in one image: Debian slim, not root, nothing to write to but /tmp and its credentials.

FROM node:24-bookworm-slim AS build
WORKDIR /opt/cke
COPY package.json package-lock.json ./
# Install scripts only build optional speed-ups (ssh2 has JavaScript of its own for all of it).
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force
# Temporal's package carries its engine for five platforms; one is used.
RUN keep="$(node -p "({ x64: 'x86_64', arm64: 'aarch64' })[process.arch]")-unknown-linux-gnu" \
    && test -d "node_modules/@temporalio/core-bridge/releases/$keep" \
    && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$keep" -exec rm -r {} +
COPY cluster cluster
COPY workflows workflows
COPY activities activities
COPY worker worker
COPY client client
RUN node worker/build-bundle.ts workflow-bundle.js

FROM node:24-bookworm-slim
# openssl makes the manager's own certificates (deploy/prepare.sh).
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates openssl \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/cke /opt/cke
RUN printf '#!/bin/sh\nexec node /opt/cke/client/main.ts "$@"\n' > /usr/local/bin/cke-client \
    && chmod 0755 /usr/local/bin/cke-client
ENV NODE_ENV=production \
    CKE_CONFIG=/etc/cke/cke.yaml \
    CKE_WORKFLOW_BUNDLE=/opt/cke/workflow-bundle.js
WORKDIR /opt/cke
USER 10001:10001
EXPOSE 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:9464/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "worker/main.ts"]
