import { z } from 'zod'

/** A JSON Schema of a part of a file, with the keywords that are read here. */
export interface JsonSchema {
  $schema?: string
  title?: string | undefined
  description?: string
  type?: string | string[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: JsonSchema | boolean
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  enum?: unknown[]
  const?: unknown
  default?: unknown
  examples?: unknown[]
  minimum?: number
  maximum?: number
}

/**
 * Returns the JSON Schema of a file that people write, for editors and other validators: draft 7, which YAML language servers know
 * best. Rules between several settings are not part of it; whoever reads the file checks them.
 */
export function toJsonSchema(schema: z.ZodType, { title }: { title: string }): JsonSchema {
  const { $schema = '', ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    // zod leaves the examples of what it transforms out, as they might be of the result. Ours are what people write.
    override: ({ zodSchema, jsonSchema }) => {
      const { examples } = z.globalRegistry.get(zodSchema) ?? {}
      if (Array.isArray(examples)) jsonSchema.examples = examples
    },
  }) as JsonSchema
  return { $schema, title, ...rest }
}
