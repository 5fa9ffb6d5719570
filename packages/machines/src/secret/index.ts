export { createSecrets } from './create-secrets.ts'
export { SecretsOptions } from './secrets-options.ts'
