package io.tollgate.controlplane.time;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A clock that stands until it is moved.
 *
 * @param now where it stands
 * @param advancingTo where it is being moved to right now; null while it rests
 */
public record TestClock(String id, String name, Instant now, @Nullable Instant advancingTo) {}
