package io.tollgate.proxy.tenant;

/** The call on its way upstream, as far as credentials can be taken out of it. */
public interface Outgoing {
  /** Takes a field out. */
  void removeField(CharSequence name);

  /** Takes a query parameter out, the others staying as they were written. */
  void removeParameter(String name);
}
