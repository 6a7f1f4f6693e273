package io.tollgate.controlplane.web;

/**
 * How the server listens.
 *
 * @param host the address to bind
 * @param port 1 to 65535, or 0 for any free one
 * @param bodyLimit the largest request body, in bytes
 */
public record WebSettings(String host, int port, long bodyLimit) {}
