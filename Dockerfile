# One image for every role. The base is pinned by the digest of its index, so that a build takes the same bytes each time.
FROM node:24.18.0-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24.18.0-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d
ENV NODE_ENV=production
WORKDIR /app
# Nothing is installed in this stage: npm would only be there for whoever breaks in.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn-* /usr/local/bin/yarn*
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY bin ./bin
COPY domain ./domain
COPY collector ./collector
COPY analyzer ./analyzer
COPY alerter ./alerter
COPY demo ./demo
COPY io ./io
COPY cli ./cli
# The user "node" of the base, by number: Kubernetes can only tell from a number that it is not root.
USER 1000:1000
ENTRYPOINT ["node", "/app/bin/meshwatch.js"]
CMD ["--help"]
