import type { Brand } from './brand.ts'
import { sha256 } from './sha256.ts'

/** 16 bytes as 32 hexadecimal digits: computed from content, never drawn. */
export type Id = Brand<string, 'Id'>

/** First 16 bytes of the SHA-256 of the UTF-8 bytes of `content`. */
export const contentId = (content: string): Id => sha256(content, 4) as Id

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Any UUID in its usual spelling, of any version. */
export const isUuid = (value: string): boolean => uuidPattern.test(value)
