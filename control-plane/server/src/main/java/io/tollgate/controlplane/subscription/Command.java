package io.tollgate.controlplane.subscription;

import java.util.Locale;

/** What can be done to a subscription, or happens to it at an instant. */
public enum Command {
  /** It was bought. */
  START,
  /** Its dated start came. */
  ACTIVATE,
  /** Its trial ended and the first period begins. */
  END_TRIAL,
  /** Its period ended and the next one begins. */
  RENEW,
  /** Its plan, units, cycle or add-ons change, at once or at the period's end. */
  CHANGE,
  /** Its trial's end moves; one that comes now is {@link #END_TRIAL}. */
  TRIAL,
  /** A change that waits is taken back. */
  UNSCHEDULE,
  /** It stops for a while. */
  PAUSE,
  /** It goes on. */
  RESUME,
  /** It ends, at once, at the period's end or at a given instant. */
  CANCEL,
  /** A cancellation that waits is taken back. */
  UNDO_CANCEL,
  /** It begins again after its end. */
  REACTIVATE,
  /** It moves to another version of its catalog. */
  MIGRATE,
  /** Dunning ended it for good. */
  TERMINATE;

  /** Whether somebody gives it; others follow from time or non-payment. */
  boolean isGiven() {
    return switch (this) {
      case CHANGE, TRIAL, UNSCHEDULE, PAUSE, RESUME, CANCEL, UNDO_CANCEL, REACTIVATE, MIGRATE ->
          true;
      case START, ACTIVATE, END_TRIAL, RENEW, TERMINATE -> false;
    };
  }

  /** As the API writes it, such as {@code undo-cancel}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
