export { createRecords, type Records, type RecordsOptions } from './redis/create-records.ts'
