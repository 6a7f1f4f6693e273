package io.tollgate.proxy.forward;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A real DNS server: every A question has the same answer, good for a second. */
final class NameServer implements AutoCloseable {
  private static final int HEADER = 12;
  private static final int AFTER_NAME = 4;
  private static final int TYPE_A = 1;
  private static final int SECONDS = 1;
  private static final int NAME_ERROR = 3;

  private final DatagramSocket socket;
  private final AtomicInteger asked = new AtomicInteger();
  private volatile List<byte[]> addresses = List.of();

  NameServer(String... addresses) throws IOException {
    this.socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    answer(addresses);
    Thread.ofVirtual().start(this::serve);
  }

  int port() {
    return socket.getLocalPort();
  }

  /** Answers with these from now on; that there is no such name where there are none. */
  void answer(String... newer) throws IOException {
    List<byte[]> next = new ArrayList<>();
    for (String address : newer) {
      next.add(InetAddress.getByName(address).getAddress());
    }
    addresses = next;
  }

  /** Questions answered so far. */
  int asked() {
    return asked.get();
  }

  private void serve() {
    byte[] buffer = new byte[512];
    while (!socket.isClosed()) {
      try {
        DatagramPacket question = new DatagramPacket(buffer, buffer.length);
        socket.receive(question);
        byte[] answer = answerTo(Arrays.copyOf(buffer, question.getLength()));
        socket.send(new DatagramPacket(answer, answer.length, question.getSocketAddress()));
        asked.incrementAndGet();
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  /** RFC 1035, section 4: the question again, and for A the records, which point to its name. */
  private byte[] answerTo(byte[] question) {
    int end = HEADER;
    while (question[end] != 0) {
      end += question[end] + 1;
    }
    end++;
    List<byte[]> known = addresses;
    List<byte[]> told = question[end + 1] == TYPE_A ? known : List.of();
    ByteBuffer answer = ByteBuffer.allocate(512);
    answer.put(question, 0, 2).putShort((short) (0x8580 | (known.isEmpty() ? NAME_ERROR : 0)));
    answer.putShort((short) 1).putShort((short) told.size()).putInt(0);
    answer.put(question, HEADER, end + AFTER_NAME - HEADER);
    for (byte[] address : told) {
      answer.putShort((short) 0xc00c).putShort((short) TYPE_A).putShort((short) 1);
      answer.putInt(SECONDS).putShort((short) address.length).put(address);
    }
    return Arrays.copyOf(answer.array(), answer.position());
  }

  @Override
  public void close() {
    socket.close();
  }
}
