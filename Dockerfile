# The gateway as a container. Compiled code and runtime dependencies come from separate stages, so that neither compiler
# nor tests are in the image.
# docs/container.md says how to pin the base by its digest, and which builders drop HEALTHCHECK.
FROM node:24-slim AS base
WORKDIR /app
# Install scripts are for development: nothing that runs here needs one.
ENV NPM_CONFIG_IGNORE_SCRIPTS=true

FROM base AS build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN node_modules/.bin/tsc -p tsconfig.build.json
COPY web web
RUN node_modules/.bin/vite build --config web/vite.config.ts --logLevel warn

FROM base AS dependencies
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM base
ENV NODE_ENV=production
# Other containers must reach it, by IPv6 and IPv4; without IPv6, it listens on 0.0.0.0. It refuses to start until AUTH or ALLOW_UNAUTHENTICATED states who may call it.
ENV HOST=::
COPY package.json ./
COPY schema schema
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
# Durable operations are kept here. Mount a volume, or they end with the container. 1000 is the user node.
ENV DATA_DIR=/data
RUN node -e "fs.mkdirSync('/data', { mode: 0o700 }); fs.chownSync('/data', 1000, 1000)"
VOLUME /data
USER node
EXPOSE 4000
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s CMD ["node", "--no-use-env-proxy", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 4000}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The process itself, without a shell or npm in front of it, so that the stop signal reaches it.
CMD ["node", "dist/main.js"]
