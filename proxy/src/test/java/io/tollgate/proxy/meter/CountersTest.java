package io.tollgate.proxy.meter;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Messages counted in bytes that come in whatever pieces the network makes. */
class CountersTest {
  @Property(tries = 300)
  void grpc_anyMessagesInAnyPieces_areCounted(
      @ForAll @Size(max = 20) List<@IntRange(max = 70_000) Integer> lengths,
      @ForAll Random random) {
    ByteBuf bytes = Unpooled.buffer();
    for (int length : lengths) {
      bytes.writeByte(random.nextInt(2)).writeInt(length).writeBytes(noise(random, length));
    }
    assertThat(count(new GrpcCounter(), bytes, random)).isEqualTo(lengths.size());
  }

  @Property(tries = 300)
  void grpcWebAsText_anyMessagesEncodedInAnyPieces_areCounted(
      @ForAll @Size(max = 20) List<@IntRange(max = 2000) Integer> lengths, @ForAll Random random) {
    ByteBuf bytes = Unpooled.buffer();
    for (int length : lengths) {
      bytes.writeByte(random.nextInt(2)).writeInt(length).writeBytes(noise(random, length));
    }
    byte[] trailers = "grpc-status:0\r\n".getBytes(StandardCharsets.US_ASCII);
    bytes.writeByte(0x80).writeInt(trailers.length).writeBytes(trailers);
    ByteBuf text = Unpooled.buffer();
    while (bytes.isReadable()) {
      byte[] piece = new byte[1 + random.nextInt(Math.min(bytes.readableBytes(), 100))];
      bytes.readBytes(piece);
      text.writeBytes(Base64.getEncoder().encode(piece)); // with padding of its own
    }
    assertThat(count(new GrpcTextCounter(), text, random)).isEqualTo(lengths.size());
  }

  @Test
  void contentType_tellsHowMessagesAreFramed() {
    assertThat(Stream.of("application/grpc", "application/grpc+proto", "application/grpc-web;a=b"))
        .allSatisfy(type -> assertThat(GrpcFraming.of(type)).isEqualTo(GrpcFraming.BINARY));
    assertThat(Stream.of("application/grpc-web-text", "Application/gRPC-Web-Text+proto"))
        .allSatisfy(type -> assertThat(GrpcFraming.of(type)).isEqualTo(GrpcFraming.TEXT));
    assertThat(Stream.of("application/grpcx", "application/json", "application/grpc-web-textual"))
        .allSatisfy(type -> assertThat(GrpcFraming.of(type)).isEqualTo(GrpcFraming.NONE));
  }

  @Property(tries = 300)
  void webSocket_anyFramesInAnyPieces_areCountedByMessage(
      @ForAll @Size(max = 20) List<@IntRange(max = 70_000) Integer> lengths,
      @ForAll Random random) {
    ByteBuf bytes = Unpooled.buffer();
    int messages = 0;
    boolean inside = false;
    for (int length : lengths) {
      boolean last = random.nextBoolean();
      frame(bytes, (last ? 0x80 : 0) | (inside ? 0 : 1 + random.nextInt(2)), length, random);
      inside = !last;
      messages += last ? 1 : 0;
      if (random.nextInt(3) == 0) {
        frame(bytes, 0x80 | 9 + random.nextInt(2), random.nextInt(126), random); // ping or pong
      }
    }
    assertThat(count(new WebSocketCounter(), bytes, random)).isEqualTo(messages);
  }

  @Property(tries = 300)
  void events_anyLinesInAnyPieces_areCounted(
      @ForAll @Size(max = 30) List<@IntRange(max = 5) Integer> blocks, @ForAll Random random) {
    StringBuilder text = new StringBuilder();
    int events = 0;
    for (int block : blocks) {
      String end = List.of("\n", "\r", "\r\n").get(random.nextInt(3));
      String lines =
          switch (block) {
            case 0 -> ": alive";
            case 1 -> "event: only a name";
            case 2 -> "data: one" + end + "data: two";
            case 3 -> "id: 7" + end + "data";
            case 4 -> "database: no data";
            default -> "data:{\"a\":1}";
          };
      events += block == 2 || block == 3 || block == 5 ? 1 : 0;
      text.append(lines).append(end).append(end);
    }
    ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    assertThat(count(new EventCounter(), bytes, random)).isEqualTo(events);
  }

  @Test
  void betweenFrames_isToldForInterjections() {
    WebSocketCounter counter = new WebSocketCounter();
    assertThat(counter.isBetweenFrames()).isTrue();
    counter.pass(Unpooled.wrappedBuffer(new byte[] {(byte) 0x81, 2, 'a'}));
    assertThat(counter.isBetweenFrames()).isFalse();
    counter.pass(Unpooled.wrappedBuffer(new byte[] {'b'}));
    assertThat(counter.isBetweenFrames()).isTrue();
    counter.pass(Unpooled.wrappedBuffer(new byte[] {(byte) 0x88, 0}));
    assertThat(counter.isBetweenFrames()).isFalse();
  }

  private static void frame(ByteBuf bytes, int head, int length, Random random) {
    boolean masked = random.nextBoolean();
    int mask = masked ? 0x80 : 0;
    bytes.writeByte(head);
    if (length < 126) {
      bytes.writeByte(mask | length);
    } else if (length < 65_536) {
      bytes.writeByte(mask | 126).writeShort(length);
    } else {
      bytes.writeByte(mask | 127).writeLong(length);
    }
    bytes.writeBytes(noise(random, masked ? length + 4 : length));
  }

  private static byte[] noise(Random random, int length) {
    byte[] noise = new byte[length];
    random.nextBytes(noise);
    return noise;
  }

  private static long count(MessageCounter counter, ByteBuf bytes, Random random) {
    while (bytes.isReadable()) {
      int piece = 1 + random.nextInt(Math.min(bytes.readableBytes(), 10_000));
      ByteBuf slice = bytes.readSlice(piece);
      counter.pass(slice);
      assertThat(slice.readableBytes()).isEqualTo(piece); // it only looks
    }
    return counter.count();
  }
}
