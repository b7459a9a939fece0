# Build: all packages, TypeScript and the page.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY simulator simulator
COPY dashboard dashboard
RUN npm run build && npm prune --omit=dev

# Run: no compiler, no sources, not root.
FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production DATA_DIR=/data
# camlease is MIT; the FFmpeg inside node-av is built with --enable-gpl --enable-version3.
LABEL org.opencontainers.image.title=camlease org.opencontainers.image.licenses="MIT AND GPL-3.0-or-later"
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY mediamtx.yml LICENSE ./
# A new volume takes the owner of the folder that it is laid over.
RUN mkdir -p /data/slates /data/relay /mediamtx && chown node:node /data /data/slates /data/relay /mediamtx
USER node
VOLUME ["/data"]
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT||4000}/health`).then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
# Node is started directly, so that it gets SIGTERM itself.
CMD ["node", "dist/src/main.js"]
