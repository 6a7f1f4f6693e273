package io.tollgate.controlplane.payment;

/**
 * A provider's word, its signature verified, that a collection changed.
 *
 * @param provider whose word
 * @param event the event's id, the same each time it is sent
 * @param tenant whose invoice
 * @param invoice our invoice's id
 * @param reference the provider's name for the collection
 */
public record ProviderNotice(
    String provider, String event, String tenant, String invoice, String reference) {}
