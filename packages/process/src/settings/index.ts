export { readSettings, type EnvironmentVariable, type SettingsSource } from './read-settings.ts'
export { parseYaml, readYaml, type FieldError } from './parse-yaml.ts'
export { toJsonSchema, type JsonSchema } from './json-schema.ts'
export { LogLevel, RedisUrl } from './fields.ts'
