export { createMasker, type Masker } from './create-masker.ts'
export { shortestSecret } from './forms-of-secret.ts'
export type { LineMasker } from './line-masker.ts'
