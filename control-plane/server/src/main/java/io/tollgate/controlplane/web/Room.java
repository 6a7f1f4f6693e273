package io.tollgate.controlplane.web;

/** A part of the program that people can call. */
@FunctionalInterface
public interface Room {
  /** Declares the room's routes. Called once, before the server starts. */
  void mount(Routes routes);
}
