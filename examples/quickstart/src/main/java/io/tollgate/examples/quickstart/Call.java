package io.tollgate.examples.quickstart;

/**
 * One call of the donations API.
 *
 * @param method the HTTP method
 * @param path the path
 * @param form the body, a form; empty for none
 * @param units what it costs on the meter {@code calls}: the proxy's routes say the same
 * @param feature the meter the agent counts when the call is served; empty for none
 */
record Call(String method, String path, String form, int units, String feature) {
  static final Call READ = new Call("GET", "/causes", "", 1, "");
  static final Call DONATE =
      new Call("POST", "/donations", "cause=goshala&donor=Asha&amount=501", 1, "sms");
  static final Call RECEIPT = new Call("GET", "/donations/1/receipt", "", 1, "pdf-receipts");
  static final Call EVENT = new Call("POST", "/events", "title=Gopashtami", 1, "");
  static final Call GAUCOINS = new Call("GET", "/gaucoins", "", 1, "");
  static final Call REPORT = new Call("GET", "/analytics/donors", "", 5, "");
}
