package tidemark.peer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads the fields that the job needs straight from the bytes of a record's value: Avro's single-object encoding of
 * schemas/RequestObserved.avsc or schemas/RequestBatch.avsc. Holds what it read last; one for each thread.
 */
final class RequestReader {
  private static final int FRAME_BYTES = 10;
  private static final int ID_BYTES = 16;

  private final long fingerprint;
  private byte[] bytes;
  private int at;

  // Of a single request.
  long atUs;
  long latencyUs;
  boolean success;

  // Of a batch.
  long baseUs;
  int events;
  long[] deltaUs = new long[1024];
  long[] latenciesUs = new long[1024];
  boolean[] failed = new boolean[1024];

  RequestReader(long fingerprint) {
    this.fingerprint = fingerprint;
  }

  void readSingle(byte[] value) {
    open(value);
    if (readLong() == 1) at += ID_BYTES;
    skipString();
    skipString();
    atUs = readLong();
    latencyUs = readLong();
    readLong();
    success = bytes[at] == 1;
  }

  void readBatch(byte[] value) {
    open(value);
    at += ID_BYTES;
    skipString();
    baseUs = readLong();
    for (long n = blockItems(); n != 0; n = blockItems())
      for (long i = 0; i < n; i++) skipString();
    events = 0;
    for (long n = blockItems(); n != 0; n = blockItems()) {
      if (events + n > deltaUs.length) grow((int) (events + n));
      for (long i = 0; i < n; i++) deltaUs[events++] = readLong();
    }
    int latencies = 0;
    for (long n = blockItems(); n != 0; n = blockItems())
      for (long i = 0; i < n; i++) latenciesUs[latencies++] = readLong();
    // Statuses and operations.
    skipNumbers();
    skipNumbers();
    Arrays.fill(failed, 0, events, false);
    for (long n = blockItems(); n != 0; n = blockItems())
      for (long i = 0; i < n; i++) failed[(int) readLong()] = true;
  }

  private void open(byte[] value) {
    bytes = value;
    at = FRAME_BYTES;
    long written = ByteBuffer.wrap(value, 2, 8).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (value[0] != (byte) 0xc3 || value[1] != 1 || written != fingerprint)
      throw new IllegalArgumentException("fingerprint " + Long.toHexString(written));
  }

  private void grow(int length) {
    deltaUs = Arrays.copyOf(deltaUs, 2 * length);
    latenciesUs = Arrays.copyOf(latenciesUs, 2 * length);
    failed = Arrays.copyOf(failed, 2 * length);
  }

  /** Items of the next block of an array, 0 behind the last one. */
  private long blockItems() {
    long items = readLong();
    if (items >= 0) return items;
    // A block that tells its bytes as well.
    readLong();
    return -items;
  }

  private void skipNumbers() {
    for (long n = blockItems(); n != 0; n = blockItems())
      for (long i = 0; i < n; i++) while (bytes[at++] < 0) ;
  }

  private void skipString() {
    int length = (int) readLong();
    at += length;
  }

  private long readLong() {
    long zigzag = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes[at++];
      zigzag |= (long) (next & 0x7f) << shift;
      if (next >= 0) return (zigzag >>> 1) ^ -(zigzag & 1);
    }
  }
}
