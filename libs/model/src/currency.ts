/**
 * The currencies of ISO 4217 that amounts can be in, by how many digits their minor unit has. Funds codes, metals and codes for tests have no
 * minor unit and are left out. Source: ISO 4217, list one.
 */
const codesByDigits: readonly (readonly [digits: number, codes: string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK
     DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD
     KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP
     PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
     USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG`,
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
]

const digitsByCode: ReadonlyMap<string, number> = new Map(
  codesByDigits.flatMap(([digits, codes]) =>
    codes.split(/\s+/).map((code) => [code, digits] as const),
  ),
)

/** Why `value` is no currency that amounts can be in, or null. */
export const currencyFault = (field: string, value: string): string | null =>
  digitsByCode.has(value)
    ? null
    : `${field}: ${JSON.stringify(value.slice(0, 16))} is no currency of ISO 4217, like EUR or USD`

/**
 * Digits of the minor unit: 2 for EUR (cents), 0 for JPY, 3 for KWD. Two for a code that is not known, so that an amount that is in the log
 * already can always be shown.
 */
export const minorDigits = (currency: string): number => digitsByCode.get(currency) ?? 2

/**
 * An amount as people write it (`1234.5`, `-20`), in minor units of its currency; or why it is none. Never rounded: more digits than the minor
 * unit has are a fault.
 */
export const parseAmount = (
  text: string,
  currency: string,
):
  | { readonly ok: true; readonly minor: number }
  | { readonly ok: false; readonly fault: string } => {
  const digits = minorDigits(currency)
  const [, sign = '', whole = '', fraction = ''] = amountPattern.exec(text) ?? []
  if (whole === '')
    return { ok: false, fault: `${JSON.stringify(text.slice(0, 64))} is no amount like 1234.56` }
  if (fraction.length > digits)
    return { ok: false, fault: `${text}: ${currency} has ${digits} digits behind the point` }
  const minor = Number(whole + fraction.padEnd(digits, '0'))
  if (!Number.isSafeInteger(minor))
    return { ok: false, fault: `${text.slice(0, 64)} is above what can be counted exactly` }
  return { ok: true, minor: sign === '-' && minor !== 0 ? -minor : minor }
}

const amountPattern = /^(-?)([0-9]{1,20})(?:\.([0-9]{1,20}))?$/
