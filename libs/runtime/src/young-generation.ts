import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Two halves of 16 MB. */
export const youngBytesMax = 32 * 1024 * 1024

/**
 * Lets V8's young generation grow to `youngBytesMax` and no further: V8 itself goes to 128 MB, and keeps up to as much again for itself. An aggregator
 * of 10,000 services takes some 100 MB less without, at no more CPU time (`npm run bench -- memory`), for what is young there dies
 * with the next collection or lives as long as a window.
 *
 * V8 takes the size itself only at the start of a process, on a command line that is not ours; but by what factor to grow it reads whenever it
 * does. So it is told not to, once there is enough. Growing takes as many bytes that outlive a collection as there is room for, which is more
 * than comes together before a collection is heard of.
 */
export const boundYoungGeneration = (): (() => void) => {
  let growth = 0
  const follow = (): void => {
    const wanted = youngBytes() < youngBytesMax ? 2 : 1
    // Only when it changes: V8 has not promised to be told often.
    if (wanted !== growth) setFlagsFromString(`--semi-space-growth-factor=${wanted}`)
    growth = wanted
  }
  const observer = new PerformanceObserver(follow)
  observer.observe({ entryTypes: ['gc'] })
  follow()
  return () => {
    observer.disconnect()
    if (growth !== 2) setFlagsFromString('--semi-space-growth-factor=2')
  }
}

/** As large as the young generation is, used or not. */
export const youngBytes = (): number => {
  let bytes = 0
  for (const { space_name: name, space_size: size } of getHeapSpaceStatistics())
    if (name === 'new_space') bytes += size
  return bytes
}
