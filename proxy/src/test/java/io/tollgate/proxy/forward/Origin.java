package io.tollgate.proxy.forward;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A real origin on a raw socket, scripted to the byte. Each connection has a thread of its own. */
public final class Origin implements AutoCloseable {
  /** What the origin does with one connection. */
  @FunctionalInterface
  public interface Script {
    /** Reads and writes as it likes; the connection closes when it returns. */
    void run(Connection connection) throws IOException;
  }

  /** One connection as the origin sees it. */
  public static final class Connection {
    private final InputStream in;
    private final OutputStream out;
    private final Socket socket;

    Connection(Socket socket) throws IOException {
      this.socket = socket;
      this.in = socket.getInputStream();
      this.out = socket.getOutputStream();
    }

    /** A head up to and with the empty line; empty at the end of the stream. */
    public String head() throws IOException {
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      while (true) {
        int b = in.read();
        if (b < 0) {
          return head.toString(StandardCharsets.ISO_8859_1);
        }
        head.write(b);
        if (b == '\n' && head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
          return head.toString(StandardCharsets.ISO_8859_1);
        }
      }
    }

    /** So many bytes. */
    public String read(int length) throws IOException {
      return new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    /** Whatever comes until the peer closes. */
    public String rest() throws IOException {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** Sends text as ISO 8859-1. */
    public void send(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }

    /** Sends no more; still reads. */
    public void endOutput() throws IOException {
      socket.shutdownOutput();
    }

    /** Breaks the connection off with a reset. */
    public void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    /** The raw stream. */
    public OutputStream out() {
      return out;
    }

    /** The raw stream. */
    public InputStream in() {
      return in;
    }
  }

  private final ServerSocket server;
  private final Script script;
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final List<String> heads = new CopyOnWriteArrayList<>();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /** Opens on a free port of the loopback. */
  public Origin(Script script) throws IOException {
    this(InetAddress.getLoopbackAddress(), script);
  }

  private Origin(InetAddress address, Script script) throws IOException {
    this.script = script;
    this.server = new ServerSocket(0, 1024, address);
    Thread.ofVirtual().start(this::accept);
  }

  /** One on all of this machine's addresses, which answers with the one that was asked. */
  static Origin everywhere() throws IOException {
    return new Origin(
        InetAddress.getByName("0.0.0.0"),
        connection -> {
          String ip = connection.socket.getLocalAddress().getHostAddress();
          while (!connection.head().isEmpty()) {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + ip.length() + "\r\n\r\n" + ip);
          }
        });
  }

  /** One that answers every request on a connection with the same bytes. */
  public static Origin answering(String answer) throws IOException {
    Origin[] self = new Origin[1];
    self[0] =
        new Origin(
            connection -> {
              while (true) {
                String head = connection.head();
                if (head.isEmpty()) {
                  return;
                }
                self[0].heads.add(head);
                connection.send(answer);
              }
            });
    return self[0];
  }

  /** Waits until somebody says go, at most 40 s; for scripts. */
  public static void take(CountDownLatch go) throws IOException {
    try {
      if (!go.await(40, TimeUnit.SECONDS)) {
        throw new IOException("nobody said go");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** Waits until somebody puts a word there; for scripts. */
  static void take(BlockingQueue<String> go) throws IOException {
    try {
      go.take();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** One that reads the head of a request on each connection, and waits until somebody says go. */
  static Origin waiting(CountDownLatch go) throws IOException {
    return new Origin(
        connection -> {
          connection.head();
          take(go);
        });
  }

  /** The port. */
  public int port() {
    return server.getLocalPort();
  }

  /** Connections accepted so far. */
  public int accepted() {
    return accepted.get();
  }

  /** Connections open now. */
  public int open() {
    return open.get();
  }

  /** Request heads seen by {@link #answering}. */
  public List<String> heads() {
    return heads;
  }

  /** Notes a head for {@link #heads}. */
  public void note(String head) {
    heads.add(head);
  }

  /** What answers the WebSocket key in this head (RFC 6455, section 4.2.2). */
  public static String accept(String head) throws IOException {
    String key =
        head.lines()
            .filter(line -> line.regionMatches(true, 0, "sec-websocket-key: ", 0, 19))
            .map(line -> line.substring(19))
            .findFirst()
            .orElseThrow(() -> new IOException("no key in " + head));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest(
                  (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                      .getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IOException(e);
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        accepted.incrementAndGet();
        open.incrementAndGet();
        Thread.ofVirtual().start(() -> run(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void run(Socket socket) {
    try (socket) {
      script.run(new Connection(socket));
    } catch (IOException e) {
      // The peer went away: what a test checks is what it then sees.
    } finally {
      open.decrementAndGet();
      sockets.remove(socket);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
