package io.tollgate.agent.report;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Posts to the proxy's letterbox over a plain socket. {@link java.net.HttpURLConnection} would
 * initialise the JDK's logging, and obey the host's proxies, cookies and authenticators.
 */
final class Letterbox {
  private static final int CONNECT_MILLIS = 1_000;
  private static final int READ_MILLIS = 5_000;
  private static final int LONGEST_ANSWER = 4 << 20;
  private static final int LONGEST_LINE = 8 << 10;

  private final URI url;

  Letterbox(URI url) {
    this.url = url;
  }

  /**
   * Posts a JSON document.
   *
   * @return the body of the answer 200
   * @throws IOException if there is none
   */
  String post(byte[] json) throws IOException {
    int port = url.getPort() < 0 ? 80 : url.getPort();
    try (Socket socket = new Socket(Proxy.NO_PROXY)) {
      socket.connect(new InetSocketAddress(url.getHost(), port), CONNECT_MILLIS);
      socket.setSoTimeout(READ_MILLIS);
      OutputStream out = socket.getOutputStream();
      out.write(head(json.length).getBytes(StandardCharsets.ISO_8859_1));
      out.write(json);
      out.flush();
      return answer(new BufferedInputStream(socket.getInputStream()));
    }
  }

  private String head(int length) {
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    return "POST "
        + path
        + query
        + " HTTP/1.1\r\n"
        + "Host: "
        + url.getRawAuthority()
        + "\r\n"
        + "User-Agent: tollgate-agent\r\n"
        + "Content-Type: application/json\r\n"
        + "Content-Length: "
        + length
        + "\r\n"
        + "Connection: close\r\n\r\n";
  }

  private static String answer(InputStream in) throws IOException {
    String status = line(in);
    if (!status.startsWith("HTTP/1.") || status.length() < 12) {
      throw new IOException("it is no HTTP server: " + status);
    }
    long length = Long.MAX_VALUE;
    boolean chunked = false;
    for (String field = line(in); !field.isEmpty(); field = line(in)) {
      String lower = field.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = parse(lower.substring(15).trim(), 10);
      } else if (lower.startsWith("transfer-encoding:")) {
        chunked = lower.endsWith("chunked");
      }
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if (chunked) {
      readChunks(in, body);
    } else {
      read(in, length, body);
    }
    String text = new String(body.toByteArray(), StandardCharsets.UTF_8);
    if (!status.startsWith("200", 9)) {
      throw new IOException("it answered " + status.substring(9) + " " + text);
    }
    return text;
  }

  private static void readChunks(InputStream in, ByteArrayOutputStream body) throws IOException {
    while (true) {
      String size = line(in);
      int semicolon = size.indexOf(';');
      long length = parse((semicolon < 0 ? size : size.substring(0, semicolon)).trim(), 16);
      if (length == 0) {
        return;
      }
      read(in, length, body);
      line(in);
    }
  }

  private static void read(InputStream in, long length, ByteArrayOutputStream body)
      throws IOException {
    for (long left = length; left > 0; left--) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      if (body.size() == LONGEST_ANSWER) {
        throw new IOException("its answer is longer than " + LONGEST_ANSWER + " bytes");
      }
      body.write(next);
    }
  }

  private static long parse(String number, int radix) throws IOException {
    try {
      return Long.parseLong(number, radix);
    } catch (NumberFormatException none) {
      throw new IOException("its answer has a wrong length: " + number, none);
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      if (line.length() == LONGEST_LINE) {
        throw new IOException("it is no HTTP server: " + line);
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }
}
