package tidemark.peer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/** The open windows of one partition, as objects on the heap. The clock is the largest record timestamp, as in Tidemark. */
final class OpenWindows {
  static final class Open {
    final long startUs;
    final HashMap<String, ServiceWindow> byService = new HashMap<>(256);

    Open(long startUs) {
      this.startUs = startUs;
    }
  }

  private final long windowUs;
  private final long graceUs;
  private long clockUs = Long.MIN_VALUE;
  private long nextCloseUs = Long.MAX_VALUE;
  final List<Open> open = new ArrayList<>();
  private Open last;
  long late;

  OpenWindows(long windowUs, long graceUs) {
    this.windowUs = windowUs;
    this.graceUs = graceUs;
  }

  /** Moves the clock; the windows that this closes, in order, and gone from here on. */
  List<Open> advance(long toUs) {
    if (toUs > clockUs) clockUs = toUs;
    if (clockUs < nextCloseUs) return List.of();
    List<Open> closed = new ArrayList<>(open);
    closed.removeIf(window -> !isClosed(window.startUs));
    open.removeAll(closed);
    last = null;
    nextCloseUs = Long.MAX_VALUE;
    for (Open window : open) nextCloseUs = Math.min(nextCloseUs, closeUs(window.startUs));
    return closed;
  }

  /** Where an event of a service at this time belongs; null: its window is closed. */
  ServiceWindow of(String service, long atUs) {
    long startUs = startOf(atUs);
    if (last == null || last.startUs != startUs) {
      last = find(startUs);
      if (last == null) {
        late++;
        return null;
      }
    }
    ServiceWindow found = last.byService.get(service);
    if (found == null) last.byService.put(service, found = new ServiceWindow());
    return found;
  }

  long startOf(long atUs) {
    return atUs - Math.floorMod(atUs, windowUs);
  }

  /** Puts back what was stored. */
  void restore(String service, long startUs, ServiceWindow stored) {
    find(startUs).byService.put(service, stored);
  }

  private Open find(long startUs) {
    for (Open window : open) if (window.startUs == startUs) return window;
    if (isClosed(startUs)) return null;
    Open window = new Open(startUs);
    open.add(window);
    open.sort((a, b) -> Long.compare(a.startUs, b.startUs));
    nextCloseUs = Math.min(nextCloseUs, closeUs(startUs));
    return window;
  }

  private boolean isClosed(long startUs) {
    return closeUs(startUs) <= clockUs;
  }

  private long closeUs(long startUs) {
    return startUs + windowUs + graceUs;
  }
}
