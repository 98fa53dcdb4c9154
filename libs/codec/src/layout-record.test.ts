import { describe, expect, it } from '@jest/globals'
import {
  canonicalJson,
  contentId,
  defaultLayout,
  defaultRuleFields,
  defaultServiceFields,
  layoutId,
  type Layout,
} from '@tidemark/model'
import { encode } from './codec.ts'
import { layoutRecord, LayoutRecordError, readLayout } from './layout-record.ts'
import { tick } from './output.ts'

/** A record as a stranger may write it: any text under the id of its content. */
const recordOf = (text: string): Uint8Array =>
  encode({ type: 'LayoutProvisioned', layoutId: contentId(text), layout: text })

const full: Layout = {
  ...defaultLayout,
  prefix: 'prod.',
  configuration: {
    ...defaultLayout.configuration,
    services: [
      { ...defaultServiceFields, service: 'checkout', team: 'shop' },
      { ...defaultServiceFields, service: 'search' },
    ],
  },
}

describe('the layout record', () => {
  it.each([defaultLayout, full])('gives back the layout that it holds', (layout) => {
    const { key, value } = layoutRecord(layout)
    expect(new TextDecoder().decode(key)).toBe('layout')
    expect(readLayout(value)).toEqual(layout)
  })

  it('is the same for the same layout, however its keys are ordered', () => {
    const turned = Object.fromEntries(Object.entries(full).reverse()) as unknown as Layout
    expect(layoutRecord(turned)).toEqual(layoutRecord(full))
  })

  it.each<readonly [what: string, change: (layout: Layout) => unknown, message: string]>([
    ['a missing field', ({ graceUs: _, ...rest }) => rest, 'layout.graceUs: missing'],
    [
      'a field of another version',
      (layout) => ({ ...layout, shards: 2 }),
      'layout.shards: unknown',
    ],
    ['other semantics', (layout) => ({ ...layout, semantics: 1 }), 'layout.semantics: 1 is not 2'],
    [
      'a value of another kind',
      (layout) => ({ ...layout, windowUs: '10s' }),
      'layout.windowUs: "10s" is not an integer',
    ],
    [
      'an unusable value',
      (layout) => ({ ...layout, partitions: 0 }),
      'layout: partitions: 0 is not an integer of 1 to 1024',
    ],
    [
      'an unknown rule',
      (layout) => ({
        ...layout,
        configuration: { ...layout.configuration, rules: [{ kind: 'weather', id: 'x' }] },
      }),
      'layout.configuration.rules[0].kind: "weather" is not health or threshold or absence or burn-rate or budget or scorecard',
    ],
    [
      'a rule that lacks something',
      (layout) => ({
        ...layout,
        configuration: {
          ...layout.configuration,
          rules: [{ ...defaultRuleFields, kind: 'absence', id: 'x' }],
        },
      }),
      'layout.configuration.rules[0].severity: missing',
    ],
    [
      'a service without a name',
      (layout) => ({
        ...layout,
        configuration: { ...layout.configuration, services: [{ service: 1, team: null }] },
      }),
      'layout.configuration.services[0].service: 1 is not a string',
    ],
    [
      'limits that are a list',
      (layout) => ({ ...layout, limits: [] }),
      'layout.limits: not an object',
    ],
    ['nothing', () => null, 'layout: not an object'],
  ])('refuses %s', (_, change, message) => {
    expect(() => readLayout(recordOf(canonicalJson(change(full))))).toThrow(
      new LayoutRecordError(message),
    )
  })

  it('refuses text that is not canonical, no JSON, or under another id', () => {
    expect(() => readLayout(recordOf(JSON.stringify(full)))).toThrow('layout: not canonical JSON')
    expect(() => readLayout(recordOf('{'))).toThrow(LayoutRecordError)
    const other = encode({
      type: 'LayoutProvisioned',
      layoutId: contentId('something else'),
      layout: canonicalJson(full),
    })
    expect(() => readLayout(other)).toThrow(
      `layout: its id is ${layoutId(full)}, the record says ${contentId('something else')}`,
    )
  })

  it('refuses other events and bytes that are none', () => {
    expect(() => readLayout(tick)).toThrow('layout: a Tick stands in its place')
    expect(() => readLayout(Uint8Array.of(1))).toThrow('layout: bad_frame: first byte 01')
  })
})
