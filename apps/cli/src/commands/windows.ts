import { latencyText, windowJson } from '@tidemark/evaluation'
import {
  compareUtf8,
  defaultLayout,
  type HealthWindowClosed,
  type RequestWindowClosed,
} from '@tidemark/model'
import type { CommandContext, ExitCode, LogOptions } from '../context.ts'
import { withStore } from '../open.ts'
import { tableLines } from '../table.ts'
import { parseMoment } from '../times.ts'

export type WindowsOptions = LogOptions & {
  readonly from?: string
  readonly to?: string
  readonly json?: boolean
}

type ClosedWindow = RequestWindowClosed | HealthWindowClosed

/** Closed windows in order of time, service and source. */
export const windows = (
  service: string | undefined,
  options: WindowsOptions,
  { terminal }: CommandContext,
): Promise<ExitCode> =>
  withStore<ExitCode>(options, async (store) => {
    const query = {
      service: service ?? null,
      fromUs: options.from === undefined ? 0 : parseMoment('--from', options.from),
      toUs: options.to === undefined ? Number.MAX_SAFE_INTEGER : parseMoment('--to', options.to),
    }
    const closed: ClosedWindow[] = [
      ...(await store.requestWindows(query)),
      ...(await store.healthWindows(query)),
    ]
    closed.sort(
      (a, b) =>
        a.windowStartUs - b.windowStartUs ||
        compareUtf8(a.service, b.service) ||
        (a.type < b.type ? 1 : -1),
    )
    if (options.json === true)
      for (const window of closed) terminal.out(JSON.stringify(jsonOf(window)))
    else for (const line of tableLines(columns, closed.map(jsonOf))) terminal.out(line)
    return 0
  })

/** The shape is the same in every layout. */
const jsonOf = (window: ClosedWindow) => windowJson(window, defaultLayout.histogram)

type WindowJson = ReturnType<typeof windowJson>

const milliseconds = (quantile: { readonly valueUs: number } | null): string =>
  quantile === null ? '-' : latencyText(quantile.valueUs)

const latencyOf = (row: WindowJson, quantile: 'p50' | 'p95' | 'p99'): string =>
  row.source === 'requests' ? milliseconds(row.latency?.[quantile] ?? null) : ''

const columns = [
  { title: 'start', text: (row: WindowJson) => row.window.start },
  { title: 'service', text: (row: WindowJson) => row.service },
  { title: 'source', text: (row: WindowJson) => row.source },
  {
    title: 'total',
    align: 'right',
    text: (row: WindowJson) =>
      String(row.source === 'requests' ? row.total : row.passed + row.failed),
  },
  { title: 'failed', align: 'right', text: (row: WindowJson) => String(row.failed) },
  { title: 'p50', align: 'right', text: (row: WindowJson) => latencyOf(row, 'p50') },
  { title: 'p95', align: 'right', text: (row: WindowJson) => latencyOf(row, 'p95') },
  { title: 'p99', align: 'right', text: (row: WindowJson) => latencyOf(row, 'p99') },
  { title: '', text: (row: WindowJson) => ('incomplete' in row ? 'incomplete' : '') },
] as const
