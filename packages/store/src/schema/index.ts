export { prepareSchema, type Migration, type SchemaOptions } from './prepare-schema.ts'
