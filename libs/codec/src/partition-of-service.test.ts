import { describe, expect, it } from '@jest/globals'
import { partitionOfService } from './partition-of-service.ts'

describe('the partition of a service', () => {
  it('is the one that the Java client chooses for its name', () => {
    // murmur2("21") is -973932308 in Kafka's own UtilsTest.
    expect(partitionOfService('21', 1000)).toEqual({
      key: Uint8Array.of(0x32, 0x31),
      partition: (-973932308 & 0x7fffffff) % 1000,
    })
  })
})
