import {
  isoOf,
  type HealthChecked,
  type RequestObserved,
  type TidemarkEvent,
} from '@tidemark/model'
import { writableSchema } from './event-schemas.ts'

/**
 * An event as one line of JSON, with every key there and in one order, so that equal events are equal bytes. Requests and health
 * checks take the form that `parseLine` reads; the others have the fields of their schema, bytes in base64.
 */
export const lineOf = (event: TidemarkEvent): string => {
  switch (event.type) {
    case 'RequestObserved':
      return requestLine(event)
    case 'HealthChecked':
      return checkLine(event)
    case 'FactApplied': {
      const fact: unknown = JSON.parse(lineOf(event.fact))
      const fields = writableSchema(event.type).toJson({ ...event, fact: new Uint8Array() })
      return JSON.stringify({ type: event.type, ...fields, fact })
    }
    default:
      return JSON.stringify({ type: event.type, ...writableSchema(event.type).toJson(event) })
  }
}

const requestLine = ({
  id,
  service,
  operation,
  atUs,
  latencyUs,
  status,
  success,
}: RequestObserved): string =>
  `{"type":"request","id":${text(id)},"service":${text(service)},"operation":${text(operation)},"at":"${isoOf(atUs)}","latencyMs":${msText(latencyUs)},"status":${status},"success":${success}}`

const checkLine = ({
  id,
  service,
  check,
  atUs,
  passed,
  latencyUs,
  reason,
}: HealthChecked): string =>
  `{"type":"health-check","id":${text(id)},"service":${text(service)},"check":${text(check)},"at":"${isoOf(atUs)}","passed":${passed},"latencyMs":${latencyUs === null ? 'null' : msText(latencyUs)},"reason":${text(reason)}}`

const text = (value: string | null): string => JSON.stringify(value)

/** Exact: a double would lose the last digits of a large one. */
const msText = (us: number): string => {
  const rest = us % 1000
  const whole = String((us - rest) / 1000)
  return rest === 0 ? whole : `${whole}.${String(rest).padStart(3, '0').replace(/0+$/, '')}`
}
