export { readSettings, type EnvironmentVariable, type SettingsSource } from './read-settings.ts'
export { parseYaml, type FieldError } from './parse-yaml.ts'
export { LogLevel, RedisUrl } from './fields.ts'
