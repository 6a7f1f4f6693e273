package io.tollgate.proxy.forward;

import io.tollgate.proxy.upstream.UpstreamFailure;
import io.vertx.core.MultiMap;
import org.jspecify.annotations.Nullable;

/** Who is told how a call went. Always on the call's event loop. */
public interface ForwardListener {
  /**
   * The upstream's answer is about to go to the caller: the last moment to add fields to it.
   *
   * @param status the answer's status
   * @param fields the caller's response fields, changeable
   */
  void onAnswer(int status, MultiMap fields);

  /**
   * The proxy answers itself, since the upstream did not.
   *
   * @param failure why
   * @param fields the caller's response fields, changeable
   */
  void onNoAnswer(UpstreamFailure failure, MultiMap fields);

  /**
   * The call is over, in whatever way. Called exactly once, last.
   *
   * @param end how
   * @param failure what went wrong upstream; null where nothing did
   */
  void onOver(End end, @Nullable UpstreamFailure failure);

  /** How a call ended. */
  enum End {
    /** The answer went out whole. */
    ANSWERED,
    /** The upstream began to answer and failed; the caller's answer is cut off. */
    CUT_OFF,
    /** The upstream did not answer; the proxy did. */
    FAILED,
    /** The caller went away. */
    ABORTED,
    /** The request's body turned out not to be HTTP. */
    MALFORMED,
    /** A limit was spent while it ran, and the route says that it then ends. */
    SPENT,
    /** The connection left HTTP, and both sides are done with it. */
    TUNNELLED
  }
}
