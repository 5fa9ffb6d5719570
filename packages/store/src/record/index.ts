export { createRecords, type Records, type RecordsOptions } from './redis/create-records.ts'
export type { DeploymentOrder } from './redis/create-deployment.ts'
export type { Follow, FollowOptions } from './redis/live-reader.ts'
