import { countText } from '@tidemark/evaluation'

/** `1,200 of 4,800 input records, 25 %, 3 min left`; without what is left until it can be told. */
export const remainingText = (done: number, total: number, elapsedMs: number): string => {
  const share = total === 0 ? 1 : done / total
  const text = `${countText(done)} of ${countText(total)} input records, ${Math.floor(share * 100)} %`
  return share === 0 || elapsedMs < 1000
    ? text
    : `${text}, ${timeText((elapsedMs / share) * (1 - share))} left`
}

const timeText = (ms: number): string => {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 100) return `${seconds} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 100 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`
}
