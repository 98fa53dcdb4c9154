package tidemark.peer;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.HdrHistogram.Histogram;

/** One service in one window: what is counted, and its bytes. */
final class ServiceWindow {
  private static final long HIGHEST_US = 600_000_000L;
  private static final int DIGITS = 2;
  private static final int BYTES_MAX = 64 * 1024;
  private static final ThreadLocal<ByteBuffer> SCRATCH =
      ThreadLocal.withInitial(() -> ByteBuffer.allocate(BYTES_MAX));

  long count;
  long errors;
  long maxUs = -1;
  Histogram latencies = new Histogram(1, HIGHEST_US, DIGITS);
  /** It has changed since it was last stored; used where windows are objects on the heap. */
  boolean isChanged;
  /** It was stored, so it must be deleted when it closes. */
  boolean isStored;

  void record(long latencyUs, boolean success) {
    count++;
    if (!success) errors++;
    if (latencyUs > maxUs) maxUs = latencyUs;
    latencies.recordValue(Math.min(latencyUs, HIGHEST_US));
  }

  /** Start of the window in us, count, errors, maximum, then the histogram in uncompressed V2. */
  byte[] encode(long startUs) {
    ByteBuffer bytes = SCRATCH.get().clear();
    bytes.putLong(startUs).putLong(count).putLong(errors).putLong(maxUs);
    int headBytes = bytes.position();
    int histogramBytes = latencies.encodeIntoByteBuffer(bytes.slice());
    return Arrays.copyOf(bytes.array(), headBytes + histogramBytes);
  }

  static ServiceWindow decode(byte[] encoded) {
    ByteBuffer bytes = ByteBuffer.wrap(encoded);
    ServiceWindow window = new ServiceWindow();
    bytes.getLong();
    window.count = bytes.getLong();
    window.errors = bytes.getLong();
    window.maxUs = bytes.getLong();
    window.latencies = Histogram.decodeFromByteBuffer(bytes.slice(), HIGHEST_US);
    return window;
  }
}
