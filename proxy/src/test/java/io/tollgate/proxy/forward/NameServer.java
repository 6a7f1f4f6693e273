package io.tollgate.proxy.forward;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A real DNS server for one address: every A question has the same answer, good for a second. */
final class NameServer implements AutoCloseable {
  private static final int HEADER = 12;
  private static final int AFTER_NAME = 4;
  private static final int TYPE_A = 1;
  private static final int SECONDS = 1;

  private final DatagramSocket socket;
  private volatile byte[] address;

  NameServer(String address) throws IOException {
    this.socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    this.address = InetAddress.getByName(address).getAddress();
    Thread.ofVirtual().start(this::serve);
  }

  int port() {
    return socket.getLocalPort();
  }

  /** Answers with this from now on. */
  void answer(String newer) throws IOException {
    address = InetAddress.getByName(newer).getAddress();
  }

  private void serve() {
    byte[] buffer = new byte[512];
    while (!socket.isClosed()) {
      try {
        DatagramPacket asked = new DatagramPacket(buffer, buffer.length);
        socket.receive(asked);
        byte[] answer = answerTo(Arrays.copyOf(buffer, asked.getLength()));
        socket.send(new DatagramPacket(answer, answer.length, asked.getSocketAddress()));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  /** RFC 1035, section 4: the question again, and for A one record that points to its name. */
  private byte[] answerTo(byte[] asked) {
    int end = HEADER;
    while (asked[end] != 0) {
      end += asked[end] + 1;
    }
    end++;
    boolean ipv4 = asked[end + 1] == TYPE_A;
    ByteBuffer answer = ByteBuffer.allocate(512);
    answer.put(asked, 0, 2).putShort((short) 0x8580);
    answer.putShort((short) 1).putShort((short) (ipv4 ? 1 : 0)).putInt(0);
    answer.put(asked, HEADER, end + AFTER_NAME - HEADER);
    if (ipv4) {
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
