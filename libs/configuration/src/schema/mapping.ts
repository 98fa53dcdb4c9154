import { z } from 'zod'

/** A mapping with these keys and no others. */
export const mapping = <Shape extends z.ZodRawShape>(
  shape: Shape,
  description: string,
): z.ZodObject<Shape, z.core.$strict> => z.strictObject(shape).meta({ description })

/** At most so many items. */
export const list = <Item extends z.ZodType>(
  item: Item,
  max: number,
  description: string,
): z.ZodArray<Item> => z.array(item).max(max).meta({ description })

/** Keys of a mapping that people choose; `faultOf` says what is wrong with one, or null. */
export const names = (pattern: RegExp, faultOf: (name: string) => string | null): z.ZodString =>
  z
    .string()
    .meta({ pattern: pattern.source })
    .check((context) => {
      const fault = faultOf(context.value)
      if (fault !== null)
        context.issues.push({ code: 'custom', message: fault, input: context.value })
    })
