package tidemark.peer;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** Measures from the first record that is handed over. Records are counted by the one stream thread and watched by the main thread. */
final class Probe {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final AtomicLong RECORDS = new AtomicLong();

  private static long handedOver;
  private static volatile long startNs;
  private static volatile long cpuStartNs;

  static void handedOver() {
    if (handedOver == 0) {
      cpuStartNs = SYSTEM.getProcessCpuTime();
      startNs = System.nanoTime();
    }
    // There is one writer, so a plain store will do.
    RECORDS.setOpaque(++handedOver);
  }

  static long records() {
    return RECORDS.getOpaque();
  }

  /** One line of JSON: names and units are those of test/bench/src/harness/row.ts. */
  static String measured() throws IOException {
    long wallNs = System.nanoTime() - startNs;
    long cpuNs = SYSTEM.getProcessCpuTime() - cpuStartNs;
    return String.format(
        "{\"records\":%d,\"wallMs\":%d,\"cpuMs\":%d,\"residentBytesMax\":%d}",
        records(), wallNs / 1_000_000, cpuNs / 1_000_000, residentBytesMax());
  }

  private static long residentBytesMax() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status")))
      if (line.startsWith("VmHWM:")) return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
    throw new IOException("/proc/self/status says no VmHWM");
  }
}
