import type { Digest, EventType, Fact, Id, TidemarkEvent } from '@tidemark/model'
import type { currentSchemas } from '@tidemark/schemas'

type Schemas = typeof currentSchemas

/** The event of a name. */
export type EventOf<E extends EventType> = Extract<TidemarkEvent, { readonly type: E }>

/**
 * Where a schema and a type say different things, as paths; `never` when they agree. Both are written by hand, because each says what
 * the other cannot (byte widths there; brands, closed lists and comments here), so the compiler compares them field by field.
 */
export type DriftOf<Schema, Type, Path extends string> = Compare<
  Schema,
  Omit<Type, 'type'>,
  NamedIn<Schema>,
  Path
>

/** Fields of schemas that are a `string` there and one of a closed list here: decoding must check them, by `Record.field`. */
export type ClosedStringField = ValueOf<{
  [E in Known]: ClosedIn<Schemas[E], EventOf<E>, NamedIn<Schemas[E]>>
}>

/** Does not compile while a schema and a type differ: the compiler then misses a property here for every such place. */
export const schemasFitTypes: { readonly [Place in SchemaDrift]: never } = {}

type SchemaDrift = ValueOf<
  { [E in Known]: DriftOf<Schemas[E], EventOf<E>, E> } & {
    [E in Exclude<EventType, keyof Schemas>]: `${E}: no schema`
  } & { [E in Exclude<keyof Schemas, EventType>]: `${E}: no type` }
>

type Known = Extract<EventType, keyof Schemas>
type ValueOf<T> = T[keyof T]

type Compare<Schema, Type, Names, Path extends string> = Schema extends string
  ? Schema extends keyof PrimitiveTypes
    ? Agree<Type, PrimitiveTypes[Schema], Path>
    : Compare<Extract<Names, { readonly name: Schema }>, Type, Names, Path>
  : Schema extends readonly ['null', infer Value]
    ? null extends Type
      ? Compare<Value, Exclude<Type, null>, Names, Path>
      : `${Path}: null in the schema only`
    : Schema extends { readonly type: 'record'; readonly fields: infer Fields extends AnyFields }
      ? CompareFields<Fields[number], Type, Names, Path>
      : Schema extends { readonly type: 'array'; readonly items: infer Items }
        ? Type extends readonly (infer Item)[]
          ? Compare<Items, Item, Names, `${Path}[]`>
          : `${Path}: an array in the schema only`
        : Schema extends { readonly type: 'enum'; readonly symbols: readonly (infer Symbols)[] }
          ? Agree<Type, Symbols, Path>
          : Schema extends { readonly type: 'fixed'; readonly name: infer Name }
            ? Name extends keyof FixedTypes
              ? Agree<Type, FixedTypes[Name], Path>
              : `${Path}: a fixed that has no type`
            : Schema extends { readonly logicalType: 'tidemark-fact' }
              ? Equal<Type, Fact, Path>
              : Schema extends { readonly type: infer Primitive }
                ? Compare<Primitive, Type, Names, Path>
                : `${Path}: a kind of schema that is not compared`

type CompareFields<Fields extends AnyField, Type, Names, Path extends string> =
  | `${Path}.${Exclude<Fields['name'], keyof Type>}: in the schema only`
  | `${Path}.${Exclude<keyof Type & string, Fields['name']>}: in the type only`
  | {
      [Name in Fields['name'] & keyof Type]: Compare<
        Extract<Fields, { readonly name: Name }>['type'],
        Type[Name],
        Names,
        `${Path}.${Name}`
      >
    }[Fields['name'] & keyof Type]

/** A `string` may be narrower in the type, a closed list; everything else is equal. */
type Agree<Type, Expected, Path extends string> = [Expected] extends [string]
  ? string extends Expected
    ? [Type] extends [string]
      ? Type extends Id | Digest
        ? `${Path}: another type`
        : never
      : `${Path}: another type`
    : Equal<Type, Expected, Path>
  : Equal<Type, Expected, Path>

type Equal<Type, Expected, Path extends string> = [Type] extends [Expected]
  ? [Expected] extends [Type]
    ? never
    : `${Path}: another type`
  : `${Path}: another type`

type ClosedIn<Schema, Type, Names> = Schema extends string
  ? Schema extends keyof PrimitiveTypes
    ? never
    : ClosedIn<Extract<Names, { readonly name: Schema }>, Type, Names>
  : Schema extends readonly ['null', infer Value]
    ? ClosedIn<Value, Exclude<Type, null>, Names>
    : Schema extends { readonly type: 'array'; readonly items: infer Items }
      ? Type extends readonly (infer Item)[]
        ? ClosedIn<Items, Item, Names>
        : never
      : Schema extends {
            readonly type: 'record'
            readonly name: infer Name extends string
            readonly fields: infer Fields extends AnyFields
          }
        ? ClosedInFields<Fields[number], Type, Names, Name>
        : never

type ClosedInFields<Fields extends AnyField, Type, Names, Record extends string> = {
  [Name in Fields['name'] & keyof Type]: Extract<
    Fields,
    { readonly name: Name }
  >['type'] extends 'string'
    ? string extends Type[Name]
      ? never
      : `${Record}.${Name}`
    : ClosedIn<Extract<Fields, { readonly name: Name }>['type'], Type[Name], Names>
}[Fields['name'] & keyof Type]

/** Every definition inside a schema, for names that refer back to it. */
type NamedIn<Schema> = Schema extends string
  ? never
  : Schema extends readonly (infer Branch)[]
    ? NamedIn<Branch>
    : Schema extends { readonly type: 'record'; readonly fields: infer Fields extends AnyFields }
      ? Schema | NamedIn<Fields[number]['type']>
      : Schema extends { readonly type: 'array'; readonly items: infer Items }
        ? NamedIn<Items>
        : Schema extends { readonly type: 'enum' | 'fixed' }
          ? Schema
          : never

type AnyField = { readonly name: string; readonly type: unknown }
type AnyFields = readonly AnyField[]

type PrimitiveTypes = {
  boolean: boolean
  int: number
  long: number
  string: string
  bytes: Uint8Array
}

type FixedTypes = { Uuid: string; Id: Id; Digest: Digest }
