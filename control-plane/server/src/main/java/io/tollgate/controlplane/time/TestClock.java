package io.tollgate.controlplane.time;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A clock that stands until it is moved.
 *
 * @param now where it stands
 * @param advancingTo where it is being moved to; null while it rests
 * @param movedAt when its last move took its last step, by the wall clock; null before the first.
 *     Where it is long past on the way, the program that moved it ended: the same command goes on
 * @param done how many entries of the agenda its present or last move has done
 * @param problem why its move stopped on the way; null while nothing is wrong. The same command
 *     goes on from there
 */
public record TestClock(
    String id,
    String name,
    Instant now,
    @Nullable Instant advancingTo,
    @Nullable Instant movedAt,
    long done,
    @Nullable String problem) {}
