import { describe, expect, it } from '@jest/globals'
import { durationText, latencyText, percentText, ppmText } from './format.ts'

describe('percentText', () => {
  it.each([
    [51, 412, '12.4%'],
    [27, 29, '93.1%'],
    [0, 7, '0.0%'],
    [7, 7, '100.0%'],
    [1, 2000, '0.1%'],
    [1, 2001, '0.0%'],
  ])('shows %d of %d as %s', (part, whole, text) => {
    expect(percentText(part, whole)).toBe(text)
  })
})

describe('ppmText', () => {
  it.each([
    [50_000, '5%'],
    [999_500, '99.95%'],
    [1, '0.0001%'],
    [1_000_000, '100%'],
  ])('shows %d as %s', (ppm, text) => {
    expect(ppmText(ppm)).toBe(text)
  })
})

describe('latencyText', () => {
  it.each([
    [1_179_647, '1180ms'],
    [200_000, '200ms'],
    [9_949, '9.9ms'],
    [9_950, '10ms'],
    [49, '0.0ms'],
  ])('shows %d us as %s', (us, text) => {
    expect(latencyText(us)).toBe(text)
  })
})

describe('durationText', () => {
  it.each([
    [60_000_000, '1m'],
    [90_000_000, '90s'],
    [86_400_000_000, '24h'],
    [1_500, '1500us'],
    [250_000, '250ms'],
  ])('shows %d us as %s', (us, text) => {
    expect(durationText(us)).toBe(text)
  })
})
