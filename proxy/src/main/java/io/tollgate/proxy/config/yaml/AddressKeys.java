package io.tollgate.proxy.config.yaml;

import io.netty.util.NetUtil;
import io.tollgate.proxy.config.Endpoint;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values that say where something is: hosts, and hosts with ports. */
final class AddressKeys {
  private static final Pattern ADDRESS = Pattern.compile("(.*):([0-9]{1,5})");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*\\.?");
  private static final Pattern NUMBER_LAST = Pattern.compile("(.*\\.)?[0-9]+\\.?");
  private static final int HIGHEST_PORT = 65_535;

  private AddressKeys() {}

  /** Where a port is opened. */
  static Endpoint endpoint(YamlMap map, Endpoint defaults) {
    return new Endpoint(
        map.find("host").map(AddressKeys::host).orElse(defaults.host()),
        map.find("port").map(YamlValue::port).orElse(defaults.port()));
  }

  /** A host's name or address in its canonical form, IPv6 with or without brackets. */
  static String host(YamlValue value) {
    String text = value.text();
    String host = withoutBrackets(text);
    if (!isHost(host)) {
      throw value.mistake("'" + text + "' is no host: a name or an address is expected");
    }
    return canonical(host);
  }

  /** Several {@code host:port}, each of them once. */
  static List<Endpoint> addresses(List<YamlValue> values) {
    List<Endpoint> addresses = new ArrayList<>();
    for (YamlValue value : values) {
      Endpoint address = address(value);
      if (addresses.contains(address)) {
        throw value.mistake("the address " + address + " stands here already; leave one out");
      }
      addresses.add(address);
    }
    return addresses;
  }

  /** {@code host:port}, IPv6 addresses in brackets. */
  private static Endpoint address(YamlValue value) {
    String text = value.text();
    int scheme = text.indexOf("://");
    if (scheme >= 0) {
      String tls = text.startsWith("https:") ? "; TLS is set by the key 'tls'" : "";
      throw value.mistake(
          "host:port is expected, not the URL '"
              + IdentityKeys.withoutUser(text)
              + "': leave out '"
              + text.substring(0, scheme + 3)
              + "' and what follows the port"
              + tls);
    }
    Matcher read = ADDRESS.matcher(text);
    if (!read.matches()) {
      throw value.mistake("host:port is expected, not '" + text + "'");
    }
    String bare = read.group(1);
    String host = withoutBrackets(bare);
    if (host.indexOf(':') >= 0 && host.equals(bare)) {
      throw value.mistake("'" + text + "': an IPv6 address stands in brackets, as in [::1]:80");
    }
    int port = Integer.parseInt(read.group(2));
    if (!isHost(host) || port < 1 || port > HIGHEST_PORT) {
      throw value.mistake("host:port is expected, port 1 to 65535, not '" + text + "'");
    }
    return new Endpoint(canonical(host), port);
  }

  /** Of all that means one host there is one form: RFC 4343 for names, RFC 5952 for IPv6. */
  private static String canonical(String host) {
    byte[] address =
        host.indexOf('%') >= 0 ? null : NetUtil.createByteArrayFromIpAddressString(host);
    return address == null ? host.toLowerCase(Locale.ROOT) : NetUtil.bytesToIpAddress(address);
  }

  private static String withoutBrackets(String host) {
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    String bare = bracketed ? host.substring(1, host.length() - 1) : host;
    return bracketed && !NetUtil.isValidIpV6Address(bare) ? host : bare;
  }

  /** A name whose last part is a number would be an address, and is none. */
  private static boolean isHost(String text) {
    return NetUtil.isValidIpV4Address(text)
        || NetUtil.isValidIpV6Address(text)
        || (NAME.matcher(text).matches() && !NUMBER_LAST.matcher(text).matches());
  }
}
