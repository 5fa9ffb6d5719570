export { createApiSeals, createWorkerSeals, noSeals, type Seals } from './seals.ts'
export { linkTo, textOf, type Seal } from './seal.ts'
