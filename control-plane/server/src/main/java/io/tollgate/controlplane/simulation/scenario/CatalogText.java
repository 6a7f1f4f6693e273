package io.tollgate.controlplane.simulation.scenario;

/**
 * A catalog's YAML.
 *
 * @param file what to call it in messages
 */
record CatalogText(String file, String text) {}
