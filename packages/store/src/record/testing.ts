export { seedDeployments, type Seed } from './redis/testing/seed-deployments.ts'
