export { createApiSeals, createWorkerSeals, noSeals, type Seals } from './seals.ts'
export { digestBy, linkTo, textOf, type Seal } from './seal.ts'
