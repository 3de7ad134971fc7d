# syntax=docker/dockerfile:1
# Builds the one binary, then ships it alone: no shell, no package manager, not root.

FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin namesake \
    && cp target/release/namesake /namesake

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /namesake /usr/local/bin/namesake
USER nonroot:nonroot
EXPOSE 50051
# Asks the server inside this container over gRPC health; see `namesake health --help`.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 CMD ["/usr/local/bin/namesake", "health"]
ENTRYPOINT ["/usr/local/bin/namesake"]
# The server binds loopback unless told otherwise. To reach it from outside the container, where only trusted
# callers can: docker run … serve --listen 0.0.0.0:50051 --accounts /data/accounts.csv
CMD ["serve"]
