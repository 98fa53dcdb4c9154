import { unreachable, type HealthStatus, type Severity } from '@tidemark/model'

const ranks: { readonly [S in Severity]: number } = { page: 0, critical: 1, warning: 2 }

export const isWorseSeverity = (a: Severity, b: Severity): boolean => ranks[a] < ranks[b]

/** Source: domain.md section 2. */
export const severityOf = (status: HealthStatus): Severity | null => {
  switch (status) {
    case 'down':
      return 'page'
    case 'critical':
      return 'critical'
    case 'degraded':
      return 'warning'
    case 'healthy':
    case 'unknown':
    case 'maintenance':
      return null
    default:
      return unreachable(status)
  }
}
