package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.StreamSerializer;
import java.io.IOException;

/** A serializer made of two functions. Each payload begins with its format number. */
final class Wire<T> implements StreamSerializer<T> {
  private static final int FORMAT = 3;

  private final int typeId;
  private final Writer<T> writer;
  private final Reader<T> reader;

  Wire(int typeId, Writer<T> writer, Reader<T> reader) {
    this.typeId = typeId;
    this.writer = writer;
    this.reader = reader;
  }

  @Override
  public int getTypeId() {
    return typeId;
  }

  @Override
  public void write(ObjectDataOutput out, T value) throws IOException {
    out.writeByte(FORMAT);
    writer.write(out, value);
  }

  @Override
  public T read(ObjectDataInput in) throws IOException {
    int format = in.readByte();
    if (format != FORMAT) {
      throw new IOException("format " + format + " is not known here; this node reads " + FORMAT);
    }
    return reader.read(in);
  }

  /** Writes a value. */
  interface Writer<T> {
    void write(ObjectDataOutput out, T value) throws IOException;
  }

  /** Reads a value. */
  interface Reader<T> {
    T read(ObjectDataInput in) throws IOException;
  }
}
