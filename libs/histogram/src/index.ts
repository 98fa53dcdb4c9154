export {
  clear,
  emptyHistogram,
  merge,
  noCounts,
  record,
  wideHistogram,
  type LatencyHistogram,
} from './histogram.ts'
export { mergedSignalOf, type EncodedLatencies } from './merged-signal.ts'
export {
  countAtOrUnder,
  latencySignalOf,
  p50,
  p95,
  p99,
  p999,
  quantileOf,
  rankOf,
  type Share,
} from './quantile.ts'
export { emptyRoom, slotRoom, type SlotRoom } from './slot-room.ts'
export { checkShape, effectiveThresholdUs, slotLowUsOf } from './slots.ts'
export {
  decodeV2,
  encodeV2,
  HistogramFormatError,
  mergeV2,
  type BesideV2,
  type HistogramFault,
} from './v2.ts'
