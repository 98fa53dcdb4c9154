import { z } from 'zod'
import { file } from './schema/file.ts'

export type JsonSchema = {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | false
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly oneOf?: readonly JsonSchema[]
  readonly const?: string
  readonly enum?: readonly string[]
  readonly examples?: readonly (string | number)[]
}

/** What editors need to know of `tidemark.yaml`, as JSON Schema (2020-12). What a value must be beyond its form, reading it says. */
export const jsonSchema = (): JsonSchema => {
  const { $schema, ...schema } = z.toJSONSchema(file, {
    io: 'input',
    reused: 'inline',
  }) as JsonSchema & {
    readonly $schema: string
  }
  const { services, ...others } = schema.properties ?? {}
  return {
    ...{ $schema, title: 'tidemark.yaml' },
    ...schema,
    properties: {
      // Keys that nothing stands behind are as good as left out.
      services: orNothing({
        ...services,
        additionalProperties: orNothing((services?.additionalProperties ?? {}) as JsonSchema),
      }),
      ...Object.fromEntries(Object.entries(others).map(([key, each]) => [key, orNothing(each)])),
    },
  }
}

const orNothing = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  type: [schema.type ?? [], 'null'].flat(),
  ...(schema.enum !== undefined && { enum: [...schema.enum, null as unknown as string] }),
})
